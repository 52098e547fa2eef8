"""揭榜挂帅: a demand that nothing on offer fits, published as a call with a prize, a deadline and milestones."""

from decimal import Decimal
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import Organisation, User
from accounts.names import PUBLIC, name_for
from challenges.criteria import CRITERIA
from core.public_id import new_public_id
from core.public_text import PublicText
from core.scope import Scope, scope_of
from deals.models import Deal, Instalment
from demands.masking import detail_text, identifying_names, mask_firm
from demands.models import Demand
from taxonomy.models import IndicatorBase

WEIGHT = [MinValueValidator(0), MaxValueValidator(100)]
LEAST_PUBLICITY_WORKDAYS = 5
DEAL_WORDS: dict[str, str] = {Deal.Stage.INTENT: "已立项，待签约", Deal.Stage.FAILED: "成交未成"}
"""What is said of a call whose deal is not signed, or not any more."""


def _person(label: str) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=label
    )


class ChallengeQuerySet(models.QuerySet["Challenge"]):
    def public(self) -> Self:
        """Published ones, whatever became of them."""
        return self.filter(published_at__isnull=False)

    def taking_bids(self) -> Self:
        return self.filter(status=Challenge.Status.PUBLISHED, closes_at__gt=Now())

    def awaiting_opening(self) -> Self:
        return self.filter(status=Challenge.Status.PUBLISHED, closes_at__lte=Now())

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """Of its own demands for a firm, of its firms for a district, all for city staff and auditors."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(Q(demand__firm__in=scope.firm_ids) | Q(demand__firm__stat_region__in=scope.region_ids))

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Published ones for everybody; also those that `managed_by` returns."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(
            Q(published_at__isnull=False)
            | Q(demand__firm__in=scope.firm_ids)
            | Q(demand__firm__stat_region__in=scope.region_ids)
        )

    def with_firm(self) -> Self:
        return self.select_related("demand__firm__stat_region", "demand__industry__parent", "deal")


class Challenge(PublicText, models.Model):
    """A call. Its terms are fixed by the publication; later changes are dated addenda, and the deadline only moves on.

    It names its firm as its demand does; an anonymous firm is named from the opening on, as the firm agreed. SIGNED:
    there is a deal, at whatever stage; `state_label` says which.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "起草中"
        CHECKING = "checking", "待区县核对"
        CHECKED = "checked", "待市级发布"
        PUBLISHED = "published", "揭榜中"
        REVIEW = "review", "评审中"
        RECOMMENDED = "recommended", "待企业选定"
        PUBLICISED = "publicised", "公示中"
        AWARDED = "awarded", "待签约"
        SIGNED = "signed", "已立项"
        FAILED = "failed", "流标"
        CLOSED = "closed", "已撤榜"

    BEFORE_PUBLICATION = (Status.DRAFT, Status.CHECKING, Status.CHECKED)
    OPENED = (Status.REVIEW, Status.RECOMMENDED, Status.PUBLICISED, Status.AWARDED, Status.SIGNED)
    CHOSEN = (Status.PUBLICISED, Status.AWARDED, Status.SIGNED)
    ENDED = (Status.SIGNED, Status.FAILED, Status.CLOSED)
    LIVE = (*BEFORE_PUBLICATION, Status.PUBLISHED, *OPENED)

    public_text_fields = ("title", "problem", "offers", "conditions")
    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="challenges", verbose_name="技术需求")
    previous = models.OneToOneField(
        "self", models.PROTECT, null=True, editable=False, related_name="next", verbose_name="流标的上一榜"
    )
    title = models.CharField("榜单题目", max_length=120)
    problem = models.TextField("问题（企业原话）", max_length=5000, help_text="用本企业自己的话说清问题和现状")
    offers = models.TextField(
        "企业能给什么", max_length=1000, blank=True, help_text="一行一条，如试验设备、现场、数据、加工"
    )
    conditions = models.TextField("揭榜条件", max_length=1000, help_text="谁可以揭榜，一行一条")
    prize_wan = models.DecimalField("榜金（万元）", max_digits=12, decimal_places=2, help_text="按里程碑付给揭榜方")
    total_wan = models.DecimalField("总投入（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    closes_at = models.DateTimeField("揭榜截止")
    announced_closes_at = models.DateTimeField("发布时的截止", null=True, editable=False)
    industry_weight = models.PositiveSmallIntegerField("产业带动作用（%）", default=25, validators=WEIGHT)
    basis_weight = models.PositiveSmallIntegerField("研究基础（%）", default=25, validators=WEIGHT)
    technology_weight = models.PositiveSmallIntegerField("技术指标（%）", default=30, validators=WEIGHT)
    finance_weight = models.PositiveSmallIntegerField("财务指标（%）", default=20, validators=WEIGHT)
    publicity_workdays = models.PositiveSmallIntegerField(
        "结果公示（工作日）",
        default=LEAST_PUBLICITY_WORKDAYS,
        validators=[MinValueValidator(LEAST_PUBLICITY_WORKDAYS), MaxValueValidator(30)],
    )

    status = models.CharField("状态", max_length=12, choices=Status, default=Status.DRAFT, editable=False)
    status_at = models.DateTimeField("进入该状态的时间", default=timezone.now, editable=False)
    return_reason = models.CharField("退回说明", max_length=300, blank=True, editable=False)
    written_by = _person("起草人")
    created_at = models.DateTimeField("起草时间", default=timezone.now, editable=False)
    agreed_by = _person("企业同意人")
    agreed_at = models.DateTimeField("企业同意时间", null=True, editable=False)
    checked_by = _person("核对人")
    checked_at = models.DateTimeField("核对时间", null=True, editable=False)
    published_by = _person("发布人")
    published_at = models.DateTimeField("发布时间", null=True, editable=False)
    list_year = models.PositiveSmallIntegerField("榜单年度", null=True, editable=False)
    list_place = models.PositiveSmallIntegerField("榜单序号", null=True, editable=False)
    opening_asked_by = _person("发起开标")
    opened_with = _person("共同开标人")
    opened_at = models.DateTimeField("开标时间", null=True, editable=False)
    opened_count = models.PositiveSmallIntegerField("开标时的方案数", null=True, editable=False)
    review_conclusion = models.TextField("评审结论", max_length=1000, blank=True, editable=False)
    winner = models.ForeignKey(
        "challenges.Bid", models.PROTECT, null=True, editable=False, related_name="won", verbose_name="揭榜方案"
    )
    choice_reason = models.TextField("选定理由", max_length=1000, blank=True, editable=False)
    chosen_by = _person("企业选定人")
    chosen_at = models.DateTimeField("选定时间", null=True, editable=False)
    public_until = models.DateField("公示至", null=True, editable=False)
    awarded_by = _person("确认人")
    awarded_at = models.DateTimeField("确认揭榜方的时间", null=True, editable=False)
    deal = models.OneToOneField(
        Deal, models.PROTECT, null=True, editable=False, related_name="challenge", verbose_name="成交项目"
    )
    ended_by = _person("结束人")
    ended_at = models.DateTimeField("结束时间", null=True, editable=False)
    end_reason = models.CharField("结束原因", max_length=300, blank=True, editable=False)

    objects = ChallengeQuerySet.as_manager()

    class Meta:
        verbose_name = "揭榜挂帅榜单"
        verbose_name_plural = "揭榜挂帅榜单"
        ordering = ["-created_at", "-pk"]
        permissions = [
            ("check_challenge", "Can check challenges"),
            ("publish_challenge", "Can publish, open and award challenges"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["demand"],
                condition=~Q(status__in=["failed", "closed"]),
                name="challenge_one_live_per_demand",
                violation_error_message="这项需求已经在发榜，请打开那一榜继续办理。",
            ),
            models.UniqueConstraint(fields=["list_year", "list_place"], name="challenge_list_number_once"),
            models.CheckConstraint(
                condition=Q(prize_wan__gt=0) & (Q(total_wan=None) | Q(total_wan__gte=F("prize_wan"))),
                name="challenge_prize_within_total",
                violation_error_message="榜金要大于零，也不能大于总投入。",
            ),
            models.CheckConstraint(
                condition=Q(industry_weight=100 - F("basis_weight") - F("technology_weight") - F("finance_weight")),
                name="challenge_weights_make_a_hundred",
                violation_error_message="四项评审权重合计应为 100。",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None, list_year=None, list_place=None, announced_closes_at=None)
                | Q(published_at__isnull=False, list_year__isnull=False, list_place__isnull=False)
                & Q(announced_closes_at__isnull=False, agreed_by__isnull=False, checked_by__isnull=False)
                & Q(published_by__isnull=False)
                & ~Q(published_by=F("checked_by")),
                name="challenge_published_by_second_officer",
                violation_error_message="核对和发布要由两位专员办理，请交给同事发布。",
            ),
            models.CheckConstraint(
                condition=Q(announced_closes_at=None) | Q(closes_at__gte=F("announced_closes_at")),
                name="challenge_deadline_never_earlier",
                violation_error_message="发布以后，截止时间只能延后，不能提前。",
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None, opened_with=None, opened_count=None)
                | Q(opened_at__gte=F("closes_at"), opened_with__isnull=False, opened_count__isnull=False)
                & Q(opening_asked_by__isnull=False)
                & ~Q(opened_with=F("opening_asked_by")),
                name="challenge_opened_by_two_after_deadline",
                violation_error_message="截止以后由两个人一起开标，不能一个人开。",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["review", "recommended", "publicised", "awarded", "signed"])
                | Q(opened_at__isnull=False),
                name="challenge_reviewed_after_opening",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["publicised", "awarded", "signed"], winner__isnull=False)
                & Q(chosen_by__isnull=False, chosen_at__isnull=False, public_until__isnull=False)
                & ~Q(choice_reason="")
                | ~Q(status__in=["publicised", "awarded", "signed"]) & Q(winner=None, public_until=None),
                name="challenge_winner_iff_chosen",
                violation_error_message="请写明选定的理由。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["awarded", "signed"], awarded_at__isnull=False, awarded_by__isnull=False)
                | ~Q(status__in=["awarded", "signed"]) & Q(awarded_at=None),
                name="challenge_awarded_iff_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(status="signed", deal__isnull=False) | ~Q(status="signed") & Q(deal=None),
                name="challenge_signed_iff_deal",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["failed", "closed"], ended_at__isnull=False) & ~Q(end_reason="")
                | ~Q(status__in=["failed", "closed"]) & Q(ended_at=None, end_reason=""),
                name="challenge_ended_with_reason",
                violation_error_message="请写明结束的原因。",
            ),
        ]
        indexes = [models.Index(fields=["status", "closes_at"], name="challenge_by_status")]

    def __str__(self) -> str:
        return self.title

    def published_contacts(self) -> list[str]:
        return self.demand.published_contacts()

    # --- accounts.names.Matter ---------------------------------------------------------------------------------------
    def alias_of(self, organisation: Organisation) -> str:
        return "" if self.opened_at else self.demand.alias_of(organisation)

    def admits(self, scope: Scope) -> bool:
        return False

    @property
    def public_firm_name(self) -> str:
        return name_for(self.demand.firm, PUBLIC, self)

    @property
    def is_masked(self) -> bool:
        return self.demand.is_anonymous and self.opened_at is None

    def public_text(self, field: str) -> str:
        """A text for everybody: mentions of a firm that is still anonymous become 本企业."""
        names = identifying_names(self.demand) if self.is_masked else ()
        return mask_firm(getattr(self, field), names)

    @property
    def public_title(self) -> str:
        return self.public_text("title")

    @property
    def demand_title(self) -> str:
        return detail_text(self.demand, "title")

    # --- State -------------------------------------------------------------------------------------------------------
    @property
    def list_number(self) -> str:
        """榜单号, such as 2026-03; empty before the publication."""
        return f"{self.list_year}-{self.list_place:02}" if self.list_year and self.list_place else ""

    @property
    def is_past_deadline(self) -> bool:
        """For pages. Whether a bid is late, and whether bids may be opened, is decided by the clock of the database."""
        return timezone.now() >= self.closes_at

    @property
    def takes_bids(self) -> bool:
        return self.status == self.Status.PUBLISHED and not self.is_past_deadline

    @property
    def state_label(self) -> str:
        """The status in the words of this moment. A call with a deal is as far as its deal, which may still be 意向."""
        if self.status == self.Status.PUBLISHED and self.is_past_deadline:
            return "已截止，待开标"
        if self.deal is not None:
            return DEAL_WORDS.get(self.deal.stage, "已签约立项")
        return str(self.get_status_display())

    @property
    def is_signed(self) -> bool:
        """Whether the two sides have signed; the status SIGNED says only that there is a deal."""
        return self.deal is not None and self.deal.stage not in DEAL_WORDS

    def waits_for_second(self, user_pk: int) -> bool:
        """Whether this user has asked for the opening, which another has to join."""
        return self.is_past_deadline and self.opened_at is None and self.opening_asked_by_id == user_pk

    @property
    def days_left(self) -> int:
        return max((timezone.localdate(self.closes_at) - timezone.localdate()).days, 0)

    @property
    def days_left_text(self) -> str:
        return f"还有 {self.days_left} 天" if self.days_left else "今天截止"

    @property
    def weights(self) -> dict[str, int]:
        return {name: getattr(self, f"{name}_weight") for name in CRITERIA}


class ChallengeIndicator(IndicatorBase):
    """What has to be reached, with how it is accepted. `present`: the value of today, drawn beside the wanted one."""

    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="indicators")
    present = models.CharField("现在的数值", max_length=60, blank=True)
    acceptance = models.CharField("怎样验收", max_length=200, blank=True)

    public_text_fields = (*IndicatorBase.public_text_fields, "present", "acceptance")

    class Meta(IndicatorBase.Meta):
        abstract = False
        verbose_name = "榜单指标"
        verbose_name_plural = "榜单指标"


class ChallengeMilestone(PublicText, models.Model):
    """A step of the work with the share of the prize that is paid for it, by `instalment` once there is a contract."""

    public_text_fields = ("title", "standard")
    challenge = models.ForeignKey(Challenge, models.CASCADE, related_name="milestones")
    month = models.PositiveSmallIntegerField("第几个月", validators=[MinValueValidator(1), MaxValueValidator(60)])
    title = models.CharField("里程碑", max_length=60)
    standard = models.CharField("做到什么", max_length=200)
    percent = models.PositiveSmallIntegerField(
        "付榜金的（%）", validators=[MinValueValidator(0), MaxValueValidator(100)]
    )

    instalment = models.OneToOneField(
        Instalment, models.PROTECT, null=True, editable=False, related_name="milestone", verbose_name="对应的付款计划"
    )

    class Meta:
        verbose_name = "榜单里程碑"
        verbose_name_plural = "榜单里程碑"
        ordering = ["month", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(percent__lte=100), name="challenge_milestone_part_of_prize"),
        ]

    def __str__(self) -> str:
        return self.title

    def amount_wan(self, prize_wan: Decimal) -> Decimal:
        return (prize_wan * self.percent / 100).quantize(Decimal("0.01"))
