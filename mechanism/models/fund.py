"""Funds with subscribed and paid-in capital, and their investments in achievements and firms."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from deals.models.confirmation import ConfirmableQuerySet, hash_of_facts
from taxonomy.models import Industry


class FundQuerySet(models.QuerySet["Fund"]):
    def active(self, on: date | None = None) -> Self:
        """Funds valid on the day `on`, today by default."""
        day = on or timezone.localdate()
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), valid_from__lte=day)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self if scope_of(user).sees_all else self.none()

    def worked_on_by(self, user: User | AnonymousUser) -> Self:
        """Funds whose managing organisation the user belongs to."""
        return self.filter(organisation__in=scope_of(user).organisation_ids)

    def with_size_on(self, day: date) -> Self:
        """Annotates `subscribed_then_wan` and `paid_in_then_wan`: the size at the end of a day, by its history.

        Before the first entry of the history its first size counts; without a history, the size of the fund.
        """
        sizes = FundSize.objects.filter(fund=OuterRef("pk"))
        then, first = sizes.filter(from_on__lte=day).order_by("-from_on"), sizes.order_by("from_on")

        def size(column: str) -> Coalesce:
            return Coalesce(Subquery(then.values(column)[:1]), Subquery(first.values(column)[:1]), F(column))

        return self.annotate(subscribed_then_wan=size("subscribed_wan"), paid_in_then_wan=size("paid_in_wan"))


class Fund(PlainText, models.Model):
    class Kind(models.TextChoices):
        ANGEL = "angel", "天使基金"
        VENTURE = "venture", "创投基金"
        INDUSTRY = "industry", "产业基金"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    name = models.CharField("基金名称", max_length=100, unique=True, error_messages={"unique": "已有同名基金。"})
    kind = models.CharField("类别", max_length=20, choices=Kind)
    manager = models.CharField("管理人", max_length=100)
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="funds",
        limit_choices_to={"kind__in": ["agency", "firm"]},
        verbose_name="管理机构（平台单位）",
        help_text="这个单位的用户可以办理基金的项目",
    )
    subscribed_wan = models.DecimalField(
        "认缴规模（万元）", max_digits=14, decimal_places=2, validators=[MinValueValidator(0)]
    )
    paid_in_wan = models.DecimalField(
        "实缴规模（万元）", max_digits=14, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )
    focus = models.ManyToManyField(Industry, blank=True, related_name="funds", verbose_name="投资领域")
    valid_from = models.DateField("设立日期")
    valid_to = models.DateField("存续期至", null=True, blank=True)
    note = models.TextField("说明", max_length=1000, blank=True)
    created_at = models.DateTimeField("录入时间", auto_now_add=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = "基金"
        verbose_name_plural = "基金"
        ordering = ["name"]
        permissions = [("export_fund", "Can export funds"), ("import_fund", "Can import funds")]
        constraints = [
            models.CheckConstraint(
                condition=Q(subscribed_wan__gte=0, paid_in_wan__gte=0),
                name="fund_money_not_negative",
                violation_error_message="金额不能为负数。",
            ),
            models.CheckConstraint(
                condition=Q(paid_in_wan__lte=F("subscribed_wan")),
                name="fund_paid_in_within_subscribed",
                violation_error_message="实缴规模不能超过认缴规模，请核对单位（万元）。",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="fund_validity_in_order",
                violation_error_message="存续期不能早于设立日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FundSize(models.Model):
    """The size of a fund from a day on. A database trigger writes it at each change of the fund, so that a raised size
    does not change the figures of earlier periods; the office enters an earlier day for what it learns late."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="sizes", verbose_name="基金")
    from_on = models.DateField("自")
    subscribed_wan = models.DecimalField("认缴规模（万元）", max_digits=14, decimal_places=2)
    paid_in_wan = models.DecimalField("实缴规模（万元）", max_digits=14, decimal_places=2)

    class Meta:
        verbose_name = "基金规模变动"
        verbose_name_plural = "基金规模变动"
        ordering = ["from_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "from_on"],
                name="fund_size_once_a_day",
                violation_error_message="这一天的规模已经登记过。",
            ),
            models.CheckConstraint(
                condition=Q(paid_in_wan__gte=0, paid_in_wan__lte=F("subscribed_wan")),
                name="fund_size_paid_in_within_subscribed",
                violation_error_message="实缴规模不能超过认缴规模，请核对单位（万元）。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_on}起认缴 {self.subscribed_wan} 万元"


class InvestmentQuerySet(ConfirmableQuerySet["Investment"]):
    party_paths = {"company": "firm", "source": "achievement__institution"}
    optional_roles = frozenset({"company", "source"})


class Investment(PlainText, models.Model):
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="investments", verbose_name="基金")
    achievement = models.ForeignKey(
        Achievement, models.PROTECT, null=True, blank=True, related_name="investments", verbose_name="成果"
    )
    firm = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="investments",
        limit_choices_to={"kind": "firm"},
        verbose_name="企业",
    )
    target = models.CharField("被投企业名称", max_length=100, blank=True, help_text="不在平台上的企业写在这里")
    amount_wan = models.DecimalField("金额（万元）", max_digits=14, decimal_places=2)
    invested_on = models.DateField("投资日期")
    note = models.CharField("说明", max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="录入人"
    )
    facts_hash = hash_of_facts(
        *("fund", "achievement", "firm", "target", "amount_wan", "invested_on"), days=("invested_on",)
    )

    objects = InvestmentQuerySet.as_manager()

    class Meta:
        verbose_name = "投资"
        verbose_name_plural = "投资"
        ordering = ["-invested_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_wan__gt=0),
                name="investment_is_money",
                violation_error_message="投资金额要大于零。",
            ),
            models.CheckConstraint(
                condition=Q(achievement__isnull=False) | Q(firm__isnull=False) | ~Q(target=""),
                name="investment_has_a_target",
                violation_error_message="请选择成果或企业，或写明被投企业名称。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.firm or self.target or self.achievement} {self.amount_wan} 万元"
