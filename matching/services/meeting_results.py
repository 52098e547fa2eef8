"""Results of a meeting between both sides of a pair.

If both sides go on, the match is accepted and its follow-up opened or continued; if the pair does not fit, the reason
is recorded as a decision from which the matching learns.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.services import record
from demands.models import Demand
from matching.models import Decision, FollowUp, FollowUpStep, Match, MatchRun, Question, SideResponse
from matching.services.decisions import ReviewStep, audit_changes, build_decision, to_json_value
from matching.services.follow_up_checks import schedule_checks
from matching.services.follow_up_owners import choose_owner
from matching.services.follow_up_status import close_locked, lock_follow_up, share_contacts
from matching.services.meeting_notifications import notify_follow_up_continues, notify_unfit

Side = Question.Side
State = FollowUp.Status
DAYS_TO_FIRST_STEP = 30
RELATED = ("demand__firm", "achievement__institution", "reviewed_by", "run")


@dataclass(frozen=True)
class MeetingResult:
    """A meeting after which both sides go on.

    `key` identifies the meeting, so that its result can be recorded again. `has_intent`: both sides declare an intent.
    `note`: the agreed next step; `next_on`: its day.
    """

    key: str
    met_on: date
    has_intent: bool
    note: str = ""
    next_on: date | None = None


@transaction.atomic
def follow_up_after_meeting(match: Match, result: MeetingResult, *, by: User | None) -> FollowUp:
    """Accept the match, open or continue its follow-up, and schedule the surveys of 30, 60 and 90 days.

    `by`: who recorded the result, None for a guest without an account. A closed follow-up is opened again. Recording
    the same result twice has no further effect.
    """
    match = Match.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=match.pk)
    row = FollowUp.objects.filter(match=match).first()
    owner = row.owner if row and row.owner.is_active else choose_owner(match)
    actor = by or owner
    _undo_unfit(match, result.key)
    _accept(match, result.key, actor, by)
    if row is None:
        row = _open(match, result, owner, actor, by)
    else:
        _continue(lock_follow_up(row.pk), result, actor, by)
        row.refresh_from_db()
    if row.is_agreed:
        schedule_checks(row, result.met_on)
    return row


@transaction.atomic
def record_unfit(
    match: Match, *, key: str, reason: str, by: User | None, notify_institution: bool = True
) -> Decision | None:
    """Record that a meeting showed that the pair does not fit. A running follow-up of the pair is closed.

    `key` identifies the meeting; `reason` is one of `Match.RejectReason`, no free text is stored. `notify_institution`
    is False if the institution gave the reason itself. Returns None if the same reason was recorded before. Raises
    ValidationError for an unknown reason.
    """
    if reason not in Match.RejectReason.values:
        raise ValidationError("请选择不合适的原因。")
    match = Match.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=match.pk)
    known = _decisions_of_meeting(match, Decision.Kind.UNFIT, key).first()
    if known and known.reason == reason:
        return None
    row = FollowUp.objects.filter(match=match).first()
    actor = by or (row.owner if row else choose_owner(match))
    _undo_unfit(match, key)
    decision = _decide(match, Decision.Kind.UNFIT, {}, key, actor, by, reason=reason)
    if row and row.is_running:
        note = "洽谈后不合适：" + str(Match.RejectReason(reason).label)
        close_locked(lock_follow_up(row.pk), FollowUp.CloseReason.NO_DEAL, by=actor, note=note)
    if notify_institution:
        notify_unfit(match, reason, key)
    return decision


@transaction.atomic
def create_manual_match(achievement: Achievement, demand: Demand, *, by: User, title: str) -> Match:
    """Return the match of the pair, or create one without a score because the sides met without a proposal.

    A new match belongs to a manual run called `title`, which is created if needed.
    """
    known = Match.objects.filter(achievement=achievement, demand=demand).first()
    if known:
        return known
    run = MatchRun.objects.filter(engine=MatchRun.MANUAL, title=title[:100]).first()
    now = timezone.now()
    run = run or MatchRun.objects.create(
        title=title[:100],
        engine=MatchRun.MANUAL,
        queued_by=by,
        status=MatchRun.Status.DONE,
        finished_at=now,
        snapshot_hash="",
    )
    match, is_new = Match.objects.get_or_create(
        achievement=achievement, demand=demand, defaults={"run": run, "first_run": run, "score": 0.0}
    )
    if is_new:
        record("手工建立匹配", match, by=by, changes={"run": [None, run.title]})
    return match


def _decisions_of_meeting(match: Match, kind: str, key: str) -> QuerySet[Decision]:
    return match.decisions.not_undone().filter(kind=kind, after__talk=key)


def _undo_unfit(match: Match, key: str) -> None:
    """A new result of the same meeting replaces the earlier one."""
    _decisions_of_meeting(match, Decision.Kind.UNFIT, key).update(undone_at=timezone.now())


def _accept(match: Match, key: str, actor: User, by: User | None) -> None:
    """Accept a match whatever its review said; the sides are not asked, because they have met."""
    if match.status == Match.Status.ACCEPTED:
        return
    changes = {
        "status": Match.Status.ACCEPTED,
        "reject_reason": "",
        "duplicate_of_id": None,
        "held_until": None,
        "reviewed_by_id": actor.pk,
        "reviewed_at": timezone.now(),
    }
    _decide(match, Decision.Kind.MET, changes, key, actor, by)


def _decide(
    match: Match, kind: str, changes: dict[str, Any], key: str, actor: User, by: User | None, *, reason: str = ""
) -> Decision:
    """Change a locked match and store the decision. The scope of `by` is not checked: both sides have spoken.

    `actor` fills columns that need a person: `by`, or else the owner. The audit record names only `by`, and nobody for
    a guest without an account.
    """
    Match.objects.filter(pk=match.pk).update(**changes, revision=F("revision") + 1)
    before = {name: to_json_value(getattr(match, name)) for name in changes}
    for name, value in changes.items():
        setattr(match, name, value)
    match.revision += 1
    decision = build_decision(match, kind, before, by=actor, step=ReviewStep(), reason=reason, extra={"talk": key})
    decision.save(force_insert=True)
    record("洽谈结果计入匹配", match, by=by, changes=audit_changes(decision))
    return decision


def _open(match: Match, result: MeetingResult, owner: User, actor: User, by: User | None) -> FollowUp:
    now = timezone.now()
    status = State.INTENT if result.has_intent else State.TALKS
    row = FollowUp.objects.create(
        match=match, owner=owner, status=status, opened_at=now, agreed_at=now, next_on=_next_day(result)
    )
    SideResponse.objects.bulk_create(
        SideResponse(follow_up=row, side=side, due_on=result.met_on, **_willing_in_person(actor)) for side in Side
    )
    _add_step(row, result, by)
    record("洽谈后跟进", row, by=by, changes={"status": [None, status], "owner": [None, str(owner)]})
    notify_follow_up_continues(row, by)
    return row


def _continue(row: FollowUp, result: MeetingResult, actor: User, by: User | None) -> None:
    """Update a locked follow-up after its sides have met."""
    target = State.INTENT if result.has_intent else row.status if row.status in FollowUp.FOLLOWED else State.TALKS
    is_repeated = row.status == target and row.steps.filter(note=_step_note(result)).exists()
    if row.status == State.DEAL or is_repeated:
        return
    if row.status in FollowUp.FOLLOWED:
        next_on = result.next_on if result.next_on and result.next_on > timezone.localdate() else row.next_on
        FollowUp.objects.filter(pk=row.pk).update(status=target, next_on=next_on)
        row.refresh_from_db()
        _add_step(row, result, by)
        record("洽谈后跟进", row, by=by, changes={"status": [row.status, target]})
        return
    before = row.status
    row.responses.exclude(status=SideResponse.Status.WILLING).update(
        **_willing_in_person(actor), reason="", note="", is_reason_shared=False, contact=None
    )
    FollowUp.objects.filter(pk=row.pk).update(
        status=target,
        agreed_at=timezone.now(),
        next_on=_next_day(result),
        closed_reason="",
        closed_note="",
        closed_at=None,
    )
    row.refresh_from_db()
    _add_step(row, result, by)
    record("洽谈后跟进", row, by=by, changes={"status": [before, target]})
    share_contacts(row, by=by)
    notify_follow_up_continues(row, by)


def _willing_in_person(actor: User) -> dict[str, Any]:
    """Columns of a response given at the meeting; no contact was named, so none is shared."""
    return {
        "status": SideResponse.Status.WILLING,
        "answered_in_person": True,
        "answered_by": actor,
        "answered_at": timezone.now(),
    }


def _add_step(row: FollowUp, result: MeetingResult, by: User | None) -> None:
    FollowUpStep.objects.create(follow_up=row, status=row.status, note=_step_note(result), next_on=row.next_on, by=by)


def _step_note(result: MeetingResult) -> str:
    words = "%(month)s 月 %(day)s 日洽谈：%(what)s" % {
        "month": result.met_on.month,
        "day": result.met_on.day,
        "what": "有意向" if result.has_intent else "继续谈",
    }
    return f"{words}。{result.note}"[:1000] if result.note else words


def _next_day(result: MeetingResult) -> date:
    """The day both sides named, or the day of the first survey; at least tomorrow."""
    tomorrow = timezone.localdate() + timedelta(days=1)
    wanted = result.next_on or result.met_on + timedelta(days=DAYS_TO_FIRST_STEP)
    return max(wanted, tomorrow)
