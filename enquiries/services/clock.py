"""The clock of approaches: the recipient is reminded, then the firm's district and the city hear of the delay."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from core.workdays import add_workdays
from enquiries.models import Approach
from enquiries.permissions import may_remind
from enquiries.services.notifications import notify_city, notify_district, notify_reminder
from enquiries.services.thread import add_event, lock_approach


def run_clock() -> int:
    """Do what is due for each unanswered approach, each step once. Safe to run twice. Returns the number of steps."""
    today = timezone.localdate()
    waiting = Approach.objects.awaiting_answer().with_pair()
    soon = add_workdays(today, settings.APPROACH_REMIND_WORKDAYS)
    steps = 0
    for approach in waiting.filter(reminded_at=None, answer_due_on__lte=soon):
        steps += _once(approach, "reminded_at", lambda row: notify_reminder(row, "reminder"), "")
    for approach in waiting.filter(district_told_at=None, answer_due_on__lt=today):
        steps += _once(approach, "district_told_at", notify_district, "逾期没有答复，已提请区县专员督促")
    for approach in waiting.filter(city_told_at=None, district_told_at__isnull=False, answer_due_on__lt=today):
        if add_workdays(approach.answer_due_on, settings.APPROACH_CITY_WORKDAYS) < today:
            steps += _once(approach, "city_told_at", notify_city, "仍没有答复，已提请市科技局督促")
    return steps


@transaction.atomic
def remind_recipient(approach: Approach, *, by: User) -> None:
    """催办 by staff, at most once a day. Raises PermissionDenied out of scope, ValidationError."""
    row = lock_approach(approach)
    if not may_remind(row, by):
        raise PermissionDenied("这条主动对接不由您督促。")
    if not row.awaits_answer:
        raise ValidationError("对方已经答复，不需要提醒。")
    today = timezone.localdate()
    text = "工作人员提醒对方答复"
    if row.messages.filter(is_event=True, text=text, sent_at__date=today).exists():
        raise ValidationError("今天已经提醒过，请明天再提醒。")
    add_event(row, text, by=by)
    notify_reminder(row, f"staff {today.isoformat()}")
    record("提醒答复主动对接", row, by=by)


def _once(approach: Approach, field: str, notify: Callable[[Approach], None], event: str) -> int:
    """Set the time of the step if it is not set, and notify; another worker may be doing the same."""
    with transaction.atomic():
        waiting = Approach.objects.filter(pk=approach.pk, status__in=Approach.UNANSWERED, **{f"{field}__isnull": True})
        if not waiting.update(**{field: timezone.now()}):
            return 0
        notify(approach)
        if event:
            add_event(approach, event, by=None)
    return 1
