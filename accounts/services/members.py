from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import Membership, Organisation, Role, User
from audit.services import record
from audit.transitions import transition
from core.roles import GROUP_NAMES, STAFF_ROLES

KIND_OF_ROLE: dict[str, Organisation.Kind] = {
    Role.INSTITUTION: Organisation.Kind.INSTITUTION,
    Role.FIRM: Organisation.Kind.FIRM,
    Role.DISTRICT: Organisation.Kind.DISTRICT,
    Role.CITY: Organisation.Kind.CITY,
    Role.BUREAU: Organisation.Kind.BUREAU,
}
STAFF_KINDS = {Organisation.Kind.CITY, Organisation.Kind.BUREAU, Organisation.Kind.DISTRICT}
"""Organisations of the staff, whose members the system administrator adds and removes."""
INCOMPATIBLE_ROLES = {Role.SYSADMIN, Role.AUDITOR}
"""等保: the user who grants permissions must not review the audit trail."""


def check_new_member(user: User, organisation: Organisation, role: str, *, by: User | None) -> None:
    """Raise the errors that `add_member` would raise."""
    _require_may_change_membership(user, by)
    if by is not None and organisation.kind not in STAFF_KINDS and has_active_members(organisation):
        raise PermissionDenied(
            "“%(name)s”已有用户，由该单位的管理员邀请新成员，平台不能代为加入。" % {"name": organisation.name}
        )
    kind = KIND_OF_ROLE.get(role)
    if kind and organisation.kind != kind:
        raise ValidationError(
            "“%(role)s”只能任职于%(kind)s，“%(name)s”不是。",
            params={"role": Role(role).label, "kind": kind.label, "name": organisation.name},
        )
    others = set(user.memberships.values_list("role", flat=True)) | {role}
    if others >= INCOMPATIBLE_ROLES:
        raise ValidationError("同一人不能兼任系统管理员和审计员。")


@transaction.atomic
def add_member(user: User, organisation: Organisation, role: str, *, by: User | None) -> Membership:
    """Give a user a role in an organisation: membership, group of the role, and admin access for staff roles.

    The first member of an organisation, or of one whose members are all suspended, becomes its administrator.
    Interfaces call `members.services.memberships`, which also tells the organisation. Raises ValidationError for a
    role that does not fit the organisation or the user's other roles; PermissionDenied unless `by` is None (the
    caller has checked) or a system administrator who may add to this organisation.
    """
    User.objects.select_for_update().get(pk=user.pk)  # concurrent grants must see each other's role
    check_new_member(user, organisation, role, by=by)
    is_first = not has_active_members(organisation)
    membership, created = Membership.objects.get_or_create(
        user=user, organisation=organisation, role=role, defaults={"is_administrator": is_first}
    )
    if created:
        _synchronise_permissions(user)
        record("加入单位", membership, by=by, changes={"role": [None, role], "organisation": [None, organisation.name]})
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, by: User | None) -> None:
    """Delete the membership and its permissions; the audit trail keeps the record of it."""
    user, organisation, role = membership.user, membership.organisation, membership.role
    _require_may_change_membership(user, by)
    record("离开单位", membership, by=by, changes={"role": [role, None], "organisation": [organisation.name, None]})
    membership.delete()
    _synchronise_permissions(user)


def suspend_user(user: User, *, by: User, reason: str) -> None:
    """Deactivate a user with immediate effect, including open sessions. The user's data stays."""
    _require_sysadmin_other_than(user, by)
    if not reason.strip():
        raise ValidationError("请写明停用理由。")
    transition(
        user,
        when={"is_active": True},
        values={"is_active": False},
        refusal="这位用户已经停用。",
        action="停用用户",
        by=by,
        changes={"is_active": [True, False], "reason": [None, reason.strip()[:200]]},
    )


def reactivate_user(user: User, *, by: User) -> None:
    _require_sysadmin_other_than(user, by)
    transition(
        user,
        when={"is_active": False},
        values={"is_active": True},
        refusal="这位用户没有停用。",
        action="恢复用户",
        by=by,
        changes={"is_active": [False, True]},
    )


def has_active_members(organisation: Organisation) -> bool:
    """Whether the organisation has users of its own, who then decide who joins."""
    return Membership.objects.active().filter(organisation=organisation).exists()


def _require_may_change_membership(user: User, by: User | None) -> None:
    if by is None:
        return
    if not by.scope.is_sysadmin:
        raise PermissionDenied("您不能更改这个单位的任职。")
    if user.pk == by.pk:
        raise PermissionDenied("不能更改自己的任职，请另一位系统管理员办理。")


def _require_sysadmin_other_than(user: User, by: User) -> None:
    if not by.scope.is_sysadmin:
        raise PermissionDenied("只有系统管理员可以停用或恢复用户。")
    if user.pk == by.pk:
        raise PermissionDenied("不能停用或恢复自己的账号。")


def _synchronise_permissions(user: User) -> None:
    """Set the groups and the admin access of the user to what the memberships imply."""
    roles = set(user.memberships.values_list("role", flat=True))
    user.groups.set([Group.objects.get_or_create(name=GROUP_NAMES[role])[0] for role in sorted(roles)])
    user.is_staff = user.is_superuser or bool(roles & STAFF_ROLES)
    User.objects.filter(pk=user.pk).update(is_staff=user.is_staff)
    user.__dict__.pop("scope", None)
