"""专项资金: the yearly budget of a policy, and the calls by which organisations apply for it."""

from datetime import date
from decimal import ROUND_DOWN, Decimal
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Organisation, User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.public_text import PublicText
from core.scope import scope_of
from mechanism.models.policy import Policy

LEAST_PUBLICITY_DAYS = 5
LEAST_REVIEWS = 2


class SubsidyBudgetQuerySet(models.QuerySet["SubsidyBudget"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self if scope_of(user).sees_all else self.none()


class SubsidyBudget(PlainText, models.Model):
    """What a policy may grant in a year. A database trigger keeps grants within it, whatever the application sends."""

    policy = models.ForeignKey(Policy, models.PROTECT, related_name="subsidy_budgets", verbose_name="政策")
    year = models.PositiveSmallIntegerField("年度", validators=[MinValueValidator(2015), MaxValueValidator(2100)])
    amount_wan = models.DecimalField("预算（万元）", max_digits=12, decimal_places=2)
    basis = models.CharField("预算依据", max_length=200, help_text="批复或预算文件的名称和文号")
    created_at = models.DateTimeField("录入时间", auto_now_add=True)

    objects = SubsidyBudgetQuerySet.as_manager()

    class Meta:
        verbose_name = "专项资金预算"
        verbose_name_plural = "专项资金预算"
        ordering = ["-year", "policy"]
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "year"],
                name="subsidy_budget_once_a_year",
                violation_error_message="这条政策当年的预算已经录入，请直接修改那一条。",
            ),
            models.CheckConstraint(
                condition=Q(amount_wan__gt=0),
                name="subsidy_budget_is_money",
                violation_error_message="预算要大于零，单位是万元。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy}（{self.year} 年）"


class SubsidyCallQuerySet(models.QuerySet["SubsidyCall"]):
    def published(self) -> Self:
        return self.filter(status=SubsidyCall.Status.PUBLISHED, budget__policy__published_at__isnull=False)

    def open(self, on: date | None = None) -> Self:
        """Published calls that take applications on the day `on`, today by default."""
        day = on or timezone.localdate()
        return self.published().filter(opens_on__lte=day, closes_on__gte=day)

    def for_kinds(self, kinds: set[str]) -> Self:
        """Calls that organisations of these kinds may answer."""
        audiences = {SubsidyCall.Audience.BOTH, *kinds}
        return self.filter(audience__in=audiences)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self if scope_of(user).sees_all else self.published()


class SubsidyCall(PublicText, models.Model):
    """申报通知: who may apply in which window, up to which amount. Its terms are fixed once it is published."""

    class Audience(models.TextChoices):
        BOTH = "both", "企业和高校院所"
        FIRM = "firm", "企业"
        INSTITUTION = "institution", "高校院所"

    class Basis(models.TextChoices):
        CONTRACT = "contract", "登记合同的技术交易额"
        COST = "cost", "项目投入（申报单位填写）"

    class Status(models.TextChoices):
        DRAFT = "draft", "拟定中"
        PUBLISHED = "published", "已发布"
        CANCELLED = "cancelled", "已取消"

    public_text_fields = ("title", "content", "materials")
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    budget = models.ForeignKey(SubsidyBudget, models.PROTECT, related_name="calls", verbose_name="政策和年度预算")
    title = models.CharField("通知标题", max_length=120)
    content = models.TextField("支持内容", max_length=2000, help_text="支持什么、怎样验收")
    audience = models.CharField("谁可以申报", max_length=12, choices=Audience, default=Audience.BOTH)
    is_local_only = models.BooleanField("限本市注册的单位", default=True)
    opens_on = models.DateField("申报开始")
    closes_on = models.DateField("申报截止", help_text="当天可以申报")
    ceiling_wan = models.DecimalField("每项最高（万元）", max_digits=10, decimal_places=2)
    rate_percent = models.PositiveSmallIntegerField(
        "支持比例（%）", validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    rate_basis = models.CharField("比例按什么算", max_length=10, choices=Basis, default=Basis.CONTRACT)
    materials = models.TextField("申报材料", max_length=2000, blank=True, help_text="每行一项，每项要上传至少一个文件")
    least_reviews = models.PositiveSmallIntegerField(
        "至少几位专家评审", default=3, validators=[MinValueValidator(LEAST_REVIEWS), MaxValueValidator(15)]
    )
    publicity_days = models.PositiveSmallIntegerField(
        "公示天数", default=7, validators=[MinValueValidator(LEAST_PUBLICITY_DAYS), MaxValueValidator(60)]
    )
    months = models.PositiveSmallIntegerField(
        "几个月内完成并申请验收", default=12, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.DRAFT, editable=False)
    published_at = models.DateTimeField("发布时间", null=True, editable=False)
    cancelled_reason = models.CharField("取消原因", max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)

    objects = SubsidyCallQuerySet.as_manager()

    class Meta:
        verbose_name = "专项资金申报通知"
        verbose_name_plural = "专项资金申报通知"
        ordering = ["-opens_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")),
                name="subsidy_call_window_in_order",
                violation_error_message="申报截止不能早于开始。",
            ),
            models.CheckConstraint(
                condition=Q(ceiling_wan__gt=0),
                name="subsidy_call_ceiling_is_money",
                violation_error_message="每项最高金额要大于零。",
            ),
            models.CheckConstraint(
                condition=Q(rate_percent__gte=1, rate_percent__lte=100),
                name="subsidy_call_rate_within_hundred",
                violation_error_message="支持比例请填 1 到 100。",
            ),
            models.CheckConstraint(
                condition=Q(publicity_days__gte=LEAST_PUBLICITY_DAYS, least_reviews__gte=LEAST_REVIEWS),
                name="subsidy_call_least_publicity_and_reviews",
                violation_error_message="公示至少 5 天，评审至少 2 位专家。",
            ),
            models.CheckConstraint(
                condition=Q(status="draft", published_at=None)
                | Q(status="published", published_at__isnull=False)
                | Q(status="cancelled"),
                name="subsidy_call_published_at_iff_published",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled") & ~Q(cancelled_reason="")
                | ~Q(status="cancelled") & Q(cancelled_reason=""),
                name="subsidy_call_cancelled_with_reason",
                violation_error_message="取消申报通知请写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.PUBLISHED and self.opens_on <= timezone.localdate() <= self.closes_on

    @property
    def window_label(self) -> str:
        today = timezone.localdate()
        if self.status != self.Status.PUBLISHED:
            return str(self.get_status_display())
        if today < self.opens_on:
            return "未开始"
        return "申报中" if today <= self.closes_on else "已截止"

    @property
    def material_lines(self) -> list[str]:
        lines = (line.strip() for line in self.materials.splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def takes(self, organisation: Organisation) -> bool:
        """Whether an organisation of this kind and place may apply."""
        kinds = {self.Audience.FIRM, self.Audience.INSTITUTION} if self.audience == "both" else {self.audience}
        return organisation.kind in kinds and (organisation.is_local or not self.is_local_only)

    def most_for(self, basis_wan: Decimal | None) -> Decimal:
        """The most that one application may be granted, in 万元: the rate of its basis, up to the ceiling."""
        if basis_wan is None:
            return self.ceiling_wan
        share = (basis_wan * self.rate_percent / 100).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
        return min(self.ceiling_wan, share)
