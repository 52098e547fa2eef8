"""Outcomes of meetings, recorded by each side or by the table's host.

The latest outcome of a side counts; the audit trail keeps earlier ones. A phone may send an outcome hours later: `key`
makes it idempotent, and an older outcome that arrives after a newer one changes nothing. Before the slot of the meeting
begins there is no outcome, except one that staff record with a reason.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime

from accounts.models import User
from audit.changes import audit_value
from audit.services import record
from core.scope import scope_of
from matching.services.statements import Word
from rounds.models import DockingRound, Meeting, Outcome, Party, Placement
from rounds.services.check_in import clamp_moment
from rounds.services.meeting_follow_up import follow_up_outcome

Side = Outcome.Side
Verdict = Outcome.Verdict
AUDITED_FIELDS = ("verdict", "reason", "note", "next_step", "next_on", "intent_wan", "is_signed", "early_reason")
RECORDING_STATUSES = (DockingRound.Status.RUNNING, DockingRound.Status.CLOSED)
MAX_NEXT_CONTACT = timedelta(days=730)


@dataclass(frozen=True)
class OutcomeInput:
    """The outcome of a meeting as one side records it; `intent_wan` in 万元.

    `early_reason`: why staff record it before the slot begins.
    """

    verdict: str
    reason: str = ""
    note: str = ""
    next_step: str = ""
    next_on: date | None = None
    intent_wan: Decimal | None = None
    is_signed: bool = False
    early_reason: str = ""


@transaction.atomic
def record_outcome(
    meeting: Meeting,
    data: OutcomeInput,
    *,
    side: str,
    by: User | None = None,
    party: Party | None = None,
    key: UUID | None = None,
    at: datetime | None = None,
    word: Word | None = None,
) -> Outcome:
    """Record the outcome of one side or of the host. Without an account (`by` is None) `party` is the party of the
    invitation code, or of the link; then `word` says how the side spoke.

    A meeting with an outcome counts as held. Raises PermissionDenied if the user does not represent the side,
    ValidationError.
    """
    _check_speaker(meeting, side, by, party)
    row = Meeting.objects.select_for_update().select_related("docking_round").get(pk=meeting.pk)
    before = row.outcomes.filter(side=side).first()
    if before and key and before.key == key:
        return before
    if key and Outcome.objects.filter(key=key).exists():
        raise ValidationError("这一步的编号已经用过，请刷新页面后重新填写。")
    _check_state(row)
    data = _check_time(row, data, side, at)
    _check_one_speaker_per_side(row, data, side, by)
    at = clamp_moment(at)
    outcome = Outcome(
        pk=before.pk if before else None,
        meeting=row,
        side=side,
        recorded_by=by,
        recorded_at=at,
        key=key,
        **_consistent_values(data),
    )
    outcome.full_clean(validate_unique=False, exclude=["meeting"])
    _check_days(outcome, row)
    speaker = by or party
    if before and before.recorded_at > at:
        record("收到较早的洽谈结果", before, by=by, changes=_changes(before, outcome) | {"from": [None, str(speaker)]})
        return before
    outcome.save(force_update=bool(before), force_insert=not before)
    record("记录洽谈结果", outcome, by=by, changes=_changes(before, outcome) | {"from": [None, str(speaker)]})
    _mark_held(row, at, by)
    follow_up_outcome(outcome, by=by, word=word)
    meeting.refresh_from_db()
    return outcome


def outcome_opens_at(meeting: Meeting) -> datetime:
    """The moment from which its sides may record an outcome: its slot as it is published now, or the round's start."""
    starts_at = Placement.objects.current().filter(meeting=meeting).values_list("slot__starts_at", flat=True).first()
    return starts_at or meeting.docking_round.starts_at


def _check_speaker(meeting: Meeting, side: str, by: User | None, party: Party | None) -> None:
    if by is None:
        spoken_for = {meeting.firm_party_id: Side.FIRM, meeting.institution_party_id: Side.INSTITUTION}
        uninvited = (Party.Answer.LISTED, Party.Answer.WITHDRAWN)
        may = party is not None and spoken_for.get(party.pk) == side and party.answer not in uninvited
    elif side == Side.HOST:
        may = by.scope.is_city or (
            by.scope.is_district and Meeting.objects.hosted_by(by).filter(pk=meeting.pk).exists()
        )
    else:
        scope = scope_of(by)
        may = (
            meeting.firm_party.organisation_id in scope.firm_ids
            if side == Side.FIRM
            else side == Side.INSTITUTION and meeting.institution_party.organisation_id in scope.institution_ids
        )
    if not may:
        raise PermissionDenied("只有洽谈的双方和现场工作人员可以记录这场洽谈的结果；您登录的账号不代表这一方。")


def _check_state(meeting: Meeting) -> None:
    status = meeting.docking_round.status
    if status not in RECORDING_STATUSES:
        over = status == DockingRound.Status.ARCHIVED
        raise ValidationError("活动已归档，不能再改洽谈结果。" if over else "活动还没有开始，开始后再记录洽谈结果。")
    if meeting.status == Meeting.Status.DROPPED:
        raise ValidationError("这场洽谈已取消，请刷新查看新的安排。")
    if meeting.status == Meeting.Status.MISSED:
        raise ValidationError("这场洽谈记为未能进行；如果谈过，请联系现场工作人员改回。")


def _check_time(meeting: Meeting, data: OutcomeInput, side: str, at: datetime | None) -> OutcomeInput:
    """Refuse an outcome that was recorded before the meeting began; the device's own moment `at` cannot hide it."""
    now, opens_at = timezone.now(), outcome_opens_at(meeting)
    moment = min(at or now, now)
    if moment >= opens_at:
        return replace(data, early_reason="")
    opens = date_format(localtime(opens_at), "n月j日 H:i")
    if side != Side.HOST:
        if now < opens_at:
            raise ValidationError("这场洽谈 %(time)s 开始，开始以后才能记录结果。" % {"time": opens})
        raise ValidationError(
            "这条结果是在洽谈开始（%(time)s）以前填写的，没有记录；洽谈后请重新填写。" % {"time": opens}
        )
    if not data.early_reason.strip():
        words = "这场洽谈 %(time)s 才开始；确需提前记录的，请写明原因。" % {"time": opens}
        raise ValidationError({"early_reason": words})
    return replace(data, early_reason=data.early_reason.strip()[:200])


def _check_one_speaker_per_side(meeting: Meeting, data: OutcomeInput, side: str, by: User | None) -> None:
    """One user may belong to both organisations, but agrees only for one of them."""
    if by is None or side == Side.HOST or data.verdict == Verdict.NO_FIT:
        return
    others = meeting.outcomes.own().exclude(side=side).exclude(verdict=Verdict.NO_FIT)
    if others.filter(recorded_by=by).exists():
        raise ValidationError("您已代表另一方记录过结果，一个人不能同时代表双方；请由本单位的其他同事记录。")


def _check_days(outcome: Outcome, meeting: Meeting) -> None:
    first = localdate(meeting.docking_round.starts_at)
    if outcome.next_on and not first <= outcome.next_on <= first + MAX_NEXT_CONTACT:
        raise ValidationError({"next_on": "下次联系日期应在活动当天之后、两年之内。"})


def _consistent_values(data: OutcomeInput) -> dict[str, Any]:
    """Return the values that belong to the verdict; a phone may still send fields of an earlier verdict."""
    is_intent = data.verdict == Verdict.INTENT
    is_no = data.verdict == Verdict.NO_FIT
    return {
        "verdict": data.verdict,
        "reason": data.reason if is_no else "",
        "note": data.note,
        "next_step": "" if is_no else data.next_step,
        "next_on": None if is_no else data.next_on,
        "intent_wan": data.intent_wan if is_intent else None,
        "is_signed": data.is_signed and is_intent,
        "early_reason": data.early_reason,
    }


def _changes(before: Outcome | None, now: Outcome) -> dict[str, Any]:
    pairs = {
        name: [audit_value(getattr(before, name, None)), audit_value(getattr(now, name))] for name in AUDITED_FIELDS
    }
    return {"side": [None, now.side]} | {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _mark_held(meeting: Meeting, at: datetime, by: User | None) -> None:
    begun = Meeting.objects.filter(pk=meeting.pk, status=Meeting.Status.WANTED)
    ended = Meeting.objects.filter(pk=meeting.pk, status=Meeting.Status.BEGUN)
    values = {"status": Meeting.Status.HELD, "ended_at": at}
    if ended.update(**values) or begun.update(**values):
        label = [meeting.get_status_display(), str(Meeting.Status.HELD.label)]
        record("记录洽谈进行", meeting, by=by, changes={"status": label})
