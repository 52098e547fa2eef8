"""保密协议 of a follow-up: only sides that both agreed to meet know each other and can conclude one."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet

from accounts.models import User
from demands.models import Agreement, AgreementCopy
from demands.services.files import end_agreement, upload_agreement_copy
from matching.models import FollowUp


def sign_agreement(
    follow_up: FollowUp, *, content: bytes, name: str, by: User, valid_until: date | None = None
) -> AgreementCopy:
    """Upload the signed copy of the side for which `by` acts.

    Raises PermissionDenied before both sides are willing and for others than the sides, ValidationError.
    """
    if not follow_up.is_agreed:
        raise PermissionDenied("双方都愿意对接后，才能签署保密协议。")
    match = follow_up.match
    return upload_agreement_copy(
        match.demand, match.achievement.institution, content=content, name=name, by=by, valid_until=valid_until
    )


def end_agreement_of(follow_up: FollowUp, *, reason: str, by: User) -> None:
    """End the open agreement of the pair. Raises PermissionDenied, ValidationError."""
    row = agreements_of(follow_up).filter(ended_at=None).first()
    if row is None:
        raise ValidationError("双方没有进行中的保密协议。")
    end_agreement(row, by=by, reason=reason)


def agreements_of(follow_up: FollowUp) -> QuerySet[Agreement]:
    match = follow_up.match
    rows = Agreement.objects.filter(demand=match.demand_id, institution=match.achievement.institution_id)
    return rows.select_related("demand__firm", "institution")
