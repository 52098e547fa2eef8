"""Linking a user with an account at the government's provider, and what its claims give."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.services.members import add_member
from audit.services import record
from authentication.claims import map_claims
from authentication.models import AccountMail, GovernmentAccount
from authentication.services.account_mails import tell_user


def user_of_account(issuer: str, subject: str) -> User | None:
    """The active user who has linked this account. Names, mail addresses and telephone numbers are not looked at."""
    account = (
        GovernmentAccount.objects.select_related("user")
        .filter(issuer=issuer, subject=subject, user__is_active=True)
        .first()
    )
    return account.user if account else None


@transaction.atomic
def link_account(user: User, *, issuer: str, subject: str, claims: Mapping[str, Any]) -> GovernmentAccount:
    """Link the account with the user, who has just proved both. Raises ValidationError if either is linked already."""
    try:
        with transaction.atomic():
            account = GovernmentAccount.objects.create(user=user, issuer=issuer, subject=subject)
    except IntegrityError:
        raise ValidationError("这个政务账号或您的平台账号已经绑定过。请先在“账号安全”里解除原来的绑定。") from None
    record("绑定政务账号", user, by=user)
    tell_user(
        user,
        AccountMail.Kind.FACTOR,
        "您的账号绑定了政务账号，以后可以用它登录。不是您本人操作的话，请立即修改密码。",
        key="linked",
    )
    join_by_claims(user, claims)
    return account


@transaction.atomic
def unlink_account(user: User, *, by: User) -> None:
    """Raises ValidationError if no account is linked."""
    if not GovernmentAccount.objects.filter(user=user).delete()[0]:
        raise ValidationError("您没有绑定政务账号。")
    record("解除政务账号", user, by=by)
    tell_user(user, AccountMail.Kind.FACTOR, "您的账号解除了政务账号的绑定。", key="unlinked")


@transaction.atomic
def use_account(user: User, claims: Mapping[str, Any]) -> None:
    GovernmentAccount.objects.filter(user=user).update(last_used_at=timezone.now())
    join_by_claims(user, claims)


def join_by_claims(user: User, claims: Mapping[str, Any]) -> Membership | None:
    """Make the user a member of the organisation that the claims name, if nobody else speaks for it yet.

    An organisation that has members decides itself who joins, so for it claims give nothing. A claim that changes
    takes nothing away either: memberships are ended by people. Returns the new membership.
    """
    mapped = map_claims(claims)
    if not (mapped.credit_code and mapped.role):
        return None
    organisation = (
        Organisation.objects.select_for_update().filter(credit_code=mapped.credit_code, is_active=True).first()
    )
    if organisation is None or organisation.memberships.exists():
        return None
    try:
        return add_member(user, organisation, mapped.role, by=None)
    except ValidationError:  # the role does not fit the organisation or the user's other roles
        return None
