"""End an approach with a reason, and take no more approaches of an organisation."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import constraint_message, transition
from core.plain_text import clean_reason
from enquiries.models import Approach, ApproachBlock, TalkTime
from enquiries.models.approach import Side
from enquiries.permissions import acting_side
from enquiries.services.notifications import notify_event, people_of, settle_approach_notices
from enquiries.services.texts import checked_text
from enquiries.services.thread import add_event, lock_approach

Reason = Approach.EndReason


@transaction.atomic
def end_approach(approach: Approach, *, reason: str, by: User, note: str = "", origin: str = "") -> None:
    """结束 by either side, with a reason that both sides read. Only the sender withdraws. origin: as in `post_message`.

    Raises PermissionDenied for others, ValidationError without a reason or if it is over.
    """
    row = lock_approach(approach)
    side = acting_side(row, by)
    if reason not in Reason.values or (reason == Reason.WITHDRAWN and side != row.sender_side):
        raise ValidationError("请选择结束的原因。")
    if reason == Reason.OTHER and not note.strip():
        raise ValidationError("请用一句话说明原因。")
    if note.strip():
        hides_firm = row.hides_firm and side == Side.FIRM
        note = checked_text(note, author=row.organisation_of(side), hides_firm=hides_firm, longest=300)
    now = timezone.now()
    values: dict[str, Any] = {
        "status": Approach.Status.ENDED,
        "ended_at": now,
        "ended_by": by,
        "ended_side": side,
        "end_reason": reason,
        "end_note": note.strip(),
    }
    if row.awaits_answer and side == row.recipient_side:  # a refusal is an answer
        values |= {"first_answered_at": now, "read_at": row.read_at or now}
    transition(
        row,
        when={"status__in": Approach.OPEN},
        values=values,
        refusal=lambda current: f"现在已是“{current.get_status_display()}”，不能再结束。",
        action="结束主动对接",
        by=by,
        changes={"status": [row.status, Approach.Status.ENDED], "end_reason": ["", reason]},
    )
    times = row.talk_times.filter(status__in=[TalkTime.Status.PROPOSED, TalkTime.Status.CHOSEN], starts_at__gt=now)
    times.update(status=TalkTime.Status.CANCELLED, decided_at=now, decided_by=by)
    for_both = [*people_of(row, Side.FIRM), *people_of(row, Side.INSTITUTION)]
    settle_approach_notices(row, for_both)
    text = f"{Side(side).label}结束：{Reason(reason).label}" + (f"。{note.strip()}" if note.strip() else "")
    add_event(row, text, by=by, side=side, origin=origin)
    notify_event(row, Side.INSTITUTION if side == Side.FIRM else Side.FIRM, text, "ended")
    approach.refresh_from_db()


@transaction.atomic
def block_sender(approach: Approach, *, reason: str, by: User) -> ApproachBlock:
    """不再接收 the approaches of this sender, by the recipient; the city sees the reason.

    An approach that is still open ends with it. Raises PermissionDenied for others, ValidationError without a reason.
    """
    row = lock_approach(approach)
    side = acting_side(row, by)
    if side != row.recipient_side:
        raise PermissionDenied("只有收到的一方可以不再接收。")
    reason = clean_reason(reason, "反复发来与成果无关的推销")
    block = ApproachBlock(by_organisation=row.recipient, blocked=row.sender, approach=row, reason=reason, made_by=by)
    try:
        with transaction.atomic():
            block.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, ApproachBlock)) from None
    record("不再接收对方的主动对接", row, by=by, changes={"reason": [None, reason]})
    if row.is_open:
        end_approach(row, reason=Reason.NOT_FIT, by=by)
    approach.refresh_from_db()
    return block


def lift_block(block: ApproachBlock, *, by: User) -> None:
    """Receive approaches again, by the organisation that blocked or by city staff. Raises PermissionDenied."""
    own = block.by_organisation_id in by.scope.institution_ids | by.scope.firm_ids
    if not (own or by.scope.is_city):
        raise PermissionDenied("只有本单位或市级专员可以恢复接收。")
    transition(
        block,
        when={"ended_at": None},
        values={"ended_at": timezone.now(), "ended_by": by},
        refusal="已经恢复接收了。",
        action="恢复接收主动对接",
        by=by,
    )
