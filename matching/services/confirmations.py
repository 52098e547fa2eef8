"""A side answers a question about its own word: by its account, or by the link that it was sent.

Questions about a meeting are answered by `rounds.services.confirmations`, because their answer is also an outcome.
"""

from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, User
from accounts.services.contacts import ContactDetails, save_contacts
from audit.services import record
from matching.models import ConfirmationRequest, FollowUp, Match, Question, SideResponse, SideStatement
from matching.services.confirmation_requests import ask_to_confirm, end_request
from matching.services.consent import settle
from matching.services.follow_up_status import lock_follow_up
from matching.services.notifications import notify_report_denied, notify_stance
from matching.services.side_responses import accept_unwilling, accept_willing, source_of
from matching.services.statements import Word, binding_words, is_intent, other_side, record_statement, valid_words

Side = Question.Side
State = FollowUp.Status
Kind = ConfirmationRequest.Kind
Stance = SideStatement.Stance
Capacity = SideStatement.Capacity
YES, WILLING, NO, UNSAID = "yes", "willing", "no", "unsaid"
ANSWERED = "这一项已经答复过，或者已有新的询问；如有变化，请联系跟进人。"
EXPIRED = "链接已过有效期。请登录工作台确认，或者请跟进人重新发送。"


def lock_request(request: ConfirmationRequest, by: User | None) -> tuple[FollowUp, ConfirmationRequest]:
    """Return the locked follow-up and the open question.

    Raises PermissionDenied for a user of another organisation, ValidationError if it is too late.
    """
    follow_up = lock_follow_up(request.follow_up_id)
    row = ConfirmationRequest.objects.get(pk=request.pk)
    row.follow_up = follow_up
    if by is not None and not ConfirmationRequest.objects.represented_by(by).filter(pk=row.pk).exists():
        raise PermissionDenied("只有被询问的单位自己可以确认。")
    if not row.is_open:
        raise ValidationError(ANSWERED)
    if by is None and not row.is_valid_at(timezone.now()):
        raise ValidationError(EXPIRED)
    return follow_up, row


def word_of_request(row: ConfirmationRequest, stance: str, by: User | None, at: datetime | None = None) -> Word:
    if by is not None:
        return Word(row.side, stance, Capacity.ACCOUNT, by=by, said_at=at)
    return Word(row.side, stance, Capacity.LINK, relayed_by=row.relayed_by, said_at=at)


@transaction.atomic
def confirm_call(
    request: ConfirmationRequest,
    *,
    contact: Contact | ContactDetails,
    consents: bool,
    by: User | None = None,
    at: datetime | None = None,
) -> None:
    """The side confirms 愿意, which staff recorded from a call, and names its contact, who consents.

    `at`: when it was said, by default now. Raises PermissionDenied, ValidationError.
    """
    follow_up, row = lock_request(request, by)
    response = _response(follow_up, row)
    if not consents:
        raise ValidationError("对接需要联系人同意把联系方式提供给对方，请勾选同意。")
    if isinstance(contact, ContactDetails):
        contact = save_contacts([contact])[contact]
    if contact.organisation_id != response.organisation.pk:
        raise ValidationError("请选择本单位的联系人。")
    accept_willing(follow_up, response, word_of_request(row, Stance.WILLING, by, at), contact=contact)


@transaction.atomic
def deny_call(request: ConfirmationRequest, *, by: User | None = None) -> None:
    """没有这样答复过: the recorded call is void, the side is asked as before."""
    follow_up, row = lock_request(request, by)
    _response(follow_up, row)
    follow_up.responses.filter(side=row.side).update(
        reported_at=None, reported_by=None, reported_contact=None, spoken_with="", note=""
    )
    ConfirmationRequest.objects.filter(pk=row.pk, ended_at=None).update(ended_at=timezone.now())
    record("否认电话答复", follow_up, by=by, changes={"side": [None, row.side]})
    notify_report_denied(follow_up, row.side, by)


@transaction.atomic
def confirm_stance(
    request: ConfirmationRequest, *, stance: str, by: User | None = None, at: datetime | None = None
) -> None:
    """Answer 有意向 or 愿意继续谈 to a recorded intent, said `at`. Raises PermissionDenied, ValidationError."""
    follow_up, row = lock_request(request, by)
    _require_followed(follow_up)
    _say(follow_up, word_of_request(row, stance, by, at))


@transaction.atomic
def refuse_request(request: ConfirmationRequest, *, reason: str, note: str = "", by: User | None = None) -> None:
    """不愿意: the side ends the follow-up. Raises PermissionDenied, ValidationError."""
    follow_up, row = lock_request(request, by)
    if not follow_up.is_running:
        raise ValidationError("这项对接现在是“%(status)s”，不需要再答复。" % {"status": follow_up.get_status_display()})
    response = follow_up.responses.get(side=row.side)
    response.follow_up = follow_up
    accept_unwilling(follow_up, response, word_of_request(row, Stance.NO, by), reason=reason, note=note)


@transaction.atomic
def state_stance(follow_up: FollowUp, *, side: str, stance: str, by: User) -> None:
    """A side says by itself that it has an intent, or that it is still in talks. The other side is asked.

    Raises PermissionDenied unless the user is an officer of the side, ValidationError outside talks.
    """
    row = lock_follow_up(follow_up.pk)
    if not SideResponse.objects.represented_by(by).filter(follow_up=row, side=side).exists():
        raise PermissionDenied("只有这一方自己可以表示。")
    if stance not in SideStatement.POSITIVE:
        raise ValidationError("请选择有意向或愿意继续谈。")
    _require_followed(row)
    _say(row, Word(side, stance, Capacity.ACCOUNT, by=by))
    follow_up.refresh_from_db()


def ask_other_side(
    follow_up: FollowUp, statement: SideStatement, *, by: User | None, meeting_key: str = "", met_on: date | None = None
) -> None:
    """Ask the side that has not spoken, or has not said as much. Not if it has spoken about the same meeting."""
    side = other_side(statement.side)
    theirs = valid_words(follow_up, binding_words(follow_up.match)).get(side)
    if theirs is not None and (theirs.source == statement.source and meeting_key):
        return
    if not meeting_key and follow_up.requests.open().filter(side=side, stance=statement.stance).exists():
        return  # it is asked already
    wants_more = statement.stance == Stance.INTENT and not (theirs and is_intent(follow_up, theirs))
    if follow_up.status in FollowUp.RUNNING and (theirs is None or wants_more):
        ask_to_confirm(
            follow_up,
            side,
            kind=Kind.OTHER_SIDE,
            stance=statement.stance,
            by=by,
            meeting_key=meeting_key,
            met_on=met_on,
        )


def _say(follow_up: FollowUp, word: Word) -> None:
    statement = record_statement(follow_up.match, word, source=source_of(follow_up))
    end_request(follow_up, word.side, statement)
    settle(follow_up, statement, by=word.by)
    if follow_up.status == State.TALKS:
        ask_other_side(follow_up, statement, by=word.by)
        notify_stance(follow_up, statement)


def _response(follow_up: FollowUp, row: ConfirmationRequest) -> SideResponse:
    response = follow_up.responses.get(side=row.side)
    response.follow_up = follow_up
    if row.kind != Kind.PHONE or not response.is_open or follow_up.status != State.ASKING:
        raise ValidationError(ANSWERED)
    return response


def _require_followed(follow_up: FollowUp) -> None:
    if follow_up.status not in FollowUp.FOLLOWED:
        raise ValidationError(
            "这项对接现在是“%(status)s”，洽谈中的对接才能表示意向。" % {"status": follow_up.get_status_display()}
        )


def statements_of(match: Match) -> list[SideStatement]:
    """All statements about a match with their speakers, the latest first."""
    return list(match.statements.select_related("by", "relayed_by"))
