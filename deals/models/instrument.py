"""Publicity of an agreed price, and the terms of reform instruments."""

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.public_text import PublicText
from deals.models.deal import Deal

PUBLICITY_DAYS = 15
"""Minimum number of days for which an agreed price is published (国发〔2016〕16号)."""


def _percent(label: str, **options) -> models.DecimalField:
    return models.DecimalField(
        label,
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(Decimal(100))],
        **options,
    )


def _wan(label: str, **options) -> models.DecimalField:
    return models.DecimalField(
        label, max_digits=12, decimal_places=2, validators=[MinValueValidator(Decimal(0))], **options
    )


def _of_deal(related_name: str) -> models.OneToOneField:
    return models.OneToOneField(Deal, models.PROTECT, related_name=related_name, verbose_name="成交项目")


class PricePublicityQuerySet(models.QuerySet["PricePublicity"]):
    def public(self) -> "PricePublicityQuerySet":
        """Those that stand on the platform's own page and have begun; a failed deal's no longer."""
        begun = self.filter(is_public=True, starts_on__lte=timezone.localdate())
        return begun.exclude(deal__stage=Deal.Stage.FAILED)

    def running(self) -> "PricePublicityQuerySet":
        today = timezone.localdate()
        return self.filter(starts_on__lte=today, ends_on__gte=today)

    def of_seller(self, user: User | AnonymousUser) -> "PricePublicityQuerySet":
        """Those of the institutions and firms that the user represents."""
        if not user.is_authenticated:
            return self.none()
        return self.filter(deal__seller__in=user.scope.institution_ids | user.scope.firm_ids)


class PricePublicity(PublicText, models.Model):
    """公示: publication of an agreed price by the seller (促进科技成果转化法, article 18).

    With `is_public` it stands on the platform; otherwise it records what was published at another place.
    """

    public_text_fields = ("title", "place")

    public_id = models.CharField(max_length=10, unique=True, null=True, default=new_public_id, editable=False)
    """None in rows that are older than the public page."""
    is_public = models.BooleanField("在平台上公示", default=False, db_default=False)
    title = models.CharField("公示的成果名称", max_length=200, blank=True, default="", db_default="")
    prolonged_reason = models.CharField(
        "延长原因", max_length=200, blank=True, default="", db_default="", editable=False
    )
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="publicities", verbose_name="成交项目")
    place = models.CharField("公示处", max_length=200, help_text="如本单位网站、公告栏")
    price_wan = _wan("拟交易价格（万元）")
    starts_on = models.DateField("公示开始")
    ends_on = models.DateField("公示结束")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="记录人"
    )
    made_at = models.DateTimeField("记录时间", default=timezone.now, editable=False)

    objects = PricePublicityQuerySet.as_manager()

    class Meta:
        verbose_name = "价格公示"
        verbose_name_plural = "价格公示"
        ordering = ["-starts_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on") + timedelta(days=PUBLICITY_DAYS)),
                name="publicity_long_enough",
                violation_error_message="协议定价的公示不少于 15 日。",
            ),
            models.CheckConstraint(
                condition=Q(price_wan__gte=Decimal(0)),
                name="publicity_price_not_negative",
                violation_error_message="拟交易价格不能小于 0。",
            ),
            models.CheckConstraint(
                condition=Q(is_public=False) | ~Q(title=""),
                name="publicity_public_with_title",
                violation_error_message="在平台上公示请写明成果名称。",
            ),
        ]

    def __str__(self):
        return f"{self.starts_on}—{self.ends_on}"

    @property
    def is_running(self) -> bool:
        return self.starts_on <= timezone.localdate() <= self.ends_on


class PriceObjection(PlainText, models.Model):
    """`is_from_page`: raised by a visitor or firm on the public page. `contact` is for the answer only; the public
    page shows neither it nor `who`."""

    public_id = models.CharField(max_length=10, unique=True, null=True, default=new_public_id, editable=False)
    """None in rows that are older than the public page."""
    is_from_page = models.BooleanField("在公示页提出", default=False, db_default=False, editable=False)
    contact = models.CharField("怎样答复", max_length=100, blank=True, default="", db_default="", editable=False)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="提出人账号"
    )
    due_on = models.DateField("答复期限", null=True, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="处理人"
    )
    publicity = models.ForeignKey(PricePublicity, models.PROTECT, related_name="objections", verbose_name="价格公示")
    raised_on = models.DateField("提出日期")
    who = models.CharField("提出人", max_length=60)
    text = models.CharField("异议内容", max_length=500)
    outcome = models.CharField("处理结果", max_length=500, blank=True)
    settled_on = models.DateField("处理日期", null=True, blank=True)

    class Meta:
        verbose_name = "公示异议"
        verbose_name_plural = "公示异议"
        ordering = ["raised_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_on=None, outcome="") | Q(settled_on__gte=F("raised_on")) & ~Q(outcome=""),
                name="objection_settled_with_outcome",
                violation_error_message="处理异议要写明结果和日期，日期不早于提出日期。",
            ),
        ]

    def __str__(self):
        return self.text[:40]

    @property
    def outcome_text(self) -> str:
        return "处理：%(outcome)s" % {"outcome": self.outcome} if self.outcome else "还没有处理"


class PayLater(PlainText, models.Model):
    """先使用后付费: free use until a condition is met."""

    deal = _of_deal("pay_later")
    free_until = models.DateField("免费使用至")
    trigger = models.CharField("付费条件", max_length=300, help_text="达到什么条件开始付费，如首批产品通过验收")
    manner = models.CharField("付费方式", max_length=300, help_text="如按销售额提成 3%，按季支付")
    guarantor = models.CharField("担保机构", max_length=100, blank=True)
    verdict = models.CharField("试用评价", max_length=500, blank=True)

    class Meta:
        verbose_name = "先使用后付费"
        verbose_name_plural = "先使用后付费"

    def __str__(self):
        return f"{self._meta.verbose_name} {self.free_until}"


class EquityStake(PlainText, models.Model):
    """作价入股: the technology is paid with shares, of which the research team receives a part."""

    deal = _of_deal("equity_stake")
    company = models.CharField("入股公司", max_length=100)
    valuation_wan = _wan("评估作价（万元）")
    valuer = models.CharField("评估机构", max_length=100, blank=True, help_text="一般由第三方机构评估")
    share = _percent("技术股占公司股份（%）")
    team_share = models.DecimalField(
        "技术股中奖励完成人（%）",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
        help_text="法律规定不低于 50%",
    )

    class Meta:
        verbose_name = "作价入股"
        verbose_name_plural = "作价入股"
        constraints = [
            models.CheckConstraint(
                condition=Q(share__gt=Decimal(0), share__lte=Decimal(100), valuation_wan__gte=Decimal(0))
                & (Q(team_share=None) | Q(team_share__gte=Decimal(0), team_share__lte=Decimal(100))),
                name="equity_shares_within_whole",
                violation_error_message="股份在 0 到 100% 之间，作价不能小于 0。",
            ),
        ]

    def __str__(self):
        return f"{self.company} {self.share}%"


class InvestThenShare(PlainText, models.Model):
    """先投后股: public money that is converted into shares when the trigger occurs."""

    class Trigger(models.TextChoices):
        FINANCING = "financing", "社会融资"
        VALUE = "value", "估值或市值"
        TERM = "term", "到期"

    deal = _of_deal("invest_then_share")
    invested_wan = _wan("先投金额（万元）")
    trustee = models.CharField("受托管理机构", max_length=100)
    trigger = models.CharField("转股条件", max_length=10, choices=Trigger)
    trigger_words = models.CharField("转股条件说明", max_length=300)
    due_on = models.DateField("转股期限", null=True, blank=True)
    share = _percent("转股比例（%）", null=True, blank=True)
    concession = models.CharField("让利安排", max_length=300, blank=True)
    converted_on = models.DateField("转股日期", null=True, blank=True)
    ended_as = models.CharField("退出或核销情况", max_length=300, blank=True)

    class Meta:
        verbose_name = "先投后股"
        verbose_name_plural = "先投后股"
        constraints = [
            models.CheckConstraint(
                condition=Q(invested_wan__gte=Decimal(0))
                & (Q(share=None) | Q(share__gt=Decimal(0), share__lte=Decimal(100))),
                name="invest_then_share_within_whole",
                violation_error_message="先投金额不能小于 0，转股比例在 0 到 100% 之间。",
            ),
            models.CheckConstraint(
                condition=~Q(trigger="term") | Q(due_on__isnull=False),
                name="invest_then_share_term_has_day",
                violation_error_message="按到期转股请填写转股期限。",
            ),
            models.CheckConstraint(
                condition=Q(converted_on=None) | Q(share__isnull=False),
                name="invest_then_share_converted_with_share",
                violation_error_message="已转股请填写转股比例。",
            ),
        ]

    def __str__(self):
        return f"{self.trustee} {self.invested_wan}"


class OpenChallenge(PlainText, models.Model):
    """揭榜挂帅: a demand on an open list with its prize, deadline and acceptance."""

    deal = _of_deal("open_challenge")
    list_number = models.CharField("榜单号", max_length=40)
    aims = models.TextField("技术指标", max_length=1000, help_text="逐条写，含数值和单位")
    prize_wan = _wan("榜金（万元）")
    total_wan = _wan("总投入（万元）", null=True, blank=True)
    conditions = models.CharField("揭榜条件", max_length=500, blank=True)
    closes_on = models.DateField("揭榜截止")
    publicity_from = models.DateField("公示开始", null=True, blank=True)
    publicity_to = models.DateField("公示结束", null=True, blank=True)
    milestones = models.TextField("里程碑", max_length=1000, blank=True)
    accepted_on = models.DateField("验收日期", null=True, blank=True)
    verdict = models.CharField("验收结论", max_length=300, blank=True)

    class Meta:
        verbose_name = "揭榜挂帅"
        verbose_name_plural = "揭榜挂帅"
        constraints = [
            models.CheckConstraint(
                condition=Q(prize_wan__gte=Decimal(0)) & (Q(total_wan=None) | Q(total_wan__gte=F("prize_wan"))),
                name="open_challenge_prize_within_total",
                violation_error_message="榜金不能小于 0，也不能大于总投入。",
            ),
            models.CheckConstraint(
                condition=Q(publicity_to=None) | Q(publicity_from__isnull=False, publicity_to__gte=F("publicity_from")),
                name="open_challenge_publicity_in_order",
                violation_error_message="公示结束不能早于公示开始。",
            ),
            models.CheckConstraint(
                condition=Q(accepted_on=None) | ~Q(verdict=""),
                name="open_challenge_accepted_with_verdict",
                violation_error_message="填写验收日期时请写验收结论。",
            ),
        ]

    def __str__(self):
        return self.list_number
