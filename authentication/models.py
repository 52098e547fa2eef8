"""Devices and sessions of users, changes of address, mails of the account, accounts at the government's provider."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from accounts.models import User
from core.public_id import new_public_id

USUAL_FOR = timedelta(days=90)
UNDO_FOR = timedelta(days=7)
CONFIRM_WITHIN = timedelta(hours=24)


class KnownDeviceQuerySet(models.QuerySet["KnownDevice"]):
    def current(self) -> Self:
        """Used within the last 90 days."""
        return self.filter(last_seen_at__gte=timezone.now() - USUAL_FOR)


class KnownDevice(models.Model):
    """A browser in which the user has signed in. The browser holds the token, the row its SHA-256."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="known_devices")
    token_hash = models.CharField(max_length=64)
    address = models.GenericIPAddressField("地址", null=True)
    first_seen_at = models.DateTimeField("首次登录", default=timezone.now)
    last_seen_at = models.DateTimeField("最近登录", default=timezone.now)

    objects = KnownDeviceQuerySet.as_manager()

    class Meta:
        verbose_name = "常用设备"
        verbose_name_plural = "常用设备"
        constraints = [models.UniqueConstraint(fields=["user", "token_hash"], name="known_device_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.first_seen_at:%Y-%m-%d}"


class UserSessionQuerySet(models.QuerySet["UserSession"]):
    def of(self, user: User) -> Self:
        """The user's own sessions that have not ended, with `expires_at`."""
        session = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
        rows = self.filter(user=user.pk).annotate(expires_at=Subquery(session.values("expire_date")))
        return rows.exclude(expires_at=None)


class UserSession(models.Model):
    """What the user is shown about a session, so that one that is not the user's own can be recognised and ended."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sign_in_sessions")
    session_key = models.CharField(max_length=40, unique=True)
    known_device = models.ForeignKey(KnownDevice, models.SET_NULL, null=True, related_name="sessions")
    device = models.CharField("设备", max_length=60)
    address = models.CharField("地址", max_length=45, help_text="末段不保存")
    signed_in_at = models.DateTimeField("登录时间", default=timezone.now)

    objects = UserSessionQuerySet.as_manager()

    class Meta:
        verbose_name = "登录会话"
        verbose_name_plural = "登录会话"
        ordering = ["-signed_in_at"]

    def __str__(self) -> str:
        return f"{self.user} · {self.device}"


class AddressChange(models.Model):
    """A new mail address: used once its owner has confirmed it, and taken back for seven days by the old address."""

    class Status(models.TextChoices):
        ASKED = "asked", "等待确认"
        CONFIRMED = "confirmed", "已确认"
        UNDONE = "undone", "已撤回"
        DROPPED = "dropped", "已作废"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="address_changes")
    old_address = models.EmailField("原邮箱", blank=True)
    new_address = models.EmailField("新邮箱")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ASKED)
    asked_at = models.DateTimeField("提出时间", default=timezone.now)
    confirmed_at = models.DateTimeField("确认时间", null=True)
    undone_at = models.DateTimeField("撤回时间", null=True)

    class Meta:
        verbose_name = "更换邮箱"
        verbose_name_plural = "更换邮箱"
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(status="asked"), name="address_change_one_open_per_user"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["asked", "dropped"], confirmed_at=None)
                | Q(status="confirmed", confirmed_at__isnull=False)
                | Q(status="undone"),
                name="address_change_confirmed_iff_dated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_status_display()}"


class AccountMailQuerySet(models.QuerySet["AccountMail"]):
    def unsent(self) -> Self:
        return self.filter(sent_at=None, asked_at__gte=timezone.now() - timedelta(hours=1))


class AccountMail(models.Model):
    """A mail about an account, written when it is sent: its link must not be readable in the database or the admin.

    A row without user stands for a reset asked for an unknown name: asking does the same for both. It is not sent.
    """

    class Kind(models.TextChoices):
        RESET = "reset", "重置密码"
        RESET_DONE = "reset_done", "密码已重置"
        CONFIRM_ADDRESS = "confirm", "确认新邮箱"
        ADDRESS_CHANGED = "changed", "邮箱已更换"
        FACTOR = "factor", "二次验证有变动"
        DEVICE = "device", "新设备登录"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    kind = models.CharField("类别", max_length=10, choices=Kind)
    address_change = models.ForeignKey(AddressChange, models.CASCADE, null=True, related_name="+")
    sentence = models.CharField("内容", max_length=300, blank=True)
    asked_at = models.DateTimeField("提出时间", default=timezone.now)
    sent_at = models.DateTimeField("发送时间", null=True)

    objects = AccountMailQuerySet.as_manager()

    class Meta:
        verbose_name = "账号邮件"
        verbose_name_plural = "账号邮件"
        indexes = [models.Index(fields=["asked_at"], condition=Q(sent_at=None), name="account_mail_unsent")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.user}"


class GovernmentAccount(models.Model):
    """The account at the government's provider with which the user signs in: issuer and subject, never an address."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="government_account")
    issuer = models.CharField(max_length=200)
    subject = models.CharField(max_length=255)
    linked_at = models.DateTimeField("绑定时间", default=timezone.now)
    last_used_at = models.DateTimeField("最近使用", null=True)

    class Meta:
        verbose_name = "政务账号"
        verbose_name_plural = "政务账号"
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                name="government_account_once",
                violation_error_message="这个政务账号已经绑定了另一个平台账号。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.linked_at:%Y-%m-%d}"
