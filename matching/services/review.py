"""Decisions about matches. Two officers may press at once: the database lets one win (law 2)."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import record
from matching.models import Match


def accept_match(match: Match, *, by, note: str = "") -> None:
    """采纳. Raises PermissionDenied outside the own district, ValidationError when somebody has decided already."""
    _decide(match, Match.Status.ACCEPTED, by=by, note=note)


def reject_match(match: Match, *, by, reason: str, note: str = "") -> None:
    """退回 with a reason of `Match.RejectReason`. Raises as `accept_match`, and ValidationError without a reason."""
    if reason not in Match.RejectReason.values:
        raise ValidationError(_("请选择退回原因。"))
    _decide(match, Match.Status.REJECTED, by=by, note=note, reject_reason=reason)


@transaction.atomic
def reopen_match(match: Match, *, by, reason: str) -> None:
    """Take a decision back, by whoever made it or the city, while no broker has been asked."""
    check_reviewer(match, by)
    if not reason.strip():
        raise ValidationError(_("请写明重新审核的原因。"))
    if match.reviewed_by_id != by.pk and not by.scope.is_city:
        raise PermissionDenied(_("只有原审核人或市级专员可以重新审核。"))
    if match.broker_requests.exclude(status="declined").exists():
        raise ValidationError(_("这条匹配已委托技术经纪人跟进，不能重新审核。"))
    reopened = (
        Match.objects.filter(pk=match.pk, status=match.status, reviewed_at=match.reviewed_at)
        .exclude(status=Match.Status.PROPOSED)
        .update(
            status=Match.Status.PROPOSED, reject_reason="", reviewed_by=None, reviewed_at=None, review_note=reason[:300]
        )
    )
    if not reopened:
        raise ValidationError(_("这条匹配的状态刚被其他同事改变，请刷新后再看。"))
    record("重新审核", match, by=by, changes={"status": [match.status, "proposed"], "reason": [None, reason[:300]]})
    match.refresh_from_db()


@transaction.atomic
def _decide(match: Match, verdict: str, *, by, note: str, reject_reason: str = "") -> None:
    check_reviewer(match, by)
    # Only this table's own columns in the filter: across a join PostgreSQL would let two opposite decisions both win.
    decided = Match.objects.filter(pk=match.pk, status=Match.Status.PROPOSED).update(
        status=verdict,
        reject_reason=reject_reason,
        review_note=note.strip()[:300],
        reviewed_by=by,
        reviewed_at=timezone.now(),
    )
    match.refresh_from_db()
    if not decided:
        raise ValidationError(
            _("“%(match)s”已由%(who)s审核（%(what)s），本次操作没有生效。")
            % {"match": match, "who": match.reviewed_by, "what": match.get_status_display()}
        )
    record("审核匹配", match, by=by, changes={"status": ["proposed", verdict], "reason": [None, reject_reason]})


def check_reviewer(match: Match, by) -> None:
    """A district decides for the firms of its own reporting unit, the city for all; an auditor only reads."""
    if not (by.scope.is_city or match.demand.firm.stat_region_id in by.scope.region_ids):
        raise PermissionDenied(_("“%(match)s”不在您负责的区市县。") % {"match": match})
