"""Invitations to join an organisation."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, Role, User
from core.masking import mask_email

INVITATION_LIFETIME = timedelta(days=7)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        """That still can be accepted."""
        return self.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=timezone.now())


class Invitation(models.Model):
    """An invitation of one person, by mail address, to one role in an organisation.

    The link carries a secret, of which the row keeps only the hash; it opens the invitation once.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations", verbose_name="单位")
    role = models.CharField("角色", max_length=20, choices=Role)
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
        ]

    def __str__(self) -> str:
        return f"{self.organisation} {mask_email(self.email)}"
