"""What people are told of the work given to them, and of requests to a base."""

from collections.abc import Collection

from django.urls import reverse
from django.utils.translation import gettext as _

from mechanism.models import Measure, Remark
from notices.models import Kind
from notices.recipients import district_officers
from notices.services import notify, settle_notices
from notices.services.telling import Line


def about(measure: Measure) -> str:
    return f"measure {measure.public_id}"


def people_of(measures: Collection[Measure]) -> dict[int, set[int]]:
    """{measure: who is to be told of it}: its owner, or else all officers of the district it is given to."""
    orphans = [one for one in measures if one.owner_id is None and one.organisation and one.organisation.stat_region_id]
    officers = district_officers({one.organisation.stat_region_id for one in orphans}) if orphans else {}
    found = {one.pk: {one.owner_id} for one in measures if one.owner_id}
    for one in orphans:
        if one.organisation.kind == one.organisation.Kind.DISTRICT:
            found[one.pk] = set(officers.get(one.organisation.stat_region_id, ()))
    return found


def line(measure: Measure, person: int, text: str, what: str) -> Line:
    path = reverse("admin:mechanism_measure_page", args=[measure.public_id])
    return Line(person, Kind.WORK, text, path, about(measure), f"{about(measure)} {what}")


def given(measures: Collection[Measure], by) -> None:
    """Whoever has to do it learns of it; not who gave it to themselves."""
    people = people_of(measures)
    notify(
        line(one, person, _given(one), f"given {person}")
        for one in measures
        for person in people.get(one.pk, set()) - {by.pk}
    )


def told_owner(measure: Measure, *, by) -> None:
    """A measure was entered or given to somebody else in the admin."""
    given([measure], by)


def commented(remark: Remark) -> None:
    measure = remark.measure
    text = _("%(who)s对举措“%(title)s”提出意见：%(text)s") % {
        "who": remark.by,
        "title": measure.title[:60],
        "text": remark.text[:200],
    }
    people = people_of([measure]).get(measure.pk, set()) - {remark.by_id}
    notify(line(measure, person, text, f"comment {remark.pk}") for person in people)


def settled(measure: Measure) -> None:
    """It is over: nobody has to be reminded of it any more."""
    settle_notices(about(measure), [Kind.WORK])


def _given(measure: Measure) -> str:
    title = measure.title[:100]
    if measure.due_on is None:
        return _("交给您一项举措：“%(title)s”。") % {"title": title}
    return _("交给您一项举措，请在 %(day)s前完成：“%(title)s”。") % {"title": title, "day": day(measure.due_on)}


def day(date) -> str:
    return _("%(month)s 月 %(day)s 日") % {"month": date.month, "day": date.day}
