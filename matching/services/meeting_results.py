"""Statements made at a meeting of both sides of a pair become its follow-up.

A side's own word binds only this side: the other one is asked. The record of the table's host is kept as such and asks
both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.services import record
from demands.models import Demand
from matching.models import (
    ConfirmationRequest,
    FollowUp,
    FollowUpStep,
    Match,
    MatchRun,
    Question,
    SideResponse,
    SideStatement,
)
from matching.services.confirmation_requests import ask_to_confirm, end_request
from matching.services.confirmations import ask_other_side
from matching.services.consent import MeetingFacts, settle
from matching.services.follow_up_owners import choose_owner
from matching.services.follow_up_status import lock_follow_up
from matching.services.meeting_decisions import lock_match
from matching.services.notifications import notify_stance
from matching.services.response_requests import response_due_on
from matching.services.statements import Word, binding_words, record_statement, refusing_sides, valid_words

Side = Question.Side
State = FollowUp.Status
Stance = SideStatement.Stance
Capacity = SideStatement.Capacity


@dataclass(frozen=True)
class MeetingResult:
    """What was said at a meeting. `key` is its public id; `words`: own words of the sides, in the order in which they
    were said; `host`: the stance that the table's host recorded, with its user and moment, or None.

    `note`: the next step that one of them wrote; `next_on`: its day.
    """

    key: str
    met_on: date
    words: Sequence[Word] = ()
    host: Word | None = None
    note: str = ""
    next_on: date | None = None

    @property
    def source(self) -> str:
        return f"meeting {self.key}"


@transaction.atomic
def follow_up_after_meeting(match: Match, result: MeetingResult, *, by: User | None) -> FollowUp | None:
    """Store the statements and bring the follow-up of the match into the status they allow.

    `by`: who recorded the latest one, None for a guest without an account. A follow-up is opened with the first
    positive word or the host's record. Recording the same result twice has no further effect. Returns None without a
    follow-up. Raises ValidationError if one user speaks for both sides, NoOwnerAvailable.
    """
    match = lock_match(match.pk)
    new = _store(match, result)
    row = FollowUp.objects.filter(match=match).first()
    if row is None and (refusing_sides(binding_words(match)) or not (result.words or result.host)):
        return None
    row = lock_follow_up(row.pk) if row else open_follow_up(match, by=by, why="洽谈后")
    for statement in [word for word in new if word.is_own]:
        end_request(row, statement.side, statement)
    latest = max((word for word in new if word.is_own), key=lambda word: (word.said_at, word.pk), default=None)
    facts = MeetingFacts(result.met_on, result.note, result.next_on)
    settle(row, latest, by=by, meeting=facts, note=_refusal_note(latest))
    if latest is not None and latest.is_positive:
        if row.status != State.INTENT:
            ask_other_side(row, latest, by=by, meeting_key=result.key, met_on=result.met_on)
        if row.status in (State.ASKING, State.CLOSED):
            notify_stance(row, latest)
    elif any(word.capacity == Capacity.HOST for word in new):
        _ask_both(row, result, by)
    row.refresh_from_db()
    return row


def _store(match: Match, result: MeetingResult) -> list[SideStatement]:
    """Store what is not stored yet, and return it. The host speaks about both sides, for none of them."""
    words = list(result.words)
    if result.host:
        words += [
            Word(side, result.host.stance, Capacity.HOST, by=result.host.by, said_at=result.host.said_at)
            for side in Side
        ]
    last = match.statements.order_by("-pk").values_list("pk", flat=True).first() or 0
    statements = [record_statement(match, word, source=result.source) for word in words]
    return [statement for statement in statements if statement.pk > last]


def open_follow_up(match: Match, *, by: User | None, why: str) -> FollowUp:
    """A locked follow-up that asks both sides; its match is accepted only when both agree. `why`: 洽谈后 or the like.

    Raises NoOwnerAvailable.
    """
    owner = choose_owner(match)
    row = FollowUp.objects.create(match=match, owner=owner)
    SideResponse.objects.bulk_create(SideResponse(follow_up=row, side=side, due_on=response_due_on()) for side in Side)
    FollowUpStep.objects.create(follow_up=row, status=State.ASKING, note=f"{why}请双方各自确认", by=by)
    record(f"{why}跟进", row, by=by, changes={"status": [None, State.ASKING], "owner": [None, str(owner)]})
    return lock_follow_up(row.pk)


def _ask_both(row: FollowUp, result: MeetingResult, by: User | None) -> None:
    """The host's record asks each side that has not said anything valid about this meeting."""
    if row.status not in FollowUp.RUNNING or result.host is None:
        return
    words = valid_words(row, binding_words(row.match))
    for side in Side:
        if side not in words or words[side].source != result.source:
            ask_to_confirm(
                row,
                side,
                kind=ConfirmationRequest.Kind.HOST,
                stance=result.host.stance,
                by=by,
                meeting_key=result.key,
                met_on=result.met_on,
            )


def _refusal_note(latest: SideStatement | None) -> str:
    if latest is None or latest.stance != Stance.NO:
        return ""
    return "洽谈后%(side)s表示不合适" % {"side": latest.get_side_display()}


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
