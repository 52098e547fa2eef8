"""The status of a follow-up from the sides' own words: two keys, each turned by its own side.

`settle` is the only way into 洽谈中 and 已达意向. Both sides' own, valid, positive words open it. One side's refusal
closes it, and only that side lifts its refusal, after which the other side is asked again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from audit.services import record
from matching.models import (
    ConfirmationRequest,
    FollowUp,
    FollowUpStep,
    Question,
    SideResponse,
    SideStatement,
)
from matching.services.check_schedule import schedule_checks
from matching.services.follow_up_status import change_status, close_locked, read_again, share_contacts
from matching.services.meeting_decisions import accept_met
from matching.services.notifications import notify_agreed, notify_refusal_lifted
from matching.services.response_requests import response_due_on
from matching.services.statements import binding_words, is_intent, refusing_sides, valid_words

Side = Question.Side
State = FollowUp.Status
Stance = SideStatement.Stance
Answer = SideResponse.Status
FIRST_STEP_WITHIN = timedelta(days=7)
"""Days from the agreement of both sides to the first follow-up day."""
DAYS_TO_FIRST_STEP = 30
"""The same after a meeting: the day of the first survey."""


@dataclass(frozen=True)
class MeetingFacts:
    """When the sides met, and the next step and its day as one of them wrote it."""

    met_on: date
    note: str = ""
    next_on: date | None = None


def settle(
    follow_up: FollowUp,
    word: SideStatement | None,
    *,
    by: User | None,
    meeting: MeetingFacts | None = None,
    note: str = "",
) -> None:
    """Bring a locked follow-up into the status that the statements about its match allow.

    `word`: the latest statement, `by` its user (None for a code or a link). Calling it again changes nothing.
    """
    if follow_up.status == State.DEAL:
        return
    words = binding_words(follow_up.match)
    valid = valid_words(follow_up, words)
    refusing = refusing_sides(words)
    if refusing:
        if word is not None and words.get(word.side) == word and word.side in refusing:
            _refuse(follow_up, word, by=by, note=note)
    elif len(valid) == len(Side):
        _agree(follow_up, valid, by=by, meeting=meeting, note=note)
    elif follow_up.status == State.WITHDRAWN or (follow_up.status == State.CLOSED and follow_up.closed_by_side):
        ask_again(follow_up, by=by, note="一方重新表示愿意，再问另一方")
    if follow_up.status == State.ASKING:
        _update_responses(follow_up, valid.values())


def ask_again(follow_up: FollowUp, *, by: User | None, note: str) -> None:
    """已结束 or 已撤回 → 征询双方意愿: sides without a valid word are asked anew."""
    values: dict[str, Any] = {
        "agreed_at": None,
        "next_on": None,
        "firm_statement": None,
        "institution_statement": None,
        "intent_asked_at": None,
        **NOT_CLOSED,
    }
    change_status(follow_up, State.ASKING, by=by, note=note, **values)
    follow_up.responses.update(
        status=Answer.ASKED,
        due_on=response_due_on(),
        reminded_at=None,
        reason="",
        note="",
        is_reason_shared=False,
        contact=None,
        answered_by=None,
        answered_at=None,
        answered_in_person=False,
        spoken_with="",
    )
    notify_refusal_lifted(follow_up, by)


NOT_CLOSED: dict[str, Any] = {"closed_reason": "", "closed_note": "", "closed_at": None, "closed_by_side": ""}


def _refuse(follow_up: FollowUp, word: SideStatement, *, by: User | None, note: str) -> None:
    if not follow_up.is_running:
        return
    was_asking = follow_up.status == State.ASKING
    reason = FollowUp.CloseReason.UNWILLING if was_asking else FollowUp.CloseReason.NO_DEAL
    close_locked(follow_up, reason, by=by, note=note, by_side=word.side, refused_at=word.said_at)


def _agree(
    follow_up: FollowUp, valid: dict[str, SideStatement], *, by: User | None, meeting: MeetingFacts | None, note: str
) -> None:
    both_intend = all(is_intent(follow_up, word) for word in valid.values())
    target = State.INTENT if both_intend else State.TALKS
    values: dict[str, Any] = {
        "firm_statement": valid[Side.FIRM],
        "institution_statement": valid[Side.INSTITUTION],
    }
    if follow_up.status in FollowUp.FOLLOWED:
        _continue(follow_up, target, values, by=by, meeting=meeting, note=note)
    else:
        _begin(follow_up, target, values, by=by, meeting=meeting, note=note)
    if target == State.INTENT:  # nothing is left to confirm
        follow_up.requests.open().update(ended_at=timezone.now())
    if meeting is not None:
        schedule_checks(follow_up, meeting.met_on)


def _begin(
    follow_up: FollowUp,
    target: str,
    values: dict[str, Any],
    *,
    by: User | None,
    meeting: MeetingFacts | None,
    note: str,
) -> None:
    """Both sides agreed: each may see the contact of the other, the owner sees both."""
    now = timezone.now()
    accept_met(follow_up.match, actor=by or follow_up.owner, by=by)
    _update_responses(follow_up, [values["firm_statement"], values["institution_statement"]])
    change_status(
        follow_up,
        target,
        by=by,
        note=note or _meeting_note(meeting, target),
        agreed_at=now,
        next_on=_first_day(meeting),
        **NOT_CLOSED,
        **values,
    )
    follow_up.requests.open().filter(kind=ConfirmationRequest.Kind.PHONE).update(ended_at=now)
    share_contacts(follow_up, by=by)
    notify_agreed(follow_up, by)


def _continue(
    follow_up: FollowUp,
    target: str,
    values: dict[str, Any],
    *,
    by: User | None,
    meeting: MeetingFacts | None,
    note: str,
) -> None:
    next_on = follow_up.next_on
    if meeting and meeting.next_on and meeting.next_on > timezone.localdate():
        next_on = meeting.next_on
    note = note or _meeting_note(meeting, target)
    if target == State.INTENT:
        values |= {"intent_asked_at": None}
    if target != follow_up.status:
        change_status(follow_up, target, by=by, note=note, next_on=next_on, **values)
        return
    FollowUp.objects.filter(pk=follow_up.pk).update(next_on=next_on, **values)
    read_again(follow_up)
    if note and not follow_up.steps.filter(note=note).exists():
        FollowUpStep.objects.create(follow_up=follow_up, status=follow_up.status, note=note, next_on=next_on, by=by)
        record("洽谈后跟进", follow_up, by=by, changes={"status": [follow_up.status, target]})


def _update_responses(follow_up: FollowUp, valid: Iterable[SideStatement]) -> None:
    """A side with a valid word has answered; without a named contact it answered in person."""
    for word in valid:
        follow_up.responses.filter(side=word.side).exclude(status=Answer.WILLING).update(
            status=Answer.WILLING,
            reason="",
            note="",
            is_reason_shared=False,
            answered_in_person=True,
            answered_by=word.by,
            answered_at=word.said_at,
            spoken_with="",
            reported_at=None,
            reported_by=None,
            reported_contact=None,
        )


def _meeting_note(meeting: MeetingFacts | None, target: str) -> str:
    if meeting is None:
        return ""
    what = "双方有意向" if target == State.INTENT else "双方愿意继续谈"
    words = f"{meeting.met_on.month} 月 {meeting.met_on.day} 日洽谈：{what}"
    return f"{words}。{meeting.note}"[:1000] if meeting.note else words


def _first_day(meeting: MeetingFacts | None) -> date:
    """The day that a side named, or the day of the first survey after a meeting; at least tomorrow."""
    today = timezone.localdate()
    if meeting is None:
        return today + FIRST_STEP_WITHIN
    wanted = meeting.next_on or meeting.met_on + timedelta(days=DAYS_TO_FIRST_STEP)
    return max(wanted, today + timedelta(days=1))
