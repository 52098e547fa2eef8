"""Invitations to join an organisation, and delegations: narrower rights on a part of an institution's records."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, Role, User
from core.masking import mask_email
from core.public_id import new_public_id
from core.scope import scope_of

INVITATION_LIFETIME = timedelta(days=7)


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def in_force(self) -> Self:
        """Not ended, of an organisation that is active."""
        return self.filter(ended_at=None, organisation__is_active=True)

    def of(self, user: User | AnonymousUser) -> Self:
        """Those by which the user acts now."""
        return self.in_force().filter(user=scope_of(user).user_id)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """For the officers of the institution that gave them."""
        return self.filter(organisation__in=scope_of(user).institution_ids)


class Delegation(models.Model):
    """What an institution lets a college office or a completer do: read a part of its records and propose changes.

    It is no membership: who has only this represents the institution nowhere. A college office has the records of its
    `college`; which records a completer has, the app that keeps them knows. user: None until the invitation is taken.
    """

    class Kind(models.TextChoices):
        COLLEGE = "college", "学院办公室"
        COMPLETER = "completer", "完成人"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="delegations", verbose_name="单位")
    kind = models.CharField("授权给", max_length=10, choices=Kind)
    college = models.CharField("学院", max_length=60, blank=True)
    user = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="delegations", verbose_name="用户"
    )
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="授权人")
    made_at = models.DateTimeField("授权时间", default=timezone.now, editable=False)
    ended_at = models.DateTimeField("结束时间", null=True, editable=False)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="结束人"
    )

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = "成果授权"
        verbose_name_plural = "成果授权"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="college") & ~Q(college="") | Q(kind="completer", college=""),
                name="delegation_college_iff_of_a_college",
                violation_error_message="请选择学院。",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="delegation_ended_by_a_user",
            ),
            models.UniqueConstraint(
                fields=["organisation", "user", "kind", "college"],
                condition=Q(ended_at=None),
                name="delegation_in_force_once",
                violation_error_message="这位用户已有同样的授权。",
            ),
        ]

    def __str__(self) -> str:
        return self.college or self.get_kind_display()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """That still can be accepted."""
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """An invitation of one person, by mail address, to one role in an organisation, or to a delegation of it.

    The link carries a secret, of which the row keeps only the hash; it opens the invitation once.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations", verbose_name="单位")
    role = models.CharField("角色", max_length=20, choices=Role, blank=True)
    delegation = models.ForeignKey(
        Delegation, models.CASCADE, null=True, editable=False, related_name="invitations", verbose_name="成果授权"
    )
    email = models.EmailField("邮箱")
    is_administrator = models.BooleanField("单位管理员", default=False)
    secret_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="邀请人")
    invited_at = models.DateTimeField("邀请时间", auto_now_add=True)
    expires_at = models.DateTimeField("有效期至")
    accepted_at = models.DateTimeField("接受时间", null=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="接受人"
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "成员邀请"
        verbose_name_plural = "成员邀请"
        ordering = ["-invited_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(accepted_at=None, accepted_by=None)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, withdrawn_at=None),
                name="invitation_accepted_by_a_user",
            ),
            models.CheckConstraint(
                condition=Q(delegation=None) & ~Q(role="")
                | Q(delegation__isnull=False, role="", is_administrator=False),
                name="invitation_to_a_role_or_a_delegation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {mask_email(self.email)}"
