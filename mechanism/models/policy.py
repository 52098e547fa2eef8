"""Policies with validity, and the conditions by which the platform hints at them."""

from datetime import date
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from mechanism import policy_fit


class PolicyQuerySet(models.QuerySet["Policy"]):
    def published(self) -> Self:
        return self.filter(published_at__isnull=False)

    def in_force(self, on: date | None = None) -> Self:
        """Policies valid on the day `on`, today by default."""
        day = on or timezone.localdate()
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditor; the published ones for everybody else."""
        return self if scope_of(user).sees_all else self.published()


class Policy(PlainText, models.Model):
    class Kind(models.TextChoices):
        FUND = "fund", "资金支持"
        CONVERSION = "conversion", "转化方案"
        MECHANISM = "mechanism", "工作机制"
        TAX = "tax", "税收优惠"
        OTHER = "other", "其他"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    title = models.CharField("政策名称", max_length=200)
    kind = models.CharField("类别", max_length=20, choices=Kind, default=Kind.OTHER)
    number = models.CharField("文号", max_length=60, blank=True)
    issuer = models.CharField("发文单位", max_length=100, blank=True)
    source = models.CharField("来源", max_length=200, help_text="本页文字根据什么整理，如文件或报道的名称和日期")
    source_url = models.URLField("原文网址", max_length=300, blank=True)
    summary = models.TextField("要点", max_length=2000, help_text="用自己的话写，不照抄原文")
    who = models.TextField("适用对象", max_length=1000, blank=True)
    how = models.TextField("怎么办理", max_length=1000, blank=True, help_text="向谁申请、什么时候")
    materials = models.TextField(
        "申请材料", max_length=2000, blank=True, help_text="每行一项，用于准备申请的清单；没有核对过原文的请注明"
    )
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("有效期至", null=True, blank=True, help_text="没有写明的留空")
    published_at = models.DateTimeField("公开时间", null=True, editable=False)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = "政策"
        verbose_name_plural = "政策"
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["title", "valid_from"],
                name="policy_once",
                violation_error_message="已有同名、同一天生效的政策。",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="policy_validity_in_order",
                violation_error_message="有效期不能早于生效日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_in_force(self) -> bool:
        today = timezone.localdate()
        return self.valid_from <= today and (self.valid_to is None or self.valid_to >= today)

    @property
    def material_lines(self) -> list[str]:
        return [line.strip() for line in self.materials.splitlines() if line.strip()]


class PolicyCondition(PlainText, models.Model):
    """One condition of a policy; all of them have to hold. `policy_fit` defines fields and operators."""

    policy = models.ForeignKey(Policy, models.CASCADE, related_name="conditions", verbose_name="政策")
    subject = models.CharField("对象", max_length=20, choices=policy_fit.SUBJECTS.items())
    field = models.CharField("内容", max_length=30, choices=policy_fit.field_choices())
    operator = models.CharField("比较", max_length=10, choices=policy_fit.OPERATORS.items())
    value = models.CharField("值", max_length=300, blank=True, help_text="几个都可以时用顿号分开；金额为万元")
    words = models.CharField("说明", max_length=200, help_text="给人看的一句话，如“企业注册在本市”")
    order = models.PositiveSmallIntegerField("顺序", default=0)

    class Meta:
        verbose_name = "适用条件"
        verbose_name_plural = "适用条件"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.words

    def clean(self) -> None:
        if error := policy_fit.condition_error(self.as_condition()):
            raise ValidationError(error)

    def as_condition(self) -> policy_fit.FitCondition:
        return policy_fit.FitCondition(self.subject, self.field, self.operator, self.value, self.words)
