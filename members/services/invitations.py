"""Inviting a person to an organisation by a link that is used once."""

from typing import NamedTuple

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, Organisation, Role, User
from accounts.services.members import add_member, check_new_member
from accounts.validators import validate_person_name, validate_phone
from audit.services import record
from audit.transitions import transition
from core.masking import mask_email
from core.secret_links import digest_of, new_secret
from members.models import INVITATION_LIFETIME, Delegation, Invitation
from members.recipients import absolute, tell_members
from members.services.delegations import take_up
from members.services.memberships import may_administer
from members.services.sign_ups import create_user
from notices.services import SingleMail, send_single_mails
from notices.texts.writing import write_text

ROLE_OF_KIND: dict[str, Role] = {
    Organisation.Kind.INSTITUTION: Role.INSTITUTION,
    Organisation.Kind.FIRM: Role.FIRM,
    Organisation.Kind.AGENCY: Role.BROKER,
    Organisation.Kind.DISTRICT: Role.DISTRICT,
    Organisation.Kind.CITY: Role.CITY,
    Organisation.Kind.BUREAU: Role.BUREAU,
}
MAX_OPEN = 20
UNKNOWN = "这个邀请链接无效：可能已经用过、已被撤回，或超过了 7 天。请联系邀请您的管理员重新邀请。"


class NewInvitation(NamedTuple):
    """`link` holds the secret and is shown once."""

    invitation: Invitation
    link: str


@transaction.atomic
def invite_member(organisation: Organisation, *, email: str, is_administrator: bool, by: User) -> NewInvitation:
    """Invite the owner of a mail address, and mail the link there. An earlier open invitation of it is withdrawn.

    Raises PermissionDenied unless `by` administers the organisation; ValidationError for the address or too many.
    """
    organisation = Organisation.objects.select_for_update(of=["self"]).get(pk=organisation.pk)
    email = check_invited(organisation, email, by=by)
    open_ones = Invitation.objects.open().filter(organisation=organisation, delegation=None)
    open_ones.filter(email__iexact=email).update(withdrawn_at=timezone.now())
    if open_ones.count() >= MAX_OPEN:
        raise ValidationError(f"最多同时有 {MAX_OPEN} 份未使用的邀请，请先撤回不需要的。")
    invitation, link = create_invitation(
        organisation, email, by=by, role=ROLE_OF_KIND[organisation.kind], is_administrator=is_administrator
    )
    changes = {"email": [None, mask_email(email)], "is_administrator": [None, is_administrator]}
    record("邀请成员", invitation, by=by, changes=changes)
    text = f"{by.name}邀请了 {mask_email(email)} 加入本单位{'并担任管理员' if is_administrator else ''}。"
    tell_members(organisation, text, event=f"invited {invitation.pk}", besides=[by.pk])
    return NewInvitation(invitation, link)


def check_invited(organisation: Organisation, email: str, *, by: User) -> str:
    """The cleaned address. Raises PermissionDenied, ValidationError if nobody may be invited to it."""
    if not may_administer(organisation, by):
        raise PermissionDenied("只有本单位的管理员可以邀请成员。")
    if not organisation.is_active:
        raise ValidationError("本单位已停用，不能邀请成员。")
    email = email.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise ValidationError("请填写正确的邮箱地址，例如 zhang@example.cn。") from None
    if Membership.objects.active().filter(organisation=organisation, user__email__iexact=email).exists():
        raise ValidationError("本单位已有使用这个邮箱的成员。")
    return email


def create_invitation(
    organisation: Organisation,
    email: str,
    *,
    by: User,
    role: str = "",
    is_administrator: bool = False,
    delegation: Delegation | None = None,
) -> NewInvitation:
    """Store the invitation to a role or a delegation and mail its link. The caller has checked the rest."""
    secret = new_secret()
    invitation = Invitation.objects.create(
        organisation=organisation,
        role=role,
        delegation=delegation,
        email=email,
        is_administrator=is_administrator,
        secret_hash=digest_of(secret),
        invited_by=by,
        expires_at=timezone.now() + INVITATION_LIFETIME,
    )
    link = absolute(reverse("invitation", args=[secret]))
    _mail_link(invitation, link)
    return NewInvitation(invitation, link)


def withdraw_invitation(organisation: Organisation, invitation_id: int, *, by: User) -> None:
    """Withdraw an invitation that nobody has accepted. Raises PermissionDenied, ValidationError."""
    if not may_administer(organisation, by):
        raise PermissionDenied("只有本单位的管理员可以撤回邀请。")
    invitation = Invitation.objects.filter(organisation=organisation, delegation=None, pk=invitation_id).first()
    if invitation is None:
        raise ValidationError("没有这份邀请，请刷新页面。")
    transition(
        invitation,
        when={"accepted_at": None, "withdrawn_at": None},
        values={"withdrawn_at": timezone.now()},
        refusal=lambda row: "对方已经接受邀请，如需移除请在成员中办理。" if row.accepted_at else "这份邀请已经撤回。",
        action="撤回邀请",
        by=by,
    )


def open_invitation(secret: str) -> Invitation | None:
    """The invitation that this secret opens now."""
    rows = Invitation.objects.open().select_related("organisation", "invited_by", "delegation")
    invitation = rows.filter(secret_hash=digest_of(secret), organisation__is_active=True).first()
    still_may = invitation and may_administer(invitation.organisation, invitation.invited_by)
    return invitation if still_may else None  # who was taken away meanwhile lets nobody in


@transaction.atomic
def accept_with_new_user(
    invitation: Invitation, *, email: str, username: str, name: str, phone: str, password: str
) -> User:
    """The invited person makes an account and joins. `email` must be the invited address.

    A user name that another user has gets a number. Raises ValidationError by field.
    """
    problems: dict[str, list[str]] = {}
    if not _is_address_of(invitation, email):
        problems["email"] = ["请填写收到邀请的邮箱。链接只对这个邮箱有效。"]
    user = User(username=User.normalize_username(username.strip()), name=name.strip(), phone=phone.strip())
    user.email = invitation.email
    try:
        validate_person_name(user.name)
    except ValidationError as error:
        problems["name"] = error.messages
    if user.phone:
        try:
            validate_phone(user.phone)
        except ValidationError as error:
            problems["phone"] = error.messages
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems["password"] = error.messages
    if problems:
        raise ValidationError(problems)
    user = create_user(user.username, make_password(password), name=user.name, phone=user.phone, email=invitation.email)
    _join(invitation, user)
    return user


@transaction.atomic
def accept_with_account(invitation: Invitation, *, by: User) -> None:
    """A signed-in user whose mail address is the invited one joins. Raises ValidationError for another address."""
    if not (by.email and _is_address_of(invitation, by.email)):
        raise ValidationError("邀请是发给另一个邮箱的，与您账号的邮箱不同。请退出登录后用邀请邮箱建立账号。")
    own = Membership.objects.filter(user=by, organisation=invitation.organisation_id)
    if (own if invitation.delegation else own.filter(role=invitation.role)).exists():
        raise ValidationError("您已经是这个单位的成员。")
    _join(invitation, by)


def _join(invitation: Invitation, user: User) -> None:
    organisation = invitation.organisation
    transition(
        invitation,
        when={"accepted_at": None, "withdrawn_at": None, "expires_at__gt": timezone.now()},
        values={"accepted_at": timezone.now(), "accepted_by": user},
        refusal=UNKNOWN,
        action="接受邀请",
        by=user,
    )
    if invitation.delegation:
        take_up(invitation.delegation, user)
        return
    check_new_member(user, organisation, invitation.role, by=None)
    membership = add_member(user, organisation, invitation.role, by=None)
    if invitation.is_administrator:
        Membership.objects.filter(pk=membership.pk).update(is_administrator=True)
        record("指定单位管理员", membership, by=invitation.invited_by, changes={"is_administrator": [False, True]})
    text = f"{user.name}接受{invitation.invited_by.name}的邀请，加入了本单位。"
    tell_members(organisation, text, event=f"joined {membership.pk}", besides=[user.pk])


def _is_address_of(invitation: Invitation, email: str) -> bool:
    return email.strip().casefold() == invitation.email.casefold()


def _mail_link(invitation: Invitation, link: str) -> None:
    site = settings.SITE["short_name"]
    what = f"邀请您在{site}代表“{invitation.organisation.name}”。"
    if row := invitation.delegation:
        whose = f"“{row.college}”" if row.college else "您完成"
        what = f"邀请您在{site}查看“{invitation.organisation.name}”里{whose}的成果，并提出修改。"
    values = {"平台": site, "邀请": f"{invitation.invited_by.name}{what}", "邀请链接": link}
    written = write_text("members.invitation", values)
    send_single_mails([SingleMail(invitation.email, written.subject, written.body)])
