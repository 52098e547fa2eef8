"""Letting a college office or a completer take part: a delegation with an invitation to it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from audit.services import record
from core.masking import mask_email
from members.models import Delegation, Invitation
from members.services.invitations import NewInvitation, check_invited, create_invitation
from members.services.memberships import may_administer

MAX_OPEN = 300


@transaction.atomic
def start_delegation(
    organisation: Organisation, *, kind: str, college: str = "", email: str, by: User
) -> NewInvitation:
    """Invite the owner of an address to act for a college, or as a completer.

    Raises PermissionDenied unless `by` administers the institution; ValidationError for the address, for an address
    that holds the same delegation, or for too many open invitations.
    """
    organisation = Organisation.objects.select_for_update(of=["self"]).get(pk=organisation.pk)
    email = check_invited(organisation, email, by=by)
    if organisation.kind != Organisation.Kind.INSTITUTION:
        raise ValidationError("只有高校院所可以授权学院和完成人。")
    same = Delegation.objects.filter(organisation=organisation, kind=kind, college=college, ended_at=None)
    if same.filter(user__email__iexact=email).exists():
        raise ValidationError("使用这个邮箱的人已有同样的授权。")
    open_ones = Invitation.objects.open().filter(organisation=organisation, delegation__isnull=False)
    if open_ones.filter(email__iexact=email, delegation__in=same).exists():
        raise ValidationError("已经邀请过这个邮箱，对方还没有接受。可以在下面再发一次。")
    if open_ones.count() >= MAX_OPEN:
        raise ValidationError(f"最多同时有 {MAX_OPEN} 份未使用的邀请，请先结束不需要的授权。")
    delegation = Delegation(organisation=organisation, kind=kind, college=college, made_by=by)
    delegation.full_clean()
    delegation.save(force_insert=True)
    new = create_invitation(organisation, email, by=by, delegation=delegation)
    changes = {"email": [None, mask_email(email)], "kind": [None, delegation.get_kind_display()]}
    record("授权成果", delegation, by=by, changes=changes)
    return new


@transaction.atomic
def invite_again(delegation: Delegation, *, by: User) -> NewInvitation:
    """A new link to the same address; the earlier one is void. Raises PermissionDenied, ValidationError."""
    if not may_administer(delegation.organisation, by):
        raise PermissionDenied("只有本单位的管理员可以邀请。")
    delegation = Delegation.objects.select_for_update(of=["self"]).get(pk=delegation.pk)
    last = delegation.invitations.order_by("-invited_at", "-pk").first()
    if delegation.user_id or delegation.ended_at or last is None:
        raise ValidationError("这份授权已被接受或已结束，不需要再邀请。")
    email = check_invited(delegation.organisation, last.email, by=by)
    Invitation.objects.open().filter(delegation=delegation).update(withdrawn_at=timezone.now())
    new = create_invitation(delegation.organisation, email, by=by, delegation=delegation)
    record("再次邀请", delegation, by=by, changes={"email": [None, mask_email(email)]})
    return new
