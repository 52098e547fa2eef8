"""Requests of persons about their own data (个人信息保护法 art. 44-50)."""

from datetime import timedelta
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

COPY_LIFETIME = timedelta(days=30)
"""So long after the answer the person can read it and download the copy; then the request forgets who asked."""


class DataRequestQuerySet(models.QuerySet["DataRequest"]):
    def open(self) -> Self:
        return self.filter(status__in=DataRequest.OPEN)

    def overdue(self) -> Self:
        return self.open().filter(due_on__lt=timezone.localdate())

    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """All for city and auditor; for administrators of an organisation those about persons it has recorded.

        An organisation sees a request only when the identity is verified: before, it may come from anybody.
        """
        scope = scope_of(user)
        if scope.sees_all:
            return self
        administered = Organisation.objects.filter(memberships__user=scope.user_id, memberships__is_administrator=True)
        return self.filter(organisations__in=administered, verified_at__isnull=False).distinct()

    def of(self, user: "User | AnonymousUser") -> Self:
        """Those that the signed-in user has made."""
        return self.filter(user=scope_of(user).user_id)


class DataRequest(PlainText, models.Model):
    """A person asks for access, correction, withdrawal of the consent or deletion.

    It is handled when the identity is verified: by the account, by a link mailed to the address on record, or by an
    officer. organisations: those that have recorded the person, found by `services.requests.prepare_request`.
    """

    class Kind(models.TextChoices):
        ACCESS = "access", "查阅、复制"
        CORRECT = "correct", "更正"
        WITHDRAW = "withdraw", "撤回同意"
        DELETE = "delete", "删除"

    class Status(models.TextChoices):
        RECEIVED = "received", "待核实身份"
        VERIFIED = "verified", "办理中"
        DONE = "done", "已办结"
        REFUSED = "refused", "不予办理"

    OPEN = (Status.RECEIVED, Status.VERIFIED)

    class Verification(models.TextChoices):
        ACCOUNT = "account", "本人登录"
        MAIL = "mail", "登记邮箱中的链接"
        OFFICER = "officer", "工作人员核对"

    public_id = models.CharField("编号", max_length=10, unique=True, default=new_public_id, editable=False)
    kind = models.CharField("请求", max_length=10, choices=Kind)
    name = models.CharField("姓名", max_length=30)
    email = models.EmailField("登记的邮箱", blank=True)
    phone = models.CharField("登记的电话", max_length=20, blank=True)
    unit = models.CharField("单位", max_length=100, blank=True)
    words = models.TextField("说明", max_length=1000, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="用户"
    )
    organisations = models.ManyToManyField(Organisation, editable=False, related_name="+", verbose_name="登记的单位")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.RECEIVED, editable=False)
    received_at = models.DateTimeField("收到时间", auto_now_add=True)
    due_on = models.DateField("办理期限")
    prepared_at = models.DateTimeField(null=True, editable=False)
    link_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)
    verified_at = models.DateTimeField("核实时间", null=True, editable=False)
    verified_how = models.CharField("核实方式", max_length=10, choices=Verification, blank=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="核实人"
    )
    verification_note = models.CharField("核实说明", max_length=200, blank=True, editable=False)
    confirmed_records = ArrayField(models.CharField(max_length=30), default=list, blank=True, editable=False)
    """Keys of records that an officer found to be the person's: they are in the copy."""
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="办理人"
    )
    handled_at = models.DateTimeField("办结时间", null=True, editable=False)
    answer = models.TextField("答复", max_length=1000, blank=True, editable=False)

    objects = DataRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "个人信息请求"
        verbose_name_plural = "个人信息请求"
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["received", "verified"], handled_at=None)
                | Q(status__in=["done", "refused"], handled_at__isnull=False) & ~Q(answer=""),
                name="data_request_answered_iff_handled",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["received", "refused"]) | Q(verified_at__isnull=False),
                name="data_request_verified_before_handled",
            ),
            models.CheckConstraint(
                condition=~Q(email="")
                | ~Q(phone="")
                | Q(user__isnull=False)
                | ~Q(unit="")
                | Q(status__in=["done", "refused"]),
                name="data_request_names_a_person",
                violation_error_message="请至少填写登记的邮箱、电话或单位，否则无法查找。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.public_id}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_on < timezone.localdate()


class DataRequestStep(models.Model):
    """What was done for a request, without the data: the record that stays."""

    request = models.ForeignKey(DataRequest, models.PROTECT, related_name="steps")
    at = models.DateTimeField("时间", auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    text = models.CharField("办理", max_length=300)

    class Meta:
        verbose_name = "办理记录"
        verbose_name_plural = "办理记录"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return self.text
