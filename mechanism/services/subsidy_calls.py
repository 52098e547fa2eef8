"""Publish, prolong and cancel the calls of 专项资金."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.transitions import transition
from core.plain_text import clean_required_text
from mechanism.models import SubsidyCall
from mechanism.services.measures import require_city_staff
from mechanism.subsidy_words import day_text

Status = SubsidyCall.Status


@transaction.atomic
def publish_call(call: SubsidyCall, *, by: User) -> None:
    """Publish; the terms are fixed from now on. Raises PermissionDenied, ValidationError."""
    require_city_staff(by)
    if call.budget.policy.published_at is None:
        raise ValidationError(f"政策“{call.budget.policy}”还没有公开，请先公开政策。")
    if call.closes_on < timezone.localdate():
        raise ValidationError(f"“申报截止”是{day_text(call.closes_on)}，已经过了，请改成以后的日期。")
    transition(
        call,
        when={"status": Status.DRAFT},
        values={"status": Status.PUBLISHED, "published_at": timezone.now()},
        refusal=lambda row: f"这份通知{row.get_status_display()}，不能再发布。",
        action="发布专项资金申报通知",
        by=by,
        changes={"status": [Status.DRAFT, Status.PUBLISHED]},
    )


@transaction.atomic
def prolong_call(call: SubsidyCall, *, closes_on: date, by: User) -> None:
    """A later last day; an earlier one would cut off who relies on it. Raises PermissionDenied, ValidationError."""
    require_city_staff(by)
    before = call.closes_on
    if closes_on <= before or closes_on < timezone.localdate():
        raise ValidationError(f"新的截止日期要晚于{day_text(before)}，并且不早于今天。")
    transition(
        call,
        when={"status": Status.PUBLISHED, "closes_on__lt": closes_on},
        values={"closes_on": closes_on},
        refusal="这份通知没有发布，或截止日期刚刚改过，请刷新页面。",
        action="延长专项资金申报",
        by=by,
        changes={"closes_on": [str(before), str(closes_on)]},
    )


@transaction.atomic
def cancel_call(call: SubsidyCall, *, reason: str, by: User) -> None:
    """Cancel a call to which nobody has submitted an application. Raises PermissionDenied, ValidationError."""
    require_city_staff(by)
    reason = clean_required_text(reason, "请写明取消的原因。", 200)
    SubsidyCall.objects.select_for_update(no_key=True).get(pk=call.pk)
    if call.applications.live().filter(submitted_at__isnull=False).exists():
        raise ValidationError("已经有单位提交申报，不能取消。请办理完这些申报。")
    before = call.status
    transition(
        call,
        when={"status__in": [Status.DRAFT, Status.PUBLISHED]},
        values={"status": Status.CANCELLED, "cancelled_reason": reason},
        refusal="这份通知已经取消了。",
        action="取消专项资金申报通知",
        by=by,
        changes={"status": [before, Status.CANCELLED], "reason": [None, reason]},
    )
