"""Whether both sides of an accepted match are willing to meet: 愿意, 不愿意 with a reason, or 想了解更多.

Once both are willing, contacts are shared and the follow-up begins.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Contact, User
from audit.services import record, record_many
from demands.permissions import manages
from matching.models import FollowUp, FollowUpStep, Inquiry, Match, Question, SideResponse
from matching.services.follow_up_status import change_status, close_locked, lock_follow_up, share_contacts
from matching.services.notifications import (
    notify_agreed,
    notify_inquiry,
    notify_inquiry_reply,
    notify_response,
    notify_responses_requested,
    remind_of_response,
    settle_response_notices,
    withdraw_follow_up_notices,
)

Side = Question.Side
State = FollowUp.Status
Answer = SideResponse.Status
FIRST_STEP_WITHIN = timedelta(days=7)
"""Days from the agreement of both sides to the first follow-up day."""


def response_due_on() -> date:
    return timezone.localdate() + timedelta(days=settings.ANSWER_DAYS)


# --- Requested and withdrawn together with the review of the match ---------------------------------------------------
def request_responses(matches: Collection[Match], *, by: User) -> list[FollowUp]:
    """Open the follow-up of each newly accepted match and ask both sides. Runs in the caller's transaction.

    A follow-up that was withdrawn before any side answered is opened again.
    """
    now = timezone.now()
    earlier = {row.match_id: row for row in FollowUp.objects.filter(match__in=[match.pk for match in matches])}
    reopened = [row for row in earlier.values() if row.status == State.WITHDRAWN]
    matches_by_key = {match.pk: match for match in matches}
    for row in reopened:
        row.status, row.owner, row.opened_at, row.match = State.ASKING, by, now, matches_by_key[row.match_id]
    FollowUp.objects.bulk_update(reopened, ["status", "owner", "opened_at"])
    SideResponse.objects.filter(follow_up__in=reopened).update(due_on=response_due_on(), reminded_at=None)
    new = FollowUp.objects.bulk_create(
        FollowUp(match=match, owner=by, opened_at=now) for match in matches if match.pk not in earlier
    )
    SideResponse.objects.bulk_create(
        SideResponse(follow_up=row, side=side, due_on=response_due_on()) for row in new for side in Side
    )
    opened = new + reopened
    FollowUpStep.objects.bulk_create(FollowUpStep(follow_up=row, status=State.ASKING, by=by) for row in opened)
    record_many("征询双方意愿", {row: {"status": [None, State.ASKING]} for row in opened}, by=by)
    notify_responses_requested(opened)
    return opened


def withdraw_response_requests(match: Match, *, by: User) -> None:
    """The match is no longer accepted. Raises ValidationError once a side has answered or asked a question."""
    row = FollowUp.objects.select_for_update().not_withdrawn().filter(match=match).first()
    if row is not None:
        require_no_response(match)
        change_status(row, State.WITHDRAWN, by=by)
        withdraw_follow_up_notices(row)


def require_no_response(match: Match) -> None:
    """Raise ValidationError once a side has answered or asked a question, or the follow-up was closed."""
    follow_ups = FollowUp.objects.not_withdrawn().filter(match=match)
    untouched = follow_ups.asking().exclude(responses__status__in=[Answer.MORE, Answer.WILLING, Answer.UNWILLING])
    if follow_ups.exists() and not untouched.exists():
        raise ValidationError(
            "“%(match)s”的双方已开始答复，不能再撤回采纳；如需停止，请结束这项对接。" % {"match": match}
        )


def apply_status_change(match: Match, before: str | None, *, by: User) -> None:
    """Request or withdraw responses after a review changed the match's status from `before`; None: status unchanged."""
    if before in (None, match.status):
        return
    if match.status == Match.Status.ACCEPTED:
        request_responses([match], by=by)
    elif before == Match.Status.ACCEPTED:
        withdraw_response_requests(match, by=by)


# --- Answers of a side -----------------------------------------------------------------------------------------------
@transaction.atomic
def answer_willing(
    response: SideResponse, *, contact: Contact, consents: bool, by: User, spoken_with: str = "", note: str = ""
) -> None:
    """Record 愿意. `contact`: a person of the side who agrees to be named to the other side and to the owner.

    `spoken_with`: the person who answered by telephone, when an officer records the call. Once both sides are willing,
    contacts are shared and the follow-up begins. Raises PermissionDenied, and ValidationError without consent, for a
    contact of another organisation, or when it is too late to answer.
    """
    follow_up = _lock_for_answer(response, by, spoken_with)
    if contact.organisation_id != response.organisation.pk:
        raise ValidationError("请选择本单位的联系人。")
    if not consents:
        raise ValidationError("对接需要联系人同意把联系方式提供给对方，请勾选同意。")
    _save_answer(response, Answer.WILLING, by, spoken_with, note, contact=contact)
    settle_response_notices(response)
    answers = dict(follow_up.responses.values_list("side", "status"))
    if set(answers.values()) == {Answer.WILLING}:
        _begin(follow_up, by=by)
    else:
        notify_response(response)


@transaction.atomic
def answer_unwilling(
    response: SideResponse, *, reason: str, by: User, note: str = "", share_reason: bool = False, spoken_with: str = ""
) -> None:
    """Record 不愿意 and close the follow-up. The other side reads the reason only if `share_reason`; staff always.

    Raises PermissionDenied, and ValidationError without a reason or when it is too late to answer.
    """
    follow_up = _lock_for_answer(response, by, spoken_with)
    if reason not in SideResponse.Reason.values:
        raise ValidationError("请选择不愿意的原因。")
    if reason == SideResponse.Reason.OTHER and not note.strip():
        raise ValidationError("请用一句话说明原因。")
    _save_answer(response, Answer.UNWILLING, by, spoken_with, note, reason=reason, is_reason_shared=share_reason)
    settle_response_notices(response)
    notify_response(response)
    close_locked(follow_up, FollowUp.CloseReason.UNWILLING, by=by)


@transaction.atomic
def inquire(response: SideResponse, *, text: str, by: User, spoken_with: str = "") -> Inquiry:
    """Record 想了解更多: a question to staff; their reply renews the due date.

    Raises PermissionDenied, and ValidationError without text, while another question is open, or when it is too late.
    """
    _lock_for_answer(response, by, spoken_with)
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


def _lock_for_answer(response: SideResponse, by: User, spoken_with: str) -> FollowUp:
    """Return the locked follow-up if `by` may answer: as an officer of the side, or as staff recording a call."""
    follow_up = lock_follow_up(response.follow_up_id)
    if spoken_with.strip():
        if not manages(by, follow_up.match.demand.firm):
            raise PermissionDenied("电话答复由本区县专员或市级专员记录。")
    elif not SideResponse.objects.represented_by(by).filter(pk=response.pk).exists():
        raise PermissionDenied("只有被征询的单位可以答复；记录电话答复时，请写明是谁答复的。")
    response.refresh_from_db()
    if follow_up.status != State.ASKING or not response.is_open:
        raise ValidationError(
            "这项对接现在是“%(status)s”，您的答复是“%(answer)s”，不能再次答复；如有变化，请联系跟进人。"
            % {"status": follow_up.get_status_display(), "answer": response.get_status_display()}
        )
    return follow_up


def _save_answer(response: SideResponse, status: str, by: User, spoken_with: str, note: str, **values: Any) -> None:
    values |= {
        "status": status,
        "note": note.strip()[:300],
        "answered_by": by,
        "answered_at": timezone.now(),
        "spoken_with": spoken_with.strip()[:30],
    }
    before = response.status
    _update_open(response, values)
    changes = {"side": [None, response.side], "status": [before, status]}
    if response.spoken_with:
        changes["by_phone"] = [None, True]
    record("答复对接意愿", response.follow_up, by=by, changes=changes)


def _update_open(response: SideResponse, values: dict[str, Any]) -> None:
    if not SideResponse.objects.filter(pk=response.pk, status__in=SideResponse.OPEN).update(**values):
        raise ValidationError("这一方已经答复过了。")
    response.refresh_from_db()


def _begin(follow_up: FollowUp, *, by: User) -> None:
    """Both sides agreed: each may see the contact of the other, the owner sees both."""
    today = timezone.localdate()
    change_status(follow_up, State.TALKS, by=by, agreed_at=timezone.now(), next_on=today + FIRST_STEP_WITHIN)
    share_contacts(follow_up, by=by)
    notify_agreed(follow_up, by)
