"""Reminders to the people responsible for measures: a week before a deadline, and weekly after it."""

from datetime import date

from django.utils import timezone

from mechanism.models import DUE_SOON, Measure
from mechanism.services.notifications import format_day, measure_notice, measure_recipients
from notices.services import notify


def remind_owners() -> int:
    """Remind of due and overdue measures. Repeated runs send nothing twice. Returns the number of notices sent."""
    today = timezone.localdate()
    due = Measure.objects.open().with_state().filter(deadline__lte=today + DUE_SOON).select_related("organisation")
    measures = list(due)
    recipients = measure_recipients(measures)
    return notify(
        measure_notice(measure, recipient, _text(measure, today), _event(measure, today))
        for measure in measures
        for recipient in recipients.get(measure.pk, ())
    )


def _event(measure: Measure, today: date) -> str:
    weeks = (today - measure.deadline).days // 7
    return f"due {measure.deadline}" if measure.deadline >= today else f"late {measure.deadline} {weeks}"


def _text(measure: Measure, today: date) -> str:
    late = (today - measure.deadline).days
    values = {"title": measure.title[:100], "day": format_day(measure.deadline), "late": late}
    if measure.deadline >= today:
        return "请在 %(day)s前完成或报告进展：“%(title)s”。" % values
    return "已逾期 %(late)s 天，请尽快办理并报告进展：“%(title)s”。" % values
