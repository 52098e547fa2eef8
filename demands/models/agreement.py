"""保密协议: the agreement of a firm and an institution about one demand, with the signed copy of each side."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import REASON_LENGTH
from core.public_id import new_public_id
from core.scope import scope_of
from demands.models.demand import Demand

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class AgreementQuerySet(models.QuerySet["Agreement"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Those of the user's firms and institutions, those of its firms for a district, all for city and auditors."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(
            Q(demand__firm__in=scope.firm_ids)
            | Q(institution__in=scope.institution_ids)
            | Q(demand__firm__stat_region__in=scope.region_ids)
        )

    def in_force(self) -> Self:
        """Both sides have uploaded their signed copy, neither copy has expired, and neither side has ended it."""
        is_valid = Q(valid_until=None) | Q(valid_until__gte=timezone.localdate())
        signed = AgreementCopy.objects.filter(is_valid, agreement=OuterRef("pk"), replaced_at=None)
        return self.filter(
            Exists(signed.filter(side=AgreementCopy.Side.FIRM)),
            Exists(signed.filter(side=AgreementCopy.Side.INSTITUTION)),
            ended_at=None,
        )


class Agreement(models.Model):
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="agreements", verbose_name="需求")
    institution = models.ForeignKey(Organisation, models.PROTECT, related_name="agreements", verbose_name="院所")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="发起人")
    opened_at = models.DateTimeField("发起时间", default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="终止人"
    )
    ended_at = models.DateTimeField("终止时间", null=True, editable=False)
    end_reason = models.CharField("终止原因", max_length=REASON_LENGTH, blank=True, editable=False)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        verbose_name = "保密协议"
        verbose_name_plural = "保密协议"
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["demand", "institution"],
                condition=Q(ended_at=None),
                name="agreement_one_open_per_pair",
                violation_error_message="双方就这项需求已有一份保密协议。",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, end_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason=""),
                name="agreement_ended_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.demand} · {self.institution}"


class AgreementCopy(models.Model):
    """The signed copy that one side uploaded. A new one of the same side replaces it; the old one stays stored."""

    class Side(models.TextChoices):
        FIRM = "firm", "企业"
        INSTITUTION = "institution", "院所"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="copies")
    side = models.CharField("哪一方", max_length=12, choices=Side)
    file = models.FileField("文件", upload_to="agreements/%Y/%m/", max_length=200)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)
    valid_until = models.DateField("有效期至", null=True, blank=True)
    replaced_at = models.DateTimeField("替换时间", null=True, editable=False)

    class Meta:
        verbose_name = "保密协议签署件"
        verbose_name_plural = "保密协议签署件"
        ordering = ["uploaded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "side"],
                condition=Q(replaced_at=None),
                name="agreement_copy_one_current_per_side",
            ),
        ]

    def __str__(self) -> str:
        return self.name
