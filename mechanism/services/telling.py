"""What people are told of the work given to them, and of requests to a base."""

from collections.abc import Collection

from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _

from accounts.models import Membership, Role
from mechanism.models import BaseRequest, Measure, Remark
from notices.models import NoticeKind
from notices.recipients import district_officers
from notices.services import notify, settle_notices, withdraw_notices
from notices.services.notifications import NoticeDraft

BASE_REQUESTS = reverse_lazy("base_requests")


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


def line(measure: Measure, person: int, text: str, what: str) -> NoticeDraft:
    path = reverse("admin:mechanism_measure_page", args=[measure.public_id])
    return NoticeDraft(person, NoticeKind.WORK, text, path, about(measure), f"{about(measure)} {what}")


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
    settle_notices(about(measure), [NoticeKind.WORK])


def _given(measure: Measure) -> str:
    title = measure.title[:100]
    if measure.due_on is None:
        return _("交给您一项举措：“%(title)s”。") % {"title": title}
    return _("交给您一项举措，请在 %(day)s前完成：“%(title)s”。") % {"title": title, "day": day(measure.due_on)}


def day(date) -> str:
    return _("%(month)s 月 %(day)s 日") % {"month": date.month, "day": date.day}


# --- Requests to a base ----------------------------------------------------------------------------------------------
def asked(request: BaseRequest) -> None:
    """Those who run the base learn of it, or the city's officers where nobody of it is on the platform."""
    text = _("%(who)s申请使用“%(base)s”：%(what)s") % {
        "who": request.organisation,
        "base": request.base,
        "what": request.what[:120],
    }
    _tell(request, _answerers(request.base), text, "asked")


def answered(request: BaseRequest) -> None:
    settle_notices(_about(request), [NoticeKind.BASE])
    text = _("“%(base)s”%(state)s您的申请：%(answer)s") % {
        "base": request.base,
        "state": request.get_status_display(),
        "answer": request.answer or _("请与基地联系安排。"),
    }
    _tell(request, {request.asked_by_id} - {request.answered_by_id}, text, "answered")


def withdrawn(request: BaseRequest) -> None:
    withdraw_notices(_about(request))


def _answerers(base) -> set[int]:
    runs = Membership.objects.filter(user__is_active=True)
    people = set(runs.filter(organisation=base.organisation_id).values_list("user", flat=True))
    return people or set(runs.filter(role=Role.CITY).values_list("user", flat=True))


def _about(request: BaseRequest) -> str:
    return f"base request {request.public_id}"


def _tell(request: BaseRequest, people: set[int], text: str, what: str) -> None:
    about = _about(request)
    notify(NoticeDraft(person, NoticeKind.BASE, text, BASE_REQUESTS, about, f"{about} {what}") for person in people)
