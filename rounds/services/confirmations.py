"""A side confirms or contradicts what was said about it. About a meeting its answer is its own outcome."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate

from accounts.models import Contact, User
from accounts.services.contacts import ContactDetails
from matching.models import ConfirmationRequest, SideStatement
from matching.services.confirmations import (
    NO,
    UNSAID,
    WILLING,
    YES,
    confirm_call,
    confirm_stance,
    deny_call,
    lock_request,
    refuse_request,
    word_of_request,
)
from matching.services.meeting_results import MeetingResult, follow_up_after_meeting
from rounds.models import DockingRound, Meeting, Outcome, Party
from rounds.services.outcomes import OutcomeInput, record_outcome

Stance = SideStatement.Stance
Verdict = Outcome.Verdict
VERDICTS: dict[str, str] = {
    Stance.INTENT: Verdict.INTENT,
    Stance.WILLING: Verdict.GO_ON,
    Stance.NO: Verdict.NO_FIT,
}


def meeting_of(request: ConfirmationRequest) -> Meeting | None:
    """The meeting that the question is about; None if it is about something else."""
    rows = Meeting.objects.select_related(
        "docking_round", "firm_party__organisation", "institution_party__organisation"
    )
    return rows.filter(public_id=request.meeting_key).first() if request.meeting_key else None


def answer_request(
    request: ConfirmationRequest,
    answer: str,
    *,
    reason: str = "",
    note: str = "",
    contact: Contact | ContactDetails | None = None,
    consents: bool = False,
    by: User | None = None,
) -> None:
    """Take the answer of the side that is asked: YES to what was said, WILLING, NO with a reason, or UNSAID.

    `by` is None for the holder of the link. Raises PermissionDenied for a user of another organisation, and
    ValidationError.
    """
    is_call = request.kind == ConfirmationRequest.Kind.PHONE
    stance = {YES: request.stance, WILLING: Stance.WILLING, NO: Stance.NO}.get(answer)
    if answer == UNSAID and is_call:
        deny_call(request, by=by)
    elif stance is None or (is_call and answer == WILLING):
        raise ValidationError("请选择一项答复。")
    elif is_call and answer == YES:
        if contact is None:
            raise ValidationError("请选择由谁与对方联系。")
        confirm_call(request, contact=contact, consents=consents, by=by)
    elif request.meeting_key:
        answer_about_meeting(request, stance=stance, reason=reason, note=note, by=by)
    elif stance == Stance.NO:
        refuse_request(request, reason=reason, note=note, by=by)
    else:
        confirm_stance(request, stance=stance, by=by)


@transaction.atomic
def answer_about_meeting(
    request: ConfirmationRequest, *, stance: str, reason: str = "", note: str = "", by: User | None = None
) -> Outcome | None:
    """Record the own outcome of the side that is asked. `reason`: one of `Match.RejectReason` for 不合适.

    Returns None once the round is archived: then only the statement is stored. Raises as `answer_request`.
    """
    follow_up, row = lock_request(request, by)
    meeting = meeting_of(row)
    if meeting is None:
        raise ValidationError("没有找到这场洽谈，请联系跟进人。")
    word = word_of_request(row, stance, by)
    if meeting.docking_round.status == DockingRound.Status.ARCHIVED:
        met_on = row.met_on or localdate(meeting.docking_round.starts_at)
        result = MeetingResult(key=meeting.public_id, met_on=met_on, words=[word])
        follow_up_after_meeting(follow_up.match, result, by=by)
        return None
    data = OutcomeInput(VERDICTS[stance], reason=reason if stance == Stance.NO else "", note=note)
    party = None if by else _party(meeting, row.side)
    return record_outcome(meeting, data, side=row.side, by=by, party=party, key=uuid4(), word=word)


def _party(meeting: Meeting, side: str) -> Party:
    return meeting.firm_party if side == Outcome.Side.FIRM else meeting.institution_party
