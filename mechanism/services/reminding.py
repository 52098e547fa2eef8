"""Owners are reminded a week before a day is due, and weekly after it has passed."""

from django.utils import timezone
from django.utils.translation import gettext as _

from mechanism.models import DUE_SOON, Measure
from mechanism.services.telling import day, line, people_of
from notices.services import notify


def remind_owners() -> int:
    """Tell who has something due or overdue; safe to run often, the same is told once. Returns how many were told."""
    today = timezone.localdate()
    due = Measure.objects.open().stated().filter(deadline__lte=today + DUE_SOON).select_related("organisation")
    measures = list(due)
    people = people_of(measures)
    return notify(
        line(one, person, _text(one, today), _what(one, today)) for one in measures for person in people.get(one.pk, ())
    )


def _what(measure: Measure, today) -> str:
    weeks = (today - measure.deadline).days // 7
    return f"due {measure.deadline}" if measure.deadline >= today else f"late {measure.deadline} {weeks}"


def _text(measure: Measure, today) -> str:
    words = {"title": measure.title[:100], "day": day(measure.deadline), "late": (today - measure.deadline).days}
    if measure.deadline >= today:
        return _("请在 %(day)s前完成或报告进展：“%(title)s”。") % words
    return _("已逾期 %(late)s 天，请尽快办理并报告进展：“%(title)s”。") % words
