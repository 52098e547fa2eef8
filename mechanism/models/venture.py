"""Companies founded from achievements (公司化与孵化)."""

from datetime import date
from decimal import Decimal
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Organisation, Region, User
from accounts.validators import validate_credit_code
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from deals.models import Landing
from deals.models.confirmation import ConfirmableQuerySet, hash_of_facts


class VentureQuerySet(ConfirmableQuerySet["Venture"]):
    party_paths = {"company": "organisation", "source": "achievement__institution"}
    optional_roles = frozenset({"company"})

    def founded(self, since: date | None = None, until: date | None = None) -> Self:
        """Ventures founded from `since` to `until`, inclusive; None means unlimited."""
        rows = self.filter(founded_on__gte=since) if since else self
        return rows.filter(founded_on__lte=until) if until else rows

    def active(self) -> Self:
        return self.exclude(stage=Venture.Stage.CLOSED)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditor; for others those in their districts or of their institutions."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(Q(region__in=scope.region_ids) | Q(achievement__institution__in=scope.institution_ids))


class Venture(PlainText, models.Model):
    class Stage(models.TextChoices):
        PREPARING = "preparing", "筹备中"
        FOUNDED = "founded", "已注册"
        INCUBATING = "incubating", "孵化中"
        FUNDED = "funded", "已获投资"
        GRADUATED = "graduated", "已毕业"
        CLOSED = "closed", "已停止"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    name = models.CharField("公司名称", max_length=100, unique=True, error_messages={"unique": "已有同名公司。"})
    credit_code = models.CharField(
        "统一社会信用代码", max_length=18, blank=True, validators=[validate_credit_code], help_text="18 位，选填"
    )
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="ventures",
        limit_choices_to={"kind": "firm"},
        verbose_name="平台上的企业",
        help_text="公司已在平台注册时选择",
    )
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="ventures", verbose_name="来自哪项成果")
    landing = models.OneToOneField(
        Landing,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="venture",
        verbose_name="来自哪项落地",
    )
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        related_name="ventures",
        limit_choices_to={"is_reporting": True},
        verbose_name="所在区市县",
    )
    founded_on = models.DateField("成立日期", null=True, blank=True)
    stage = models.CharField("阶段", max_length=20, choices=Stage, default=Stage.PREPARING)
    jobs = models.PositiveIntegerField("就业人数", null=True, blank=True, validators=[MinValueValidator(0)])
    incubator = models.CharField("孵化载体", max_length=100, blank=True)
    note = models.TextField("说明", max_length=1000, blank=True)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)
    facts_hash = hash_of_facts(
        *("name", "credit_code", "organisation", "achievement", "region", "founded_on", "jobs"), days=("founded_on",)
    )

    objects = VentureQuerySet.as_manager()

    class Meta:
        verbose_name = "成果孵化企业"
        verbose_name_plural = "成果孵化企业"
        ordering = ["-founded_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["credit_code"],
                condition=~Q(credit_code=""),
                name="venture_credit_code_once",
                violation_error_message="已有公司使用这个统一社会信用代码。",
            ),
            models.CheckConstraint(
                condition=Q(stage__in=["preparing", "closed"]) | Q(founded_on__isnull=False),
                name="venture_founded_has_day",
                violation_error_message="已注册的公司请填写成立日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class VentureYear(PlainText, models.Model):
    """经营数据: what a company reports for a year. It enters no figure; a deal shows it beside its landed company."""

    venture = models.ForeignKey(Venture, models.PROTECT, related_name="years", verbose_name="孵化企业")
    year = models.PositiveSmallIntegerField("年份", validators=[MinValueValidator(2000), MaxValueValidator(2100)])
    jobs = models.PositiveIntegerField("就业人数", null=True, blank=True)
    revenue_wan = models.DecimalField("营业收入（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    raised_wan = models.DecimalField("当年融资（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    source = models.CharField("数据来源", max_length=100, help_text="如企业年报、走访记录")

    class Meta:
        verbose_name = "经营数据"
        verbose_name_plural = "经营数据"
        ordering = ["year"]
        constraints = [
            models.UniqueConstraint(
                fields=["venture", "year"],
                name="venture_year_once",
                violation_error_message="这一年的数据已经填过。",
            ),
            models.CheckConstraint(
                condition=(Q(revenue_wan=None) | Q(revenue_wan__gte=Decimal(0)))
                & (Q(raised_wan=None) | Q(raised_wan__gte=Decimal(0))),
                name="venture_year_money_not_negative",
                violation_error_message="金额不能小于 0。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}"
