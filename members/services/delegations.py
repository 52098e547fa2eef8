"""Taking up and ending a delegation. `members.services.delegating` starts one with an invitation."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from audit.transitions import transition
from members.models import Delegation, Invitation
from members.recipients import tell_members, tell_user
from members.services.memberships import may_administer


def take_up(delegation: Delegation, user: User) -> None:
    """The invited person has the delegation. Raises ValidationError if it has ended, is taken, or is held already."""
    try:
        with transaction.atomic():
            transition(
                delegation,
                when={"user": None, "ended_at": None},
                values={"user": user},
                refusal="这份授权已经结束或已有人接受。请联系邀请您的管理员。",
                action="接受成果授权",
                by=user,
            )
    except IntegrityError:
        raise ValidationError("您已经有同样的授权，不需要再接受。") from None
    text = f"{user.name}接受了成果授权（{delegation}）。"
    tell_members(delegation.organisation, text, event=f"delegated {delegation.pk}", besides=[user.pk])


@transaction.atomic
def end_delegation(delegation: Delegation, *, by: User) -> None:
    """The rights end with the user's next request; an open invitation to it is withdrawn. By an administrator."""
    if not may_administer(delegation.organisation, by):
        raise PermissionDenied("只有本单位的管理员可以结束授权。")
    close(delegation, by=by)
    if delegation.user:
        text = f"{delegation.organisation}结束了给您的成果授权（{delegation}）。"
        tell_user(delegation.user, text, organisation=delegation.organisation, event=f"undelegated {delegation.pk}")


def close(delegation: Delegation, *, by: User) -> None:
    """End it without a word, as when its user deletes the account. The caller has checked the right."""
    now = timezone.now()
    transition(
        delegation,
        when={"ended_at": None},
        values={"ended_at": now, "ended_by": by},
        refusal="这份授权已经结束。",
        action="结束成果授权",
        by=by,
    )
    Invitation.objects.open().filter(delegation=delegation).update(withdrawn_at=now)


def end_delegations_of(user: User, *, by: User) -> None:
    """All of a user whose account is closed."""
    for delegation in Delegation.objects.filter(user=user, ended_at=None):
        close(delegation, by=by)


def held_by(user: User) -> list[Delegation]:
    """Those by which the user acts, with their organisations."""
    rows = Delegation.objects.of(user).select_related("organisation")
    return list(rows.order_by("organisation__name", "kind", "college"))
