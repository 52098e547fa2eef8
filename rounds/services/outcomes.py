"""What came of a talk, as each side or the table's host says it.

The last one sent counts, the trail keeps the earlier ones. A phone may send it hours later: its `key` makes it one, and
an older one that arrives after a newer one changes nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from audit.changes import audit_value
from audit.services import record
from core.scope import scope_of
from rounds.models import DockingRound, Meeting, Outcome, Party
from rounds.services.check_in import moment_of
from rounds.services.meeting_follow_up import follow_outcome

Side = Outcome.Side
Verdict = Outcome.Verdict
KEPT = ("verdict", "reason", "note", "next_step", "next_on", "intent_wan", "is_signed")
AFTER_THE_START = (DockingRound.Status.RUNNING, DockingRound.Status.CLOSED)
FURTHEST = timedelta(days=730)


@dataclass(frozen=True)
class Said:
    """What one side says of a talk; `intent_wan` in 万元."""

    verdict: str
    reason: str = ""
    note: str = ""
    next_step: str = ""
    next_on: date | None = None
    intent_wan: Decimal | None = None
    is_signed: bool = False


@transaction.atomic
def record_outcome(
    meeting: Meeting,
    said: Said,
    *,
    side: str,
    by=None,
    party: Party | None = None,
    key: UUID | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Write down what a side (or the host) says. Without an account (`by` is None) `party` is whose code was shown.

    A talk with an outcome has taken place. Raises PermissionDenied for who does not speak for the side,
    ValidationError for what cannot be said.
    """
    _check_speaker(meeting, side, by, party)
    row = Meeting.objects.select_for_update().select_related("docking_round").get(pk=meeting.pk)
    before = row.outcomes.filter(side=side).first()
    if before and key and before.key == key:
        return before
    _check_state(row)
    at = moment_of(at)
    outcome = Outcome(
        pk=before and before.pk, meeting=row, side=side, recorded_by=by, recorded_at=at, key=key, **_kept(said)
    )
    outcome.full_clean(validate_unique=False, exclude=["meeting"])
    _check_days(outcome, row)
    speaker = by or party
    if before and before.recorded_at > at:
        record("收到较早的洽谈结果", before, by=by, changes=_changes(before, outcome) | {"from": [None, str(speaker)]})
        return before
    outcome.save(force_update=bool(before), force_insert=not before)
    record("记录洽谈结果", outcome, by=by, changes=_changes(before, outcome) | {"from": [None, str(speaker)]})
    _has_taken_place(row, at, by)
    follow_outcome(outcome, by=by)
    meeting.refresh_from_db()
    return outcome


def _check_speaker(meeting: Meeting, side: str, by, party: Party | None) -> None:
    if by is None:
        spoken_for = {meeting.firm_party_id: Side.FIRM, meeting.office_party_id: Side.OFFICE}
        may = party is not None and spoken_for.get(party.pk) == side
    elif side == Side.HOST:
        may = by.scope.is_city or (
            by.scope.is_district and Meeting.objects.hosted_by(by).filter(pk=meeting.pk).exists()
        )
    else:
        scope = scope_of(by)
        may = (
            meeting.firm_party.organisation_id in scope.firm_ids
            if side == Side.FIRM
            else side == Side.OFFICE and meeting.office_party.organisation_id in scope.institution_ids
        )
    if not may:
        raise PermissionDenied(_("只有洽谈的双方和现场工作人员可以记录这场洽谈的结果。"))


def _check_state(meeting: Meeting) -> None:
    status = meeting.docking_round.status
    if status not in AFTER_THE_START:
        over = status == DockingRound.Status.ARCHIVED
        raise ValidationError(
            _("活动已归档，不能再改洽谈结果。") if over else _("活动还没有开始，开始后再记录洽谈结果。")
        )
    if meeting.status == Meeting.Status.DROPPED:
        raise ValidationError(_("这场洽谈已取消，请刷新查看新的安排。"))
    if meeting.status == Meeting.Status.MISSED:
        raise ValidationError(_("这场洽谈记为未能进行；如果谈过，请联系现场工作人员改回。"))


def _check_days(outcome: Outcome, meeting: Meeting) -> None:
    first = localdate(meeting.docking_round.starts_at)
    if outcome.next_on and not first <= outcome.next_on <= first + FURTHEST:
        raise ValidationError({"next_on": _("下次联系日期应在活动当天之后、两年之内。")})


def _kept(said: Said) -> dict:
    """What goes with the verdict, and nothing else: a phone keeps what was typed before the verdict was changed."""
    is_intent = said.verdict == Verdict.INTENT
    is_no = said.verdict == Verdict.NO_FIT
    return {
        "verdict": said.verdict,
        "reason": said.reason if is_no else "",
        "note": said.note,
        "next_step": "" if is_no else said.next_step,
        "next_on": None if is_no else said.next_on,
        "intent_wan": said.intent_wan if is_intent else None,
        "is_signed": said.is_signed and is_intent,
    }


def _changes(before: Outcome | None, now: Outcome) -> dict:
    pairs = {name: [audit_value(getattr(before, name, None)), audit_value(getattr(now, name))] for name in KEPT}
    return {"side": [None, now.side]} | {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _has_taken_place(meeting: Meeting, at: datetime, by) -> None:
    begun = Meeting.objects.filter(pk=meeting.pk, status=Meeting.Status.WANTED)
    ended = Meeting.objects.filter(pk=meeting.pk, status=Meeting.Status.BEGUN)
    held = {"status": Meeting.Status.HELD, "ended_at": at}
    if ended.update(**held) or begun.update(**held):
        label = [meeting.get_status_display(), str(Meeting.Status.HELD.label)]
        record("记录洽谈进行", meeting, by=by, changes={"status": label})
