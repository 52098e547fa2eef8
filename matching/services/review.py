"""Decisions about proposed matches. Of two officers who decide at the same moment one succeeds (law 2)."""

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from matching.models import BrokerRequest, Decision, Match
from matching.services.decisions import ReviewStep, decide, require_reviewer
from matching.services.response_requests import require_no_response

DECIDED = (Match.Status.ACCEPTED, Match.Status.REJECTED, Match.Status.DUPLICATE, Match.Status.PASSED)
MAX_HOLD = timedelta(days=365)


def accept_match(match: Match, *, by: User, note: str = "", step: ReviewStep | None = None) -> Decision:
    """采纳. Raises PermissionDenied outside the own district, ReviewConflict if a colleague has decided already."""
    return decide(match, Decision.Kind.ACCEPT, status_columns("accepted", by, note), by=by, step=step, note=note)


def reject_match(match: Match, *, by: User, reason: str, note: str = "", step: ReviewStep | None = None) -> Decision:
    """退回 with a reason of `Match.RejectReason`. Raises as `accept_match`, ValidationError without a reason."""
    require_reject_reason(reason)
    changes = status_columns("rejected", by, note, reject_reason=reason)
    return decide(match, Decision.Kind.REJECT, changes, by=by, step=step, reason=reason, note=note)


@transaction.atomic
def mark_duplicate(match: Match, *, other: Match, by: User, note: str = "", step: ReviewStep | None = None) -> Decision:
    """重复: the match duplicates `other`, a match of the same demand or achievement, which remains.

    Raises as `accept_match`, and ValidationError if `other` shares neither side or is itself a duplicate.
    """
    # Both rows are locked in order, so that two officers cannot mark each match as the duplicate of the other.
    pair = Match.objects.select_for_update(no_key=True).filter(pk__in=[match.pk, other.pk]).order_by("pk")
    rows = {row.pk: row for row in pair}
    shares_a_side = match.demand_id == other.demand_id or match.achievement_id == other.achievement_id
    if other.pk == match.pk or not shares_a_side:
        raise ValidationError("请选择同一项需求或同一项成果的另一条匹配。")
    require_reviewer(other, by)
    if rows[other.pk].status == Match.Status.DUPLICATE:
        raise ValidationError("“%(other)s”本身已标为重复，请选择保留的那一条。" % {"other": other})
    if match.duplicates.exists():
        raise ValidationError("已有其他匹配标为与“%(match)s”重复，它需要保留。" % {"match": match})
    changes = status_columns("duplicate", by, note, duplicate_of_id=other.pk)
    return decide(
        match, Decision.Kind.DUPLICATE, changes, by=by, step=step, note=note, extra={"duplicate_of": str(other)}
    )


def hold_match(match: Match, *, until: date, by: User, note: str = "", step: ReviewStep | None = None) -> Decision:
    """暂缓: leave the queue until that day. Raises as `accept_match`, and for a day past or too far ahead."""
    require_hold_date(until)
    return decide(match, Decision.Kind.HOLD, {"held_until": until}, by=by, step=step, note=note)


def reopen_match(match: Match, *, by: User, reason: str, step: ReviewStep | None = None) -> Decision:
    """重新审核: back to proposed. Only by the reviewer or the city, while no broker was asked and no side has answered.

    Raises PermissionDenied, ValidationError.
    """
    require_reviewer(match, by)
    if not reason.strip():
        raise ValidationError("请写明重新审核的原因。")
    if match.reviewed_by_id != by.pk and not by.scope.is_city:
        raise PermissionDenied("只有原审核人或市级专员可以重新审核。")
    if match.broker_requests.exclude(status__in=BrokerRequest.OVER).exists():
        raise ValidationError("这条匹配已委托技术经纪人跟进，不能重新审核。")
    require_no_response(match)
    changes = {
        "status": Match.Status.PROPOSED,
        "reject_reason": "",
        "duplicate_of_id": None,
        "reviewed_by_id": None,
        "reviewed_at": None,
        "review_note": reason.strip()[:300],
        "appeal": "",
        "assigned_to_id": None,
    }
    return decide(match, Decision.Kind.REOPEN, changes, by=by, step=step, states=DECIDED, note=reason)


def status_columns(status: str, by: User, note: str, **changes: Any) -> dict[str, Any]:
    """Column values of a match decided now by `by`."""
    return {
        "status": Match.Status(status),
        "review_note": note.strip()[:300],
        "reviewed_by_id": by.pk,
        "reviewed_at": timezone.now(),
        "held_until": None,
        **changes,
    }


def require_hold_date(until: date) -> None:
    if not timezone.localdate() < until <= timezone.localdate() + MAX_HOLD:
        raise ValidationError("请选择明天以后、一年以内的日期。")


def require_reject_reason(reason: str) -> None:
    if reason not in Match.RejectReason.values:
        raise ValidationError("请选择退回原因。")
