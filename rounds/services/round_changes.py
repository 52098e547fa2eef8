"""Acts with a reason that everybody concerned is told of: postponing, cancelling, ending before the time; and taking
the last step of a round back."""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from matching.models import MatchRun
from notices.models import Notice
from rounds.models import Attendee, Away, DockingRound, GuestMessage, LostTable, Meeting, RoundMove
from rounds.services.guest_reach import WayCounts
from rounds.services.round_notifications import notify_guests, notify_round_moved
from rounds.services.rounds import apply_close, apply_move, check_city
from sheets.cells import clean_text

Status = DockingRound.Status
Step = RoundMove.Step
MAX_REASON = 200
AFTER_CANCELLING = (
    "贵单位公开的需求和成果照常参加匹配，不用重新发布；提出过的洽谈意愿，答复参加下一场活动以后可以接着提出。"
)
POSTPONABLE = (Status.GATHERING, Status.SCHEDULED)


@transaction.atomic
def cancel_round(docking_round: DockingRound, *, reason: str, by: User) -> WayCounts:
    """Any open status → 已取消. Raises PermissionDenied, ValidationError."""
    reason, row = _prepare(docking_round, reason, by)
    if row.status not in DockingRound.OPEN:
        raise ValidationError(
            "“%(round)s”现在是“%(now)s”，不能取消。" % {"round": row, "now": row.get_status_display()}
        )
    values = {"status": Status.CANCELLED, "sequence": row.sequence + 1}
    if row.status != Status.PREPARING and row.announced_at is None:
        values["announced_at"] = timezone.now()
    move = apply_move(row, Step.CANCEL, values, by=by, action="取消对接活动", reason=reason)
    return _tell(move, "“%(round)s”已取消，请不要前往。" % {"round": row}, docking_round, by, then=AFTER_CANCELLING)


@transaction.atomic
def postpone_round(docking_round: DockingRound, *, starts_at: datetime, reason: str, by: User) -> WayCounts:
    """Move an announced round that has not begun to another time, with its agenda, slots and the guests' times of
    presence; its length stays. Raises PermissionDenied, ValidationError."""
    reason, row = _prepare(docking_round, reason, by)
    if row.status not in POSTPONABLE:
        words = "还没有发布，直接改“基本信息”里的时间" if row.status == Status.PREPARING else "不能再改期"
        raise ValidationError(
            "“%(round)s”现在是“%(now)s”，%(words)s。" % {"round": row, "now": row.get_status_display(), "words": words}
        )
    shift = starts_at - row.starts_at
    if not shift:
        raise ValidationError("新的开始时间和原来的一样，请填写改到什么时候。")
    if starts_at <= timezone.now():
        raise ValidationError("新的开始时间已经过去，请填写以后的时间。")
    before = DockingRound.objects.get(pk=row.pk)
    values = {"starts_at": row.starts_at + shift, "ends_at": row.ends_at + shift, "sequence": row.sequence + 1}
    move = apply_move(row, Step.POSTPONE, values, by=by, action="对接活动改期", reason=reason)
    _shift_parts(row, shift)
    reached = notify_round_moved(before, row, by=by, reason=reason)
    RoundMove.objects.filter(pk=move.pk).update(parties_told=reached.sent)
    docking_round.refresh_from_db()
    return reached


@transaction.atomic
def end_round_early(docking_round: DockingRound, *, reason: str, by: User) -> WayCounts:
    """进行中 → 会后跟踪 before the last meeting has passed. Raises PermissionDenied, ValidationError."""
    reason, row = _prepare(docking_round, reason, by)
    if row.status != Status.RUNNING:
        raise ValidationError(
            "“%(round)s”现在是“%(now)s”，开始了的活动才能提前结束；不办了请用“取消活动”。"
            % {"round": row, "now": row.get_status_display()}
        )
    reached = notify_guests(
        row, "“%(round)s”提前结束。" % {"round": row}, reason=reason, key=_key(row, Step.END_EARLY), by=by
    )
    apply_close(row, Step.END_EARLY, by=by, reason=reason, parties_told=reached.sent)
    docking_round.refresh_from_db()
    return reached


def last_step(docking_round: DockingRound) -> RoundMove | None:
    """The step that led to the present status and can be taken back, if any."""
    steps = docking_round.moves.standing().exclude(step__in=[Step.BACK, Step.POSTPONE]).select_related("by")
    move = steps.order_by("-at", "-pk").first()
    return move if move and move.to_status == docking_round.status else None


def who_was_told(move: RoundMove) -> str:
    """Who has learned of the step or acted on it, as a phrase; empty while it can be taken back silently."""
    docking_round = move.docking_round
    if words := _told_by_message(move):
        return words
    if move.step == Step.ANNOUNCE and (invited := docking_round.parties.invited().count()):
        return "已邀请 %d 家单位" % invited
    if move.step == Step.BEGIN:
        people = Attendee.objects.filter(party__docking_round=docking_round, checked_in_at__gte=move.at).count()
        talks = docking_round.meetings.filter(status__in=Meeting.SAT_DOWN).count()
        texts = docking_round.announcements.filter(made_at__gte=move.at).count()
        numbers = ((people, "人已签到"), (talks, "场洽谈已开始"), (texts, "条现场通知已发出"))
        return "，".join(f"{number} {words}" for number, words in numbers if number)
    run = docking_round.match_run
    if move.step in (Step.CLOSE, Step.END_EARLY) and run and run.status == MatchRun.Status.DONE:
        return "会后匹配的结果已交给各区市县"
    return ""


def _told_by_message(move: RoundMove) -> str:
    """Guests who got a message of this step or were telephoned about it, else the officers who look after them."""
    if words := guests_told(move):
        return words
    about = f"round {move.docking_round.public_id}"
    notices = Notice.objects.filter(about=about, key__startswith=f"{about} {move.step} ")
    officers = notices.values("recipient").distinct().count()
    return "已通知 %d 位专员" % officers if officers else ""


def guests_told(move: RoundMove) -> str:
    """How many guests know of the step, as a phrase; empty if none do."""
    keys = f"round {move.docking_round.public_id} {move.step} "  # of the messages about this step; see `_key`
    calls = move.docking_round.guest_messages.filter(notice_key__startswith=keys, called_at__gte=move.at)
    called = calls.exclude(outcome=GuestMessage.Outcome.NO_REPLY).count()
    numbers = (("已通知 %d 家单位", move.parties_told), ("已打电话告诉 %d 家", called))
    return "，".join(text % number for text, number in numbers if number)


def why_not_taken_back(move: RoundMove, who: str) -> str:
    """Why this step can no longer be taken back, and what to do instead; empty if it can. `who`: of `who_was_told`."""
    is_final = who and move.step == Step.ANNOUNCE
    return "%s，不能再撤回发布。时间有变请用“改期”，不办了请用“取消活动”。" % who if is_final else ""


@transaction.atomic
def take_back(docking_round: DockingRound, *, by: User, reason: str = "") -> WayCounts:
    """Take the last step back: silently until somebody was told of it, afterwards with a reason that the guests are
    told. An announced round whose guests are invited does not return to preparation. Raises PermissionDenied,
    ValidationError."""
    check_city(by)
    row = DockingRound.objects.select_for_update(of=("self",)).get(pk=docking_round.pk)
    move = last_step(row)
    if move is None:
        raise ValidationError("“%(round)s”没有可以撤销的一步。" % {"round": row})
    reason, who = clean_text(reason)[:MAX_REASON], who_was_told(move)
    if final := why_not_taken_back(move, who):
        raise ValidationError(final)
    if who and not reason:
        raise ValidationError("%(who)s，撤销要写明原因，参会单位会收到通知。" % {"who": who})
    before = row.get_status_display()
    values: dict[str, Any] = {"status": move.from_status, "sequence": row.sequence + 1}
    if move.step == Step.ANNOUNCE:
        values["announced_at"] = None
    if move.step in (Step.CLOSE, Step.END_EARLY):
        values |= {"closed_at": None, "closed_by": None}
    back = apply_move(row, Step.BACK, values, by=by, action="撤销活动的一步", reason=reason)
    RoundMove.objects.filter(pk=move.pk).update(undone_at=timezone.now())
    words = "“%(round)s”由“%(before)s”恢复为“%(now)s”。" % {
        "round": row,
        "before": before,
        "now": row.get_status_display(),
    }
    if who:
        return _tell(back, words, docking_round, by)
    docking_round.refresh_from_db()
    return WayCounts()


def _prepare(docking_round: DockingRound, reason: str, by: User) -> tuple[str, DockingRound]:
    """The cleaned reason and the locked row. Raises PermissionDenied, ValidationError without a reason."""
    check_city(by)
    reason = clean_text(reason).rstrip("。")[:MAX_REASON]
    if not reason:
        raise ValidationError("请写明原因，收到通知的单位会看到。")
    return reason, DockingRound.objects.select_for_update(of=("self",)).get(pk=docking_round.pk)


def _tell(move: RoundMove, words: str, docking_round: DockingRound, by: User, *, then: str = "") -> WayCounts:
    """Tell the guests of an announced round."""
    row = move.docking_round
    reached = notify_guests(row, words, reason=move.reason, key=_key(row, move.step), by=by, then=then)
    RoundMove.objects.filter(pk=move.pk).update(parties_told=reached.sent)
    docking_round.refresh_from_db()
    return reached


def _key(row: DockingRound, step: str) -> str:
    return f"{step} {row.sequence}"


def _shift_parts(row: DockingRound, shift: timedelta) -> None:
    """Slots are moved one by one, the farthest first, so that none overlaps its neighbour on the way."""
    latest_first = shift > timedelta()
    for slot in row.slots.order_by("-starts_at" if latest_first else "starts_at"):
        slot.starts_at, slot.ends_at = slot.starts_at + shift, slot.ends_at + shift
        slot.save(update_fields=["starts_at", "ends_at"])
    now = timezone.now()
    row.agenda.active().update(
        starts_at=F("starts_at") + shift, ends_at=F("ends_at") + shift, sequence=F("sequence") + 1, changed_at=now
    )
    row.parties.update(arrives_at=F("arrives_at") + shift, leaves_at=F("leaves_at") + shift)
    LostTable.objects.filter(hall__docking_round=row).update(lost_at=F("lost_at") + shift)
    Away.objects.filter(party__docking_round=row).update(from_at=F("from_at") + shift, until_at=F("until_at") + shift)
