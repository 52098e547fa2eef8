"""Reminders of measures, reports and obstacles: some days before a deadline, and weekly after it."""

from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from mechanism.models import DUE_SOON, Measure, Obstacle
from mechanism.services.notifications import format_day, measure_notice, measure_recipients, outside_admin
from mechanism.services.obstacle_notices import notify_due
from notices.services import notify

REPORT_SOON = timedelta(days=3)


def remind_owners() -> int:
    """Remind of due and overdue measures. Repeated runs send nothing twice. Returns the number of notices sent."""
    today = timezone.localdate()
    is_due = Q(deadline__lte=today + DUE_SOON)
    due = Measure.objects.open().with_state().filter(is_due).select_related("organisation")
    measures = list(due)
    recipients = measure_recipients(measures)
    outside = outside_admin(set().union(*recipients.values()))
    return notify(
        measure_notice(measure, recipient, _text(measure.title, day, today), _event(day, today), outside=outside)
        for measure in measures
        if (day := measure.deadline)
        for recipient in recipients.get(measure.pk, ())
    )


def remind_of_reports() -> int:
    """Remind of progress reports that are due within three days or late. Returns the number of notices sent."""
    today = timezone.localdate()
    measures = list(Measure.objects.awaiting_report(today + REPORT_SOON).select_related("organisation"))
    recipients = measure_recipients(measures)
    outside = outside_admin(set().union(*recipients.values()))
    return notify(
        measure_notice(
            measure, recipient, _report_text(measure.title, day, today), f"report {_event(day, today)}", outside=outside
        )
        for measure in measures
        if (day := measure.report_due_on)
        for recipient in recipients.get(measure.pk, ())
    )


def remind_of_obstacles() -> int:
    """Remind the offices of obstacles to answer within three days or late. Returns the number of notices sent."""
    today = timezone.localdate()
    due = Obstacle.objects.awaiting_answer().filter(due_on__lte=today + REPORT_SOON).select_related("kind", "solver")
    return sum(notify_due(obstacle, today, _event(obstacle.due_on, today)) for obstacle in due if obstacle.due_on)


def _report_text(title: str, day: date, today: date) -> str:
    if day >= today:
        return f"请在 {format_day(day)}前报告进展：“{title[:100]}”。"
    return f"进展报告已逾期 {(today - day).days} 天，请尽快报告：“{title[:100]}”。"


def _event(deadline: date, today: date) -> str:
    weeks = (today - deadline).days // 7
    return f"due {deadline}" if deadline >= today else f"late {deadline} {weeks}"


def _text(title: str, deadline: date, today: date) -> str:
    late = (today - deadline).days
    values = {"title": title[:100], "day": format_day(deadline), "late": late}
    if deadline >= today:
        return "请在 %(day)s前完成或报告进展：“%(title)s”。" % values
    return "已逾期 %(late)s 天，请尽快办理并报告进展：“%(title)s”。" % values
