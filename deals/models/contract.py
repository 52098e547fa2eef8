"""Technology contracts (技术合同) as registered by the registration office. The city's turnover is the
sum of the registered ones.

A contract has its own parties and sums, because they may differ from those of its deal. A contract imported from the
office's list counts without a deal.
"""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Right

from accounts.models import Organisation, Region, SourceFile, User
from brokers.models import Agency, Broker
from core.city_fields import CityBooleanField
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from deals.models.confirmation import ConfirmableQuerySet, hash_of_facts
from deals.models.deal import Deal
from deals.models.figure_effect import excluded_contracts
from deals.models.registration import RegistrationRule
from taxonomy.models import Industry

COUNTED = (
    "amount_wan", "tech_amount_wan", "kind", "industry", "seller", "seller_region", "is_seller_local", "buyer",
    "buyer_region", "is_buyer_local", "broker", "agency",
)  # fmt: skip
"""Columns that the city's figures sum and group by; an index with them answers these queries alone."""


class ContractQuerySet(ConfirmableQuerySet["Contract"]):
    party_paths = {"seller": "seller", "buyer": "buyer", "broker": "broker", "agency": "agency__organisation"}
    optional_roles = frozenset({"broker", "agency"})

    def registered(self) -> "ContractQuerySet":
        """In force at the registration office; these count as turnover."""
        return self.filter(status=Contract.Status.REGISTERED)

    def officially_listed(self) -> "ContractQuerySet":
        """As a list of the registration office states them, with the same number, parties, sums and dates."""
        return self.exclude(official_hash="").filter(official_hash=F("list_hash"))

    def confirmed(self) -> "ContractQuerySet":
        """Confirmed by both sides, without an open objection."""
        return self.confirmed_by("seller").confirmed_by("buyer").without_objection()

    def broker_confirmed(self) -> "ContractQuerySet":
        """Both sides confirmed that the broker brought the contract about, and the broker says so as well."""
        rows = self.confirmed().filter(broker__isnull=False).confirmed_by("broker")
        for side in ("seller", "buyer"):
            answers = self._answers(role=side, confirms_broker=True, facts_hash=OuterRef("facts_hash"))
            rows = rows.filter(Exists(answers.standing()))
        return rows

    def turnover(self) -> "ContractQuerySet":
        """The registered ones that count: officially listed or confirmed by both sides, nobody objects, and no decision
        of the city takes them out (`figure_effect`)."""
        return self.registered().filter(self._stated()).without_objection().exclude(excluded_contracts())

    def _stated(self) -> Q:
        """Listed by the office, or confirmed by both sides. Never NULL, so that it can be negated."""
        confirmed = Q(self.has_confirmed("seller")) & Q(self.has_confirmed("buyer"))
        return ~Q(official_hash="") & Q(official_hash=F("list_hash")) | confirmed

    def excluded(self) -> "ContractQuerySet":
        """Which a decision of the city takes out of the figures."""
        return self.filter(excluded_contracts())

    def awaiting_turnover(self) -> "ContractQuerySet":
        """Registered, not disputed, but not yet confirmed by both sides and not on an official list."""
        return self.registered().filter(~self._stated()).without_objection().exclude(excluded_contracts())

    def to_check(self) -> "ContractQuerySet":
        """Imported contracts that city staff have to check."""
        return self.exclude(doubt="")

    def managed_by(self, user: User) -> "ContractQuerySet":
        """All for the city and auditors; for district staff those with a side that the district reports."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(Q(seller_region__in=scope.region_ids) | Q(buyer_region__in=scope.region_ids))

    def visible_to(self, user: User) -> "ContractQuerySet":
        """Contracts that the user manages, represents a side of, is the broker of, or is assigned the deal of."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(
            Q(seller_region__in=scope.region_ids)
            | Q(buyer_region__in=scope.region_ids)
            | Q(seller__in=scope.institution_ids | scope.firm_ids)
            | Q(buyer__in=scope.institution_ids | scope.firm_ids)
            | Q(broker__user=scope.user_id)
            | Q(deal__in=Deal.objects.assigned_to(user).values("pk"))
        )


class Contract(PlainText, models.Model):
    class Status(models.TextChoices):
        PREPARING = "preparing", "填报中"
        SUBMITTED = "submitted", "已提交登记"
        REGISTERED = "registered", "已认定登记"
        CANCELLED = "cancelled", "已注销"
        DUPLICATE = "double", "重复登记"

    class Kind(models.TextChoices):
        DEVELOPMENT = "development", "技术开发"
        TRANSFER = "transfer", "技术转让"
        LICENCE = "licence", "技术许可"
        CONSULTING = "consulting", "技术咨询"
        SERVICE = "service", "技术服务"

    class Doubt(models.TextChoices):
        DEAL = "deal", "可能是平台成交"
        DUPLICATE = "double", "可能重复"
        PARTY = "party", "单位名称相近"
        PLACE = "place", "所在地不明"
        CHANGED_PARTY = "changed", "名单改了成交的单位"
        NUMBER = "number", "登记编号待更正"
        MONEY = "money", "到账超过合同额"

    LIVE = (Status.PREPARING, Status.SUBMITTED, Status.REGISTERED)

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    deal = models.ForeignKey(
        Deal, models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name="成交项目"
    )
    number = models.CharField("登记编号", max_length=20, blank=True)
    name = models.CharField("合同名称", max_length=150)
    kind = models.CharField("合同类别", max_length=12, choices=Kind, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PREPARING, editable=False)
    seller = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="contracts_sold", verbose_name="卖方"
    )
    seller_name = models.CharField("卖方名称", max_length=100)
    seller_region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="卖方统计归口"
    )
    is_seller_local = CityBooleanField(f"卖方{settings.CITY.in_city}", null=True, blank=True)
    buyer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="contracts_bought", verbose_name="买方"
    )
    buyer_name = models.CharField("买方名称", max_length=100)
    buyer_region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="买方统计归口"
    )
    is_buyer_local = CityBooleanField(f"买方{settings.CITY.in_city}", null=True, blank=True)
    industry = models.ForeignKey(
        Industry, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="产业链"
    )
    amount_wan = models.DecimalField("合同成交额（万元）", max_digits=14, decimal_places=2, null=True, blank=True)
    tech_amount_wan = models.DecimalField(
        "核定技术交易额（万元）", max_digits=14, decimal_places=2, null=True, blank=True
    )
    signed_on = models.DateField("签订日期", null=True, blank=True)
    registered_on = models.DateField("登记日期", null=True, blank=True)
    cancelled_on = models.DateField("注销日期", null=True, blank=True)
    cancelled_reason = models.CharField(
        "注销原因", max_length=200, blank=True, default="", db_default="", editable=False
    )
    rule = models.ForeignKey(
        RegistrationRule, models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name="登记规则"
    )
    doubt = models.CharField(
        "待核对", max_length=10, choices=Doubt, blank=True, default="", db_default="", editable=False
    )
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="duplicates", verbose_name="与哪份重复"
    )
    broker = models.ForeignKey(
        Broker, models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name="技术经纪人"
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name="服务机构"
    )
    owner = models.ForeignKey(
        User, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="经办人", db_index=False
    )
    source_file = models.ForeignKey(
        SourceFile, models.PROTECT, null=True, blank=True, related_name="contracts", verbose_name="登记名单"
    )
    source_row = models.PositiveIntegerField("名单中的行", null=True, blank=True)
    form = models.JSONField("登记表其他栏目", default=dict, blank=True)
    official_hash = models.CharField(
        max_length=32, blank=True, default="", db_default="", editable=False, help_text="最近一份登记名单所载内容"
    )
    facts_hash = hash_of_facts(
        *("deal", "name", "kind", "seller", "seller_name", "buyer", "buyer_name", "amount_wan", "signed_on"),
        *("broker", "agency"),
        days=("signed_on",),
    )
    list_hash = hash_of_facts(
        *("number", "name", "kind", "seller_name", "buyer_name", "amount_wan", "tech_amount_wan"),
        *("signed_on", "registered_on"),
        days=("signed_on", "registered_on"),
    )

    objects = ContractQuerySet.as_manager()

    class Meta:
        verbose_name = "技术合同"
        verbose_name_plural = "技术合同"
        ordering = ["-registered_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=~Q(number=""),
                name="contract_number_once",
                violation_error_message="已有合同使用这个登记编号。",
            ),
            models.UniqueConstraint(
                Right("number", Value(14)),
                condition=~Q(number="") & ~Q(status="double"),
                name="contract_number_once_in_both_forms",
                violation_error_message="已有合同使用这个登记编号（16 位编号的后 14 位与旧编号相同）。",
            ),
            models.CheckConstraint(
                condition=~Q(status="registered") | ~Q(number="") & Q(registered_on__isnull=False),
                name="contract_registered_has_number_and_day",
                violation_error_message="已登记的合同要有登记编号和登记日期。",
            ),
            models.CheckConstraint(
                condition=Q(status="cancelled", cancelled_on__isnull=False)
                | ~Q(status="cancelled") & Q(cancelled_on=None),
                name="contract_cancelled_iff_day",
                violation_error_message="注销合同要填写注销日期。",
            ),
            models.CheckConstraint(
                condition=~Q(status="cancelled") | ~Q(cancelled_reason=""),
                name="contract_cancelled_with_reason",
                violation_error_message="注销合同要写明原因。",
            ),
            models.CheckConstraint(
                condition=Q(status="double", duplicate_of__isnull=False) | ~Q(status="double") & Q(duplicate_of=None),
                name="contract_duplicate_iff_of_another",
                violation_error_message="重复登记要指明与哪份合同重复。",
            ),
            models.CheckConstraint(
                condition=(Q(amount_wan=None) | Q(amount_wan__gte=Decimal(0)))
                & (Q(tech_amount_wan=None) | Q(tech_amount_wan__gte=Decimal(0))),
                name="contract_money_not_negative",
                violation_error_message="合同金额不能小于 0。",
            ),
            models.CheckConstraint(
                condition=Q(amount_wan=None) | Q(tech_amount_wan=None) | Q(tech_amount_wan__lte=F("amount_wan")),
                name="contract_technology_within_sum",
                violation_error_message="核定技术交易额不能大于合同成交额。",
            ),
        ]
        indexes = [
            models.Index(
                fields=["registered_on"], include=COUNTED, condition=Q(status="registered"), name="contract_counted"
            ),
            models.Index(fields=["seller", "registered_on"], name="contract_by_seller"),
            models.Index(fields=["doubt", "-registered_on"], condition=~Q(doubt=""), name="contract_to_check"),
        ]

    def __str__(self):
        return self.name

    @property
    def is_confirmed(self) -> bool:
        """Whether both sides confirmed the present facts. One query."""
        return Contract.objects.filter(pk=self.pk).confirmed().exists()

    @property
    def is_officially_listed(self) -> bool:
        return Contract.objects.filter(pk=self.pk).officially_listed().exists()
