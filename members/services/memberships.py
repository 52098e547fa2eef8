"""Who is in an organisation: administrators take members away and appoint administrators; staff organisations are kept
by the system administrator. Everybody of the organisation is told."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.services.members import STAFF_KINDS, add_member, end_membership, has_active_members
from audit.services import record
from audit.transitions import transition
from members.recipients import mail_contacts, tell_members, tell_user
from notices.models import Notice
from notices.texts.writing import write_text

GONE = "这位成员已经不在本单位，可能刚被其他管理员移除。请刷新页面。"


def may_administer(organisation: Organisation, by: User) -> bool:
    """Whether the user invites, appoints and takes away members."""
    if organisation.kind in STAFF_KINDS:
        return by.scope.is_sysadmin
    return Membership.objects.administrators().filter(organisation=organisation, user=by).exists()


def lacks_administrator(organisation: Organisation) -> bool:
    return not Membership.objects.administrators().filter(organisation=organisation).exists()


@transaction.atomic
def add_member_by_staff(user: User, organisation: Organisation, role: str, *, by: User) -> Membership:
    """The system administrator gives a user a role, in a staff organisation or in one without users.

    The people there are told; of an organisation without users, the recorded contacts and former users. Raises
    PermissionDenied, ValidationError as `add_member` does.
    """
    organisation = Organisation.objects.select_for_update(of=["self"]).get(pk=organisation.pk)
    had_members = has_active_members(organisation)
    membership = add_member(user, organisation, role, by=by)
    text = (
        f"系统管理员{by.name}把{user.name}（{membership.get_role_display()}）加入了本单位。如有疑问，请向市科技局反映。"
    )
    tell_members(organisation, text, event=f"joined {membership.pk}", besides=[by.pk])
    if not had_members:
        mail_contacts(organisation, write_text("members.user_added", {"单位": organisation.name, "用户": user.name}))
    return membership


@transaction.atomic
def remove_member(organisation: Organisation, membership_id: int, *, by: User) -> str:
    """Take a member away, or leave: the rights end with the user's next request. Returns the member's name.

    The last administrator stays while others are in the organisation. Raises PermissionDenied, ValidationError.
    """
    organisation = Organisation.objects.select_for_update(of=["self"]).get(pk=organisation.pk)
    membership = _member(organisation, membership_id)
    if membership.user_id != by.pk and not may_administer(organisation, by):
        raise PermissionDenied("只有本单位的管理员可以移除成员。")
    if organisation.kind in STAFF_KINDS and membership.user_id == by.pk:
        raise PermissionDenied("不能更改自己的任职，请另一位系统管理员办理。")
    _require_other_administrator(membership)
    _end(membership, by)
    return membership.user.name


@transaction.atomic
def end_membership_by_staff(membership: Membership, *, by: User) -> None:
    """The system administrator ends a membership of any organisation."""
    Organisation.objects.select_for_update(of=["self"]).get(pk=membership.organisation_id)
    if not by.scope.is_sysadmin:
        raise PermissionDenied("您不能更改这个单位的任职。")
    if membership.user_id == by.pk:
        raise PermissionDenied("不能更改自己的任职，请另一位系统管理员办理。")
    if not Membership.objects.filter(pk=membership.pk).exists():
        raise ValidationError(GONE)
    _end(membership, by)


@transaction.atomic
def appoint_administrator(organisation: Organisation, membership_id: int, *, by: User) -> str:
    """Make a member an administrator. In an organisation without one, any member may appoint. Returns the name."""
    organisation = Organisation.objects.select_for_update(of=["self"]).get(pk=organisation.pk)
    membership = _member(organisation, membership_id)
    is_member = Membership.objects.active().filter(organisation=organisation, user=by).exists()
    if not (may_administer(organisation, by) or (lacks_administrator(organisation) and is_member)):
        raise PermissionDenied("只有本单位的管理员可以指定管理员。")
    if not membership.user.is_active:
        raise ValidationError("这位成员的账号已停用，不能担任管理员。")
    _set_administrator(membership, True, by, "这位成员已经是管理员。")
    return membership.user.name


@transaction.atomic
def dismiss_administrator(organisation: Organisation, membership_id: int, *, by: User) -> str:
    """Make an administrator a plain member; never the last one. Returns the name."""
    organisation = Organisation.objects.select_for_update(of=["self"]).get(pk=organisation.pk)
    membership = _member(organisation, membership_id)
    if not may_administer(organisation, by):
        raise PermissionDenied("只有本单位的管理员可以取消管理员。")
    if membership.is_administrator and not _has_other_administrator(membership):
        raise ValidationError("这是本单位唯一的管理员。请先指定另一位管理员。")
    _set_administrator(membership, False, by, "这位成员已经不是管理员。")
    return membership.user.name


def _member(organisation: Organisation, membership_id: int) -> Membership:
    rows = Membership.objects.filter(organisation=organisation).select_related("user", "organisation")
    membership = rows.filter(pk=membership_id).first()
    if membership is None:
        raise ValidationError(GONE)
    return membership


def _has_other_administrator(membership: Membership) -> bool:
    others = Membership.objects.administrators().filter(organisation=membership.organisation_id)
    return others.exclude(pk=membership.pk).exists()


def _require_other_administrator(membership: Membership) -> None:
    others = Membership.objects.active().filter(organisation=membership.organisation_id).exclude(pk=membership.pk)
    if membership.is_administrator and others.exists() and not _has_other_administrator(membership):
        raise ValidationError("这是本单位唯一的管理员。请先指定另一位管理员，再移除。")


def _end(membership: Membership, by: User) -> None:
    user, organisation, key = membership.user, membership.organisation, membership.pk
    end_membership(membership, by=None)
    record("移除成员", user, by=by, changes={"organisation": [organisation.name, None]})
    who = "自己退出了" if user.pk == by.pk else f"由{by.name}移出了"
    tell_members(organisation, f"{user.name}{who}本单位。", event=f"left {key}", besides=[by.pk])
    if not user.memberships.exists():  # else nobody can tell which of the notices are about this organisation
        Notice.objects.for_user(user).unread().update(read_at=timezone.now())
    if user.pk != by.pk:
        text = f"您已不再代表{organisation.name}，相应的权限已收回。如有疑问，请联系该单位的管理员。"
        tell_user(user, text, organisation=organisation, event=f"you left {key}")


def _set_administrator(membership: Membership, value: bool, by: User, refusal: str) -> None:
    transition(
        membership,
        when={"is_administrator": not value},
        values={"is_administrator": value},
        refusal=refusal,
        action="指定单位管理员" if value else "取消单位管理员",
        by=by,
        changes={"is_administrator": [not value, value]},
    )
    text = f"{by.name}{'指定' if value else '取消'}了{membership.user.name}的管理员身份。"
    event = f"administrator {membership.pk} {value} {timezone.now():%Y%m%d%H%M%S}"
    tell_members(membership.organisation, text, event=event, besides=[by.pk])
