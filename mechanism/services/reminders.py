"""Reminders to the people responsible for measures: a week before a deadline, and weekly after it."""

from datetime import date

from django.db.models import Q
from django.utils import timezone

from mechanism.models import DUE_SOON, Measure
from mechanism.services.notifications import format_day, measure_notice, measure_recipients
from notices.services import notify


def remind_owners() -> int:
    """Remind of due and overdue measures. Repeated runs send nothing twice. Returns the number of notices sent."""
    today = timezone.localdate()
    is_due = Q(deadline__lte=today + DUE_SOON)
    due = Measure.objects.open().with_state().filter(is_due).select_related("organisation")
    measures = list(due)
    recipients = measure_recipients(measures)
    return notify(
        measure_notice(measure, recipient, _text(measure.title, day, today), _event(day, today))
        for measure in measures
        if (day := measure.deadline)
        for recipient in recipients.get(measure.pk, ())
    )


def _event(deadline: date, today: date) -> str:
    weeks = (today - deadline).days // 7
    return f"due {deadline}" if deadline >= today else f"late {deadline} {weeks}"


def _text(title: str, deadline: date, today: date) -> str:
    late = (today - deadline).days
    values = {"title": title[:100], "day": format_day(deadline), "late": late}
    if deadline >= today:
        return "请在 %(day)s前完成或报告进展：“%(title)s”。" % values
    return "已逾期 %(late)s 天，请尽快办理并报告进展：“%(title)s”。" % values
