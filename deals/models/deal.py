"""Deals: 意向 → 协议签约 → 合同登记 → 履约到账 → 落地 → 复盘.

A deal continues the follow-up of a match or a meeting and reads from them what they know. Only a deal from outside the
platform, and one from a challenge (揭榜挂帅), names its achievement and demand itself.
"""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, Q, Value, When
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from brokers.models import Agency, Broker
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.removal import RemovableQuerySet
from core.scope import Scope, scope_of
from deals.models.confirmation import ConfirmableQuerySet, Confirmation, hash_of_facts
from demands.models import Demand
from matching.models import FollowUp, Match
from rounds.models.meeting import Meeting
from taxonomy.models import TransferWay


def _assigned_to(user: User) -> Q:
    person = scope_of(user).user_id
    return Q(broker__user=person) | Q(follow_up__owner=person)


class DealQuerySet(ConfirmableQuerySet["Deal"]):
    party_paths = {"seller": "seller", "buyer": "buyer"}

    def running(self) -> "DealQuerySet":
        return self.exclude(stage__in=[Deal.Stage.FAILED, Deal.Stage.REVIEWED])

    def active(self) -> "DealQuerySet":
        """All but the failed."""
        return self.exclude(stage=Deal.Stage.FAILED)

    def late_to_register(self) -> "DealQuerySet":
        """Signed for longer than REGISTRATION_OVERDUE_AFTER, without a contract that is registered."""
        last = timezone.localdate() - settings.REGISTRATION_OVERDUE_AFTER
        registered = Q(contracts__status="registered")
        late = self.filter(stage=Deal.Stage.SIGNED, stage_on__lt=last)
        return late.exclude(pk__in=Deal.objects.filter(registered).order_by().values("pk"))

    def with_pair(self) -> "DealQuerySet":
        """With the two sides, the broker and what the deal is about, in one query."""
        return self.select_related(
            "seller",
            "buyer__stat_region",
            "broker",
            "agency__organisation",
            "outside_achievement",
            "outside_demand__firm",
            "meeting__docking_round",
            "follow_up__match__achievement",
            "follow_up__match__demand__firm",
        )

    def managed_by(self, user: User) -> "DealQuerySet":
        """All for the city and auditors; for district staff those whose buyer the district reports."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(buyer__stat_region__in=scope.region_ids)

    def assigned_to(self, user: User) -> "DealQuerySet":
        """Deals whose broker or whose follow-up's owner the user is."""
        return self.filter(_assigned_to(user))

    def visible_to(self, user: User) -> "DealQuerySet":
        """Deals that the user manages, is assigned to, or takes part in as an officer of a side; for an agency also
        those of challenges for which it has bid together with the seller."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        condition = (
            Q(buyer__stat_region__in=scope.region_ids)
            | self._of_own_side(scope.firm_ids | scope.institution_ids)
            | _assigned_to(user)
        )
        if scope.agency_ids:
            condition |= Q(origin="challenge", agency__organisation__in=scope.agency_ids)
        return self.filter(condition)

    def _of_own_side(self, organisations: frozenset[int]) -> Q:
        """Deals of these parties.

        Without a follow-up, to which both sides agreed, or a challenge, only when the party has said that it is one:
        else anybody could put a deal into the list of any firm.
        """
        own = Q(buyer__in=organisations) | Q(seller__in=organisations)
        accepted = self._answers(organisation__in=organisations, confirmed_at__isnull=False)
        agreed = Q(follow_up__isnull=False) | Q(origin="challenge")  # both have taken part in the challenge
        return own & (agreed | Q(Exists(accepted.exclude(status=Confirmation.Status.OBJECTED))))

    def lock(self, deal: "Deal") -> "Deal":
        """The deal, locked until the transaction ends, so that steps on it run one after another."""
        return self.select_for_update(no_key=True).get(pk=deal.pk)


class Deal(PlainText, models.Model):
    class Stage(models.TextChoices):
        INTENT = "intent", "意向"
        SIGNED = "signed", "协议签约"
        REGISTERED = "registered", "合同登记"
        PERFORMING = "performing", "履约到账"
        LANDED = "landed", "落地"
        REVIEWED = "reviewed", "已复盘"
        FAILED = "failed", "未成"

    class Origin(models.TextChoices):
        MATCH = "match", "平台匹配"
        APPROACH = "approach", "主动对接"
        MEETING = "meeting", "对接洽谈"
        CHALLENGE = "challenge", "揭榜挂帅"
        OUTSIDE = "outside", "平台之外"

    class Licence(models.TextChoices):
        EXCLUSIVE = "exclusive", "独占许可"
        SOLE = "sole", "排他许可"
        PLAIN = "plain", "普通许可"
        OPEN = "open", "开放许可"
        PAY_LATER = "pay_later", "先使用后付费"

    class Pricing(models.TextChoices):
        """促进科技成果转化法, article 18."""

        AGREED = "agreed", "协议定价"
        LISTED = "listed", "技术交易市场挂牌"
        AUCTION = "auction", "技术拍卖"

    class FailReason(models.TextChoices):
        PRICE = "price", "价格或条件没有谈拢"
        TECHNOLOGY = "technology", "技术未达到要求"
        FUNDING = "funding", "资金没有落实"
        CHANGED = "changed", "一方情况变化"
        OTHER = "other", "其他原因"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    origin = models.CharField("来源", max_length=10, choices=Origin, editable=False)
    follow_up = models.OneToOneField(
        FollowUp, models.PROTECT, null=True, blank=True, related_name="deal", verbose_name="对接跟进"
    )
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name="洽谈"
    )
    outside_achievement = models.ForeignKey(
        Achievement, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="成果（平台之外）"
    )
    outside_demand = models.ForeignKey(
        Demand, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="需求（平台之外）"
    )
    name = models.CharField("项目名称", max_length=120)
    seller = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="deals_sold", verbose_name="转让方"
    )
    seller_name = models.CharField(
        "转让方名称（按登记人所写）", max_length=100, blank=True, default="", db_default="", editable=False
    )
    buyer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="deals_bought", verbose_name="受让方"
    )
    buyer_name = models.CharField(
        "受让方名称（按登记人所写）", max_length=100, blank=True, default="", db_default="", editable=False
    )
    broker = models.ForeignKey(
        Broker, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name="技术经纪人"
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="deals", verbose_name="服务机构"
    )
    stage = models.CharField("阶段", max_length=12, choices=Stage, default=Stage.INTENT, editable=False)
    stage_on = models.DateField("进入该阶段的日期", default=timezone.localdate, editable=False)
    intent_wan = models.DecimalField("意向金额（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    signed_wan = models.DecimalField("签约金额（万元）", max_digits=12, decimal_places=2, null=True, blank=True)
    way = models.CharField("转化方式", max_length=20, choices=TransferWay, blank=True, default="", db_default="")
    licence = models.CharField(
        "许可方式",
        max_length=10,
        choices=Licence,
        blank=True,
        default="",
        db_default="",
        help_text="技术许可时填写",
    )
    pricing = models.CharField("定价方式", max_length=10, choices=Pricing, blank=True, default="", db_default="")
    exclusive_from = models.DateField(
        "独占开始日期", null=True, blank=True, help_text="转让、独占或排他许可从这一天起不再推荐给其他企业"
    )
    broker_part = models.CharField(
        "技术经纪人的工作", max_length=300, blank=True, default="", db_default="", help_text="由双方在合同中确认"
    )
    failed_reason = models.CharField(
        "未成原因", max_length=10, choices=FailReason, blank=True, default="", db_default="", editable=False
    )
    made_at = models.DateTimeField("建立时间", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="建立人"
    )
    facts_hash = hash_of_facts(
        Case(When(stage="intent", then=Value("i")), When(stage="failed", then=Value("f")), default=Value("s")),
        *("name", "seller", "seller_name", "buyer", "buyer_name", "outside_achievement", "outside_demand"),
        *("intent_wan", "signed_wan", "way", "licence", "pricing", "exclusive_from"),
        days=("exclusive_from",),
    )

    objects = DealQuerySet.as_manager()

    class Meta:
        verbose_name = "成交项目"
        verbose_name_plural = "成交项目"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(origin="outside", follow_up=None, meeting=None)
                | Q(origin="challenge", follow_up=None, meeting=None, outside_demand__isnull=False)
                & Q(seller__isnull=False, buyer__isnull=False)
                | Q(
                    origin__in=["match", "approach"],
                    follow_up__isnull=False,
                    outside_achievement=None,
                    outside_demand=None,
                )
                | Q(
                    origin="meeting",
                    meeting__isnull=False,
                    follow_up__isnull=False,
                    outside_achievement=None,
                    outside_demand=None,
                )
                | Q(origin="meeting", meeting__isnull=False, follow_up=None),
                name="deal_comes_from_where_it_says",
                violation_error_message="平台内的成交从对接跟进或洽谈开始；平台之外的请选择“平台之外”。",
            ),
            models.CheckConstraint(
                condition=Q(licence="") | Q(way="licence"),
                name="deal_licence_only_when_licensed",
                violation_error_message="只有转化方式是“技术许可”时才填写许可方式。",
            ),
            models.CheckConstraint(
                condition=Q(exclusive_from=None) | Q(way="assignment") | Q(licence__in=["exclusive", "sole"]),
                name="deal_exclusive_only_for_one_alone",
                violation_error_message="只有转让、独占许可和排他许可才有独占开始日期。",
            ),
            models.CheckConstraint(
                condition=Q(stage="failed") & ~Q(failed_reason="") | ~Q(stage="failed") & Q(failed_reason=""),
                name="deal_failed_with_reason",
                violation_error_message="记为未成请选择原因。",
            ),
            models.CheckConstraint(
                condition=(Q(intent_wan=None) | Q(intent_wan__gte=Decimal(0)))
                & (Q(signed_wan=None) | Q(signed_wan__gte=Decimal(0))),
                name="deal_money_not_negative",
                violation_error_message="金额不能小于 0。",
            ),
        ]
        indexes = [models.Index(fields=["stage", "stage_on"], name="deal_by_stage")]

    def __str__(self):
        return self.name

    @property
    def is_running(self) -> bool:
        return self.stage not in (self.Stage.FAILED, self.Stage.REVIEWED)

    @property
    def seller_label(self) -> str:
        return self.party_label("seller")

    @property
    def buyer_label(self) -> str:
        return self.party_label("buyer")

    def party_label(self, side: str) -> str:
        """The party as the author wrote it: the same words whether or not such an organisation is registered."""
        return getattr(self, f"{side}_name") or str(getattr(self, side) or "未填")

    @property
    def match(self) -> Match | None:
        if self.follow_up:
            return self.follow_up.match
        return self.meeting.match if self.meeting else None

    @property
    def achievement(self) -> Achievement | None:
        """The transferred achievement: of the match, or as named by a deal from outside or from a challenge."""
        return self.match.achievement if self.match else self.outside_achievement

    @property
    def demand(self) -> Demand | None:
        return self.match.demand if self.match else self.outside_demand

    def alias_of(self, organisation: Organisation) -> str:
        """`accounts.names.Matter`: that of the demand the deal came from."""
        return self.demand.alias_of(organisation) if self.demand else ""

    def admits(self, scope: Scope) -> bool:
        """The sides of a deal know each other, and so does who follows it."""
        if self.seller_id in scope.institution_ids | scope.firm_ids:
            return True
        return self.match is not None and self.match.admits(scope)

    @property
    def is_exclusive(self) -> bool:
        """Whether the achievement is for this buyer alone once the deal is signed."""
        return self.way == TransferWay.ASSIGNMENT or self.licence in (self.Licence.EXCLUSIVE, self.Licence.SOLE)


class DealStep(models.Model):
    """A move to a stage. Never changed. `on` is the day it happened, not before that of the previous step."""

    class Move(models.TextChoices):
        OPEN = "open", "建立"
        NEXT = "next", "进入"
        SKIP = "skip", "跳至"
        BACK = "back", "退回"
        FAIL = "fail", "结束"

    deal = models.ForeignKey(Deal, models.PROTECT, related_name="steps", verbose_name="成交项目")
    stage = models.CharField("阶段", max_length=12, choices=Deal.Stage)
    move = models.CharField("步骤", max_length=5, choices=Move, default=Move.NEXT, db_default="next")
    on = models.DateField("日期")
    note = models.CharField("说明", max_length=500, blank=True)
    person = models.CharField("经办人", max_length=30, blank=True, default="", db_default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="记录人")
    made_at = models.DateTimeField("记录时间", default=timezone.now)

    class Meta:
        verbose_name = "成交进展"
        verbose_name_plural = "成交进展"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(move__in=["open", "next"]) | ~Q(note=""),
                name="deal_step_aside_with_reason",
                violation_error_message="跳过阶段、退回或结束请说明原因。",
            ),
        ]

    def __str__(self):
        return f"{self.get_stage_display()} {self.on}"


class DealFile(models.Model):
    """Evidence of a deal or of one of its steps. Stored outside the web root; sent to users who may see the deal."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    deal = models.ForeignKey(Deal, models.PROTECT, related_name="files", verbose_name="成交项目")
    step = models.ForeignKey(DealStep, models.PROTECT, null=True, blank=True, related_name="files", verbose_name="进展")
    file = models.FileField("文件", upload_to="deals/%Y/%m/", max_length=200)
    name = models.CharField("文件名", max_length=200)
    content_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("大小（字节）")
    sha256 = models.CharField(max_length=64)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间", default=timezone.now)
    removed_at = models.DateTimeField("移除时间", null=True, editable=False)

    objects = RemovableQuerySet["DealFile"].as_manager()

    class Meta:
        verbose_name = "证明材料"
        verbose_name_plural = "证明材料"
        ordering = ["uploaded_at", "pk"]

    def __str__(self):
        return self.name


def active_deals_prefetch() -> models.Prefetch:
    """A prefetch of placements of a timetable that fills `meeting.active_deals`."""
    deals = Deal.objects.active().only("public_id", "meeting")
    return models.Prefetch("meeting__deals", deals, to_attr="active_deals")
