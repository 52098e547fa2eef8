"""落地: what a deal led to. A company founded for it moves the local rate once the office has checked it."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Concat
from django.utils import timezone

from accounts.models import Region, User
from accounts.validators import validate_credit_code
from core.plain_text import PlainText
from deals.models.confirmation import FactText, hash_of_facts
from deals.models.deal import Deal
from deals.models.evidence import CheckedQuerySet, CheckedRecord, check_is_complete


def _wan(label: str, **options) -> models.DecimalField:
    return models.DecimalField(
        label, max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal(0))], **options
    )


class LandingQuerySet(CheckedQuerySet["Landing"]):
    party_paths = {"seller": "deal__seller", "buyer": "deal__buyer"}

    def companies(self) -> "LandingQuerySet":
        return self.filter(kind=Landing.Kind.COMPANY)

    def local_companies(self, until: date) -> "LandingQuerySet":
        """Companies founded in the city by that day that count for the local rate: with credit code, confirmed by both
        parties, and checked by the registration office."""
        rows = self.companies().checked().confirmed_by_all_parties()
        return rows.filter(region__isnull=False, landed_on__lte=until).exclude(credit_code="")

    def awaiting_check(self) -> "LandingQuerySet":
        """Companies with their credit code that the registration office has not checked yet."""
        return self.companies().unchecked().exclude(credit_code="")

    def incomplete(self) -> "LandingQuerySet":
        """Companies of which only a name is known; they cannot be checked."""
        return self.companies().filter(credit_code="")

    def visible_to(self, user: User) -> "LandingQuerySet":
        return self.filter(deal__in=Deal.objects.visible_to(user).order_by().values("pk"))


class Landing(PlainText, CheckedRecord):
    """A company, production line, product or process that the deal led to."""

    class Kind(models.TextChoices):
        COMPANY = "company", "新设公司"
        LINE = "line", "生产线"
        PRODUCT = "product", "新产品上市"
        PROCESS = "process", "工艺改进投用"
        OTHER = "other", "其他"

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="landings", verbose_name="成交项目")
    kind = models.CharField("落地形式", max_length=10, choices=Kind)
    name = models.CharField("名称", max_length=100, help_text="公司、产线或产品的名称")
    credit_code = models.CharField(
        "统一社会信用代码",
        max_length=18,
        blank=True,
        default="",
        db_default="",
        validators=[validate_credit_code],
        help_text="新设公司必填，18 位",
    )
    capital_wan = _wan("注册资本（万元）", null=True, blank=True, help_text="新设公司必填")
    region = models.ForeignKey(
        Region,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        limit_choices_to={"is_reporting": True},
        verbose_name="落地区市县",
    )
    place = models.CharField(
        "外地注册地", max_length=60, blank=True, default="", db_default="", help_text="不在本市的写省市"
    )
    landed_on = models.DateField("落地日期", help_text="公司写成立日期")
    jobs = models.PositiveIntegerField("新增就业（人）", null=True, blank=True)
    invested_wan = _wan("投资（万元）", null=True, blank=True)
    yearly_output_wan = _wan("年新增产值（万元）", null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="记录人"
    )
    made_at = models.DateTimeField("记录时间", default=timezone.now, editable=False)
    facts_hash = hash_of_facts(
        *("deal", "kind"),
        # A landing without a credit code keeps the hash that its parties have confirmed before there was one.
        Case(
            When(credit_code="", then=F("name")),
            default=Concat(
                *("name", "credit_code", FactText(F("capital_wan")), "place"), output_field=models.TextField()
            ),
            output_field=models.TextField(),
        ),
        *("region", "landed_on", "jobs", "invested_wan", "yearly_output_wan"),
        days=("landed_on",),
    )
    evidence_hash = hash_of_facts(
        *("deal", "kind", "name", "credit_code", "capital_wan", "region", "place", "landed_on"), days=("landed_on",)
    )

    objects = LandingQuerySet.as_manager()

    class Meta:
        verbose_name = "落地情况"
        verbose_name_plural = "落地情况"
        ordering = ["landed_on", "pk"]
        permissions = [("check_landing", "核实落地公司")]
        constraints = [
            models.CheckConstraint(
                condition=(Q(invested_wan=None) | Q(invested_wan__gte=Decimal(0)))
                & (Q(yearly_output_wan=None) | Q(yearly_output_wan__gte=Decimal(0)))
                & (Q(capital_wan=None) | Q(capital_wan__gte=Decimal(0))),
                name="landing_money_not_negative",
                violation_error_message="金额不能小于 0。",
            ),
            models.UniqueConstraint(
                fields=["deal", "credit_code"],
                condition=~Q(credit_code=""),
                name="landing_company_once_per_deal",
                violation_error_message="这项成交已经登记过这家公司。",
            ),
            check_is_complete("landing_checked_by_somebody"),
            models.CheckConstraint(
                condition=~Q(check_result="accepted")
                | ~Q(kind="company")
                | ~Q(credit_code="") & Q(capital_wan__isnull=False) & (Q(region__isnull=False) | ~Q(place="")),
                name="landing_checked_company_is_complete",
                violation_error_message="核实落地公司要有信用代码、注册资本和注册地。",
            ),
        ]

    def __str__(self):
        return self.name
