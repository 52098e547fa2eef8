"""What a completer says by link, and what the office does with it: send, change and send, or leave aside."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from core.plain_text import clean_required_text
from correspondence.models import Handover
from correspondence.models.handover import MAX_ANSWER
from correspondence.services.handovers import require_office, settle, tell_officer
from correspondence.targets import is_waiting, own_response
from enquiries.models import Approach, ApproachMessage
from enquiries.services.closing import end_approach
from enquiries.services.talks import LENGTHS, MAX_TIMES, propose_times, require_reasonable
from enquiries.services.texts import checked_text
from enquiries.services.thread import post_message
from matching.models import Question
from matching.services.questions import answer_question
from matching.services.side_responses import answer_unwilling

Kind = Handover.Kind
Origin = ApproachMessage.Origin


@transaction.atomic
def answer_by_link(
    handover: Handover,
    kind: str,
    *,
    text: str = "",
    reason: str = "",
    starts: Sequence[datetime] = (),
    minutes: int = 60,
    place: str = "",
) -> bool:
    """Store the completer's answer, which may be changed until the office has decided. Returns whether it was sent on.

    The caller has checked the token. Raises ValidationError for a text that may not be sent, for times out of range,
    and when the question is closed.
    """
    row = (
        Handover.objects.select_for_update(of=("self",))
        .select_related("institution", "achievement")
        .get(pk=handover.pk)
    )
    if not row.is_open or row.is_over or row.issue != handover.issue:
        raise ValidationError("单位已经处理过，或链接已经失效，不能再改。需要更正请联系单位的成果管理部门。")
    if not is_waiting(row.target):
        raise ValidationError("这个问题已经由单位答复，不用再写了，谢谢。")
    values = _checked(row, kind, text=text, reason=reason, starts=starts, minutes=minutes, place=place)
    transition(
        row,
        when={"decided_at": None, "revoked_at": None, "issue": row.issue},
        values=values | {"answered_at": timezone.now()},
        refusal="单位已经处理过，不能再改。",
        action="完成人凭链接答复",
        by=None,
        changes={"answer": [None, Kind(kind).label]},
    )
    sent = False
    officer = row.made_by
    if row.sends_at_once and officer.is_active and row.institution_id in officer.scope.institution_ids:
        try:
            with transaction.atomic():
                _send(row, by=officer, edited=None)
            sent = True
        except (ValidationError, PermissionDenied):  # the office sees why when it sends it
            row.refresh_from_db()
    if not sent:
        title = row.achievement.title[:60]
        tell_officer(row, f"完成人已答复关于“{title}”的问题，请核对后发送。", f"answer {timezone.now().isoformat()}")
    handover.refresh_from_db()
    return sent


def _checked(
    row: Handover, kind: str, *, text: str, reason: str, starts: Sequence[datetime], minutes: int, place: str
) -> dict[str, Any]:
    """Columns of the answer. Raises ValidationError with the name of the field."""
    if kind not in Kind.values or (kind == Kind.TIMES and row.approach is None):
        raise ValidationError("请选择怎样答复。")
    values: dict[str, Any] = {"kind": kind, "reason": "", "times": [], "place": "", "minutes": 60, "text": ""}
    if kind == Kind.UNFIT:
        if reason not in Handover.Reason.values:
            raise ValidationError({"reason": "请选择不合适的原因。"})
        values["reason"] = reason
    if kind == Kind.TIMES:
        values |= _checked_times(row, starts, minutes, place)
    needs_text = kind == Kind.TEXT or reason == Handover.Reason.OTHER
    if needs_text or text.strip():
        longest = 280 if kind == Kind.UNFIT else MAX_ANSWER
        prompt = "请写下答复。" if kind == Kind.TEXT else "请用一句话说明原因。"
        try:
            values["text"] = checked_text(text, author=row.institution, prompt=prompt, longest=longest)
        except ValidationError as error:
            raise ValidationError({"text": error.messages}) from None
    return values


def _checked_times(row: Handover, starts: Sequence[datetime], minutes: int, place: str) -> dict[str, Any]:
    if not 1 <= len(set(starts)) <= MAX_TIMES or minutes not in LENGTHS:
        raise ValidationError({"time_1": "请写 1 到 3 个时间，供对方选一个。"})
    try:
        require_reasonable(starts)
    except ValidationError as error:
        raise ValidationError({"time_1": error.messages}) from None
    prompt = "请写明地点，或怎样在线见面。"
    try:
        place = checked_text(place, author=row.institution, prompt=prompt, longest=100)
    except ValidationError as error:
        raise ValidationError({"place": error.messages}) from None
    return {"times": [moment.isoformat() for moment in sorted(set(starts))], "minutes": minutes, "place": place}


@transaction.atomic
def send_answer(handover: Handover, *, text: str, by: User, seen: str) -> None:
    """Send what the completer has provided, with the text as the office leaves it.

    seen: `version_of` the answer that the page showed. Raises PermissionDenied for another institution, ValidationError
    if the answer has changed since, was dealt with, or cannot be sent.
    """
    require_office(handover, by)
    row = (
        Handover.objects.select_for_update(of=("self",))
        .select_related("institution", "achievement")
        .get(pk=handover.pk)
    )
    if row.answered_at is None or not row.is_open:
        raise ValidationError("这一条没有等您核对的答复，请刷新页面。")
    if seen != version_of(row):
        raise ValidationError("完成人刚刚改过答复。请看过最新的内容再发送。")
    _send(row, by=by, edited=text)
    settle(row)
    handover.refresh_from_db()


def set_answer_aside(handover: Handover, *, reason: str, by: User) -> None:
    """Decide without sending: the office answers otherwise."""
    require_office(handover, by)
    reason = clean_required_text(reason, "请写明为什么不采用，例如“已电话核对，另行答复”。", 300, name="说明")
    transition(
        handover,
        when={"decided_at": None, "revoked_at": None, "answered_at": handover.answered_at},
        values={
            "decided_at": timezone.now(),
            "decided_by": by,
            "decision": Handover.Decision.ASIDE,
            "decision_note": reason,
        },
        refusal="这份答复刚刚被改过或处理过，请刷新页面。",
        action="没有采用完成人的答复",
        by=by,
    )
    settle(handover)


def version_of(handover: Handover) -> str:
    return handover.answered_at.isoformat() if handover.answered_at else ""


def _send(row: Handover, *, by: User, edited: str | None) -> None:
    """Pass the answer on by the services of what was asked. `edited`: the text of the office, None for the original."""
    text = row.text if edited is None else edited.replace("\r\n", "\n").strip()
    is_edited = text != row.text
    origin = Origin.EDITED if is_edited else Origin.COMPLETER
    target = row.target
    if not is_waiting(target):
        raise ValidationError("这个问题已经答复或结束，不能再发送。请选“不采用”。")
    if isinstance(target, Approach):
        _send_to_firm(row, target, text, origin, by)
    elif isinstance(target, Question):
        words = f"不合适：{row.get_reason_display()}。{text}" if row.kind == Kind.UNFIT else text
        answer_question(target, text=checked_text(f"{words}\n（{origin.label}）", author=row.institution), by=by)
    else:
        response = own_response(target)
        if response is None:
            raise ValidationError("这项对接已经不等本单位答复。")
        if row.kind == Kind.UNFIT:
            answer_unwilling(response, reason=row.reason, note=text, by=by)
    decision = Handover.Decision.EDITED if is_edited else Handover.Decision.SENT
    transition(
        row,
        when={"decided_at": None, "revoked_at": None, "answered_at": row.answered_at},
        values={"decided_at": timezone.now(), "decided_by": by, "decision": decision},
        refusal="这份答复刚刚被改过或处理过，请刷新页面。",
        action="发送完成人的答复",
        by=by,
        changes={"answer": [row.get_kind_display(), decision.label]},
    )
    record("发送完成人的答复", target, by=by, changes={"handover": [None, row.public_id]})


def _send_to_firm(row: Handover, approach: Approach, text: str, origin: str, by: User) -> None:
    if row.kind == Kind.UNFIT:
        end_approach(approach, reason=row.reason, note=text, by=by, origin=origin)
        return
    if row.kind == Kind.TIMES:
        propose_times(approach, starts=row.starts, minutes=row.minutes, place=row.place, by=by, origin=Origin.COMPLETER)
    if text:
        post_message(approach, text=text, by=by, origin=origin)
    elif row.kind == Kind.TEXT:
        raise ValidationError("请写下要发送的答复。")
