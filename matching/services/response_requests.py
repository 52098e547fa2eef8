"""Both sides are asked whether they are willing to meet: requested and withdrawn together with the match's review."""

from collections.abc import Collection
from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from audit.services import record_many
from matching.models import FollowUp, FollowUpStep, Match, Question, SideResponse
from matching.services.follow_up_status import change_status
from matching.services.notifications import notify_responses_requested, withdraw_follow_up_notices

Side = Question.Side
State = FollowUp.Status
Answer = SideResponse.Status


def response_due_on() -> date:
    return timezone.localdate() + timedelta(days=settings.ANSWER_DAYS)


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
        row.requests.open().update(ended_at=timezone.now())
        withdraw_follow_up_notices(row)


def require_no_response(match: Match) -> None:
    """Raise ValidationError once a side has answered or asked a question, or the follow-up was closed."""
    follow_ups = FollowUp.objects.not_withdrawn().filter(match=match)
    untouched = follow_ups.asking().exclude(responses__status__in=[Answer.MORE, Answer.WILLING, Answer.UNWILLING])
    untouched = untouched.exclude(responses__reported_at__isnull=False)
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
