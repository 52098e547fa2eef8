"""Whether both sides of an accepted match are willing to meet: 愿意, 不愿意 with a reason, or 想了解更多.

A side answers for itself. An answer by telephone is the word of the officer who records it: 愿意 waits for the side's
own confirmation, 不愿意 closes the question and can be lifted by the side. Once both are willing in their own words,
contacts are shared and the follow-up begins (`matching.services.consent`).
"""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, User
from audit.services import record
from demands.models import Demand
from demands.permissions import manages
from matching.models import ConfirmationRequest, FollowUp, Inquiry, Match, Question, SideResponse, SideStatement
from matching.services.confirmation_requests import ask_to_confirm, end_request
from matching.services.consent import settle
from matching.services.follow_up_status import lock_follow_up, share_contacts
from matching.services.notifications import (
    notify_inquiry,
    notify_inquiry_reply,
    notify_response,
    remind_of_response,
    settle_response_notices,
)
from matching.services.response_requests import response_due_on
from matching.services.side_feedback import say_unfit, withdraw_own_feedback
from matching.services.statements import Word, record_statement

Side = Question.Side
State = FollowUp.Status
Answer = SideResponse.Status
Stance = SideStatement.Stance
Capacity = SideStatement.Capacity


# --- Answers of a side -----------------------------------------------------------------------------------------------
@transaction.atomic
def answer_willing(
    response: SideResponse,
    *,
    contact: Contact,
    consents: bool,
    by: User,
    spoken_with: str = "",
    note: str = "",
    at: datetime | None = None,
) -> None:
    """Record 愿意. `contact`: a person of the side who agrees to be named to the other side and to the owner.

    `spoken_with`: the person who answered by telephone, when an officer records the call; then the answer waits for
    the side's own confirmation, which also names the contact. A side that refused lifts its own refusal, and the other
    side is asked again. `at`: when it was said, by default now. Raises PermissionDenied, and ValidationError without
    consent, for a contact of another organisation, or when it is too late to answer.
    """
    follow_up = _lock_for_answer(response, by, spoken_with)
    if contact.organisation_id != response.organisation.pk:
        raise ValidationError("请选择本单位的联系人。")
    if spoken_with.strip():  # the contact is asked when the side confirms
        _report_willing(follow_up, response, contact, by, spoken_with, note)
        return
    if not consents:
        raise ValidationError("对接需要联系人同意把联系方式提供给对方，请勾选同意。")
    if not (response.is_open and follow_up.status == State.ASKING):
        _require_own_refusal(follow_up, response)
    word = Word(response.side, Stance.WILLING, Capacity.ACCOUNT, by=by, said_at=at)
    accept_willing(follow_up, response, word, contact=contact, note=note)


def accept_willing(
    follow_up: FollowUp, response: SideResponse, word: Word, *, contact: Contact, note: str = ""
) -> SideStatement:
    """Store a side's own 愿意 on a locked follow-up, by account or by link. The caller has checked who speaks."""
    statement = record_statement(follow_up.match, word, source=source_of(follow_up))
    if follow_up.status != State.ASKING:
        settle(follow_up, statement, by=word.by)  # it is asked again, and the answers are emptied
        response.refresh_from_db()
    values = {
        "contact": contact,
        "reason": "",
        "is_reason_shared": False,
        "answered_in_person": False,
        "reported_at": None,
        "reported_by": None,
        "reported_contact": None,
    }
    _save_answer(response, Answer.WILLING, statement, note, **values)
    settle_response_notices(response)
    end_request(follow_up, response.side, statement)
    if follow_up.status == State.ASKING:
        settle(follow_up, statement, by=word.by)
    withdraw_own_feedback(follow_up.match, response.side, by=word.by)
    if follow_up.is_agreed:
        share_contacts(follow_up, by=word.by)
    else:
        notify_response(response)
    return statement


@transaction.atomic
def answer_unwilling(
    response: SideResponse,
    *,
    reason: str,
    by: User,
    note: str = "",
    share_reason: bool = False,
    spoken_with: str = "",
    at: datetime | None = None,
    unfit: str = "",
) -> None:
    """Record 不愿意 and close the follow-up. The other side reads the reason only if `share_reason`; staff always.

    A side may also end talks that have begun, but not once they are a deal. `unfit`: why the pair does not fit
    technically, from which the matching learns (`say_unfit`); only in the side's own words. Raises PermissionDenied,
    and ValidationError without a reason or when it is too late to answer.
    """
    follow_up = _lock_for_answer(response, by, spoken_with)
    if spoken_with.strip() or follow_up.status not in FollowUp.FOLLOWED:
        _require_open(response)
    capacity = Capacity.PHONE if spoken_with.strip() else Capacity.ACCOUNT
    word = Word(response.side, Stance.NO, capacity, by=by, said_at=at, spoken_with=spoken_with.strip())
    accept_unwilling(follow_up, response, word, reason=reason, note=note, share_reason=share_reason)
    if unfit and word.capacity == Capacity.ACCOUNT:
        _say_unfit(follow_up, response.side, unfit, note, by)


def accept_unwilling(
    follow_up: FollowUp, response: SideResponse, word: Word, *, reason: str, note: str = "", share_reason: bool = False
) -> SideStatement:
    """Store a side's 不愿意 on a locked follow-up. Raises ValidationError without a reason."""
    if reason not in SideResponse.Reason.values:
        raise ValidationError("请选择不愿意的原因。")
    if reason == SideResponse.Reason.OTHER and not note.strip():
        raise ValidationError("请用一句话说明原因。")
    statement = record_statement(follow_up.match, word, source=source_of(follow_up))
    values = {
        "reason": reason,
        "is_reason_shared": share_reason,
        "contact": None,
        "answered_in_person": False,
        "reported_at": None,
        "reported_by": None,
        "reported_contact": None,
    }
    _save_answer(response, Answer.UNWILLING, statement, note, **values)
    settle_response_notices(response)
    notify_response(response)
    end_request(follow_up, response.side, statement)
    settle(follow_up, statement, by=word.by)
    return statement


@transaction.atomic
def inquire(response: SideResponse, *, text: str, by: User, spoken_with: str = "") -> Inquiry:
    """Record 想了解更多: a question to staff; their reply renews the due date.

    Raises PermissionDenied, and ValidationError without text, while another question is open, or when it is too late.
    """
    _lock_for_answer(response, by, spoken_with)
    _require_open(response)
    text = text.strip()[:500]
    if not text:
        raise ValidationError("请写下想了解的内容。")
    if response.inquiries.filter(replied_at=None).exists():
        raise ValidationError("上一个问题还在等答复，请稍候。")
    _update_open(response, {"status": Answer.MORE, "spoken_with": spoken_with.strip()[:30]})
    inquiry = Inquiry.objects.create(response=response, text=text, asked_by=by)
    record(
        "想了解更多", response.follow_up, by=by, changes={"side": [None, response.side], "status": ["asked", "more"]}
    )
    notify_inquiry(inquiry)
    return inquiry


@transaction.atomic
def reply_to_inquiry(inquiry: Inquiry, *, text: str, by: User) -> None:
    """Staff answer the question of a side, whose due date is counted anew from today.

    Raises PermissionDenied outside the own district, ValidationError for an empty or a second reply.
    """
    response = inquiry.response
    follow_up = lock_follow_up(response.follow_up_id)
    if not manages(by, follow_up.match.demand.firm):
        raise PermissionDenied("对接咨询由本区县专员或市级专员答复。")
    text = text.strip()[:1000]
    if not text:
        raise ValidationError("请写下答复。")
    replied = Inquiry.objects.filter(pk=inquiry.pk, replied_at=None).update(
        reply=text, replied_by=by, replied_at=timezone.now()
    )
    if not replied:
        raise ValidationError("这个问题已经答复过了。")
    SideResponse.objects.filter(pk=response.pk, status=Answer.MORE).update(due_on=response_due_on(), reminded_at=None)
    record("答复对接咨询", follow_up, by=by, changes={"side": [None, response.side]})
    inquiry.refresh_from_db()
    notify_inquiry_reply(inquiry)


def remind_sides() -> int:
    """Remind each side that is close to its due date, once per due date. Returns the number of reminders sent."""
    count = 0
    due = SideResponse.objects.to_be_reminded()
    for response in due.select_related("follow_up__match__achievement", "follow_up__match__demand__firm"):
        with transaction.atomic():
            waiting = SideResponse.objects.filter(pk=response.pk, reminded_at=None, due_on=response.due_on)
            if waiting.filter(status__in=SideResponse.OPEN).update(reminded_at=timezone.now()):
                remind_of_response(response)
                count += 1
    return count


def source_of(follow_up: FollowUp) -> str:
    return f"follow-up {follow_up.public_id}"


def _say_unfit(follow_up: FollowUp, side: str, reason: str, note: str, by: User) -> None:
    """Only 其他原因 needs the note, which is otherwise for the other side, too."""
    match = follow_up.match
    if match.demand.status in Demand.OPEN:
        withdraw_own_feedback(match, side, by=by)
        note = note if reason == Match.RejectReason.OTHER else ""
        say_unfit(match.achievement, match.demand, reason=reason, note=note, by=by)


def _lock_for_answer(response: SideResponse, by: User, spoken_with: str) -> FollowUp:
    """Return the locked follow-up if `by` may answer: as an officer of the side, or as staff recording a call."""
    follow_up = lock_follow_up(response.follow_up_id)
    if spoken_with.strip():
        if not manages(by, follow_up.match.demand.firm):
            raise PermissionDenied("电话答复由本区县专员或市级专员记录。")
    elif not SideResponse.objects.represented_by(by).filter(pk=response.pk).exists():
        raise PermissionDenied("只有被征询的单位可以答复；记录电话答复时，请写明是谁答复的。")
    response.refresh_from_db()
    response.follow_up = follow_up
    return follow_up


def _require_open(response: SideResponse) -> None:
    follow_up = response.follow_up
    if follow_up.status != State.ASKING or not response.is_open:
        raise ValidationError(
            "这项对接现在是“%(status)s”，您的答复是“%(answer)s”，不能再次答复；如有变化，请联系跟进人。"
            % {"status": follow_up.get_status_display(), "answer": response.get_status_display()}
        )


def _require_own_refusal(follow_up: FollowUp, response: SideResponse) -> None:
    """A closed follow-up is taken up again only by the side that refused."""
    if follow_up.status != State.CLOSED or follow_up.closed_by_side != response.side:
        _require_open(response)


def _report_willing(
    follow_up: FollowUp, response: SideResponse, contact: Contact, by: User, spoken_with: str, note: str
) -> None:
    """An officer's word about a call: kept and shown as such, until the side confirms it itself."""
    _require_open(response)
    spoken_with = spoken_with.strip()[:30]
    word = Word(response.side, Stance.WILLING, Capacity.PHONE, by=by, spoken_with=spoken_with)
    record_statement(follow_up.match, word, source=source_of(follow_up))
    values = {
        "spoken_with": spoken_with,
        "note": note.strip()[:300],
        "reported_at": timezone.now(),
        "reported_by": by,
        "reported_contact": contact,
    }
    _update_open(response, values)
    changes = {"side": [None, response.side], "reported": [None, Answer.WILLING], "by_phone": [None, True]}
    record("记录电话答复，待本人确认", follow_up, by=by, changes=changes)
    ask_to_confirm(follow_up, response.side, kind=ConfirmationRequest.Kind.PHONE, stance=Stance.WILLING, by=by)


def _save_answer(response: SideResponse, status: str, statement: SideStatement, note: str, **values: Any) -> None:
    values |= {
        "status": status,
        "note": note.strip()[:300],
        "answered_by": statement.by,
        "answered_at": statement.said_at,
        "spoken_with": statement.spoken_with,
    }
    before = response.status
    SideResponse.objects.filter(pk=response.pk).update(**values)
    response.refresh_from_db()
    changes = {"side": [None, response.side], "status": [before, status]}
    if response.spoken_with:
        changes["by_phone"] = [None, True]
    record("答复对接意愿", response.follow_up, by=statement.by, changes=changes)


def _update_open(response: SideResponse, values: dict[str, Any]) -> None:
    if not SideResponse.objects.filter(pk=response.pk, status__in=SideResponse.OPEN).update(**values):
        raise ValidationError("这一方已经答复过了。")
    response.refresh_from_db()
