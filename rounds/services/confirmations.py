"""A side confirms or contradicts what was said about a meeting: its answer is its own outcome of the meeting."""

from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from matching.models import ConfirmationRequest, SideStatement
from matching.services.confirmations import lock_request, word_of_request
from rounds.models import Meeting, Outcome, Party
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


@transaction.atomic
def answer_about_meeting(
    request: ConfirmationRequest, *, stance: str, reason: str = "", note: str = "", by: User | None = None
) -> Outcome:
    """Record the own outcome of the side that is asked. `reason`: one of `Match.RejectReason` for 不合适.

    Raises PermissionDenied for a user of another organisation, ValidationError if it is too late.
    """
    _follow_up, row = lock_request(request, by)
    meeting = meeting_of(row)
    if meeting is None:
        raise ValidationError("没有找到这场洽谈，请联系跟进人。")
    data = OutcomeInput(VERDICTS[stance], reason=reason, note=note)
    party = None if by else _party(meeting, row.side)
    word = word_of_request(row, stance, by)
    return record_outcome(meeting, data, side=row.side, by=by, party=party, key=uuid4(), word=word)


def _party(meeting: Meeting, side: str) -> Party:
    return meeting.firm_party if side == Outcome.Side.FIRM else meeting.institution_party
