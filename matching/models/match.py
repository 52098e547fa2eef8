"""Matches: a pair proposed by a run, its review, and requests to brokers to follow it."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, User
from achievements.models import Achievement
from brokers.models import Broker
from core.public_id import new_public_id
from core.scope import Scope, scope_of
from demands.models import Demand
from matching.engine import explanation
from matching.models.runs import MatchRun

PART_LABELS = {
    "title_similarity": "与需求名称的相似度",
    "text_similarity": "与需求全文的相似度",
    "bm25": "关键词命中",
    "concepts": "领域术语相近",
    "words": "文字合计",
    "fit": "事实契合",
}


EFFECT_LABELS = {
    "has_supplier": "企业已有供应商或方案",
    "indicator": "指标不符",
    "too_early": "阶段过早",
    "price": "价格或合作方式不合",
    "field": "领域不符",
    "twin_accepted": "内容相近的需求已采纳这项成果",
    "twin_rejected": "内容相近的需求已退回这项成果",
    "side_unfit": "表示这一对不适合",
}
SIDE_LABELS = {"firm": "企业", "office": "院校"}


def reason_label(code: str, label: str) -> str:
    """As the city words it."""
    return str(settings.CITY.reasons["match_rejection"].get(code, label))


def reject_reasons() -> list[tuple[str, str]]:
    """The choices of a reason. Migrations refer to this, because the labels differ from city to city."""
    return [(reason.value, str(reason.label)) for reason in Match.RejectReason]


class MatchQuerySet(models.QuerySet["Match"]):
    def awaiting_review(self) -> Self:
        """Proposed, with an achievement still on offer, not exclusive to another firm, and an open demand."""
        return self.filter(
            Q(achievement__exclusive_from=None) | Q(achievement__exclusive_from__gt=timezone.localdate()),
            status=Match.Status.PROPOSED,
            achievement__status__in=Achievement.OFFERED,
            demand__status__in=Demand.OPEN,
        )

    def due(self) -> Self:
        """Awaiting review, not on hold, and without an open question."""
        return self.awaiting_review().exclude(held_until__gt=timezone.localdate()).exclude(questions__status="asked")

    def on_hold(self) -> Self:
        return self.awaiting_review().filter(held_until__gt=timezone.localdate())

    def with_open_question(self) -> Self:
        """Awaiting review, while a side has to answer a question."""
        return self.awaiting_review().filter(questions__status="asked")  # at most one per match, so no duplicates

    def waiting_for(self, user: User | AnonymousUser) -> Self:
        """Due matches that this officer manages and that are not assigned to somebody else."""
        return self.managed_by(user).due().filter(Q(assigned_to=None) | Q(assigned_to=user.pk))

    def assigned_to_colleagues_of(self, user: User | AnonymousUser) -> Self:
        return self.managed_by(user).due().exclude(Q(assigned_to=None) | Q(assigned_to=user.pk))

    def appealed(self) -> Self:
        """Decided, with an open appeal of the district to the city."""
        return self.exclude(appeal="")

    def decided(self) -> Self:
        return self.exclude(status=Match.Status.PROPOSED)

    def accepted(self) -> Self:
        return self.filter(status=Match.Status.ACCEPTED)

    def passed_over(self) -> Self:
        """未选: shown beside other candidates of the demand and not chosen. Nobody gave a reason against it."""
        return self.filter(status=Match.Status.PASSED)

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """District staff manage the matches of their own firms; city staff and the auditor all."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(demand__firm__stat_region__in=scope.region_ids)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """District staff see the matches of their own firms, city staff and the auditor all, a firm and an institution
        their accepted matches, a broker those they were asked to follow."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        accepted = Q(status=Match.Status.ACCEPTED)
        asked = BrokerRequest.objects.filter(broker__user=scope.user_id).exclude(status=BrokerRequest.Status.WITHDRAWN)
        return self.filter(
            Q(demand__firm__stat_region__in=scope.region_ids)
            | accepted & Q(demand__firm__in=scope.firm_ids)
            | accepted & Q(achievement__institution__in=scope.institution_ids)
            | Q(pk__in=asked.values("match"))
        )


class Match(models.Model):
    """A pair of achievement and demand, stored once. A later run may refresh its score and reasons, never its review.

    `revision` counts the changes of the review; a step names the revision that its officer has seen (law 2).
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待审核"
        ACCEPTED = "accepted", "已采纳"
        REJECTED = "rejected", "已退回"
        DUPLICATE = "duplicate", "重复"
        PASSED = "passed", "未选"

    class Level(models.TextChoices):
        HIGH = "high", "高"
        CANDIDATE = "candidate", "候选"

    class RejectReason(models.TextChoices):
        FIELD = "field", reason_label("field", "领域不符")
        INDICATOR = "indicator", reason_label("indicator", "指标不符")
        TOO_EARLY = "too_early", reason_label("too_early", "阶段过早")
        PRICE = "price", reason_label("price", "价格或合作方式不合")
        HAS_SUPPLIER = "has_supplier", reason_label("has_supplier", "企业已有供应商或方案")
        OTHER = "other", reason_label("other", "其他原因")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="matches", verbose_name="成果")
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="matches", verbose_name="需求")
    first_run = models.ForeignKey(MatchRun, models.PROTECT, related_name="new_matches", verbose_name="首次推荐批次")
    run = models.ForeignKey(MatchRun, models.PROTECT, related_name="matches", verbose_name="最近推荐批次")
    rank = models.PositiveSmallIntegerField("名次", default=0)
    score = models.FloatField("匹配度", help_text="0–100，系统推荐，仅供参考")
    parts = models.JSONField("分项得分", default=dict)
    shared_terms = models.JSONField("共同术语", default=list)
    related_terms = models.JSONField("相关术语", default=list, db_default=[])
    aligned_sentences = models.JSONField("对应的句子", default=list, db_default=[], editable=False)
    """The sentence of the demand that the achievement answers best and its own sentence for it, or []."""
    facts = models.JSONField("事实比对", default=list, help_text="阶段、合作方式、价格、区域、指标")
    probability = models.FloatField("预计采纳", null=True, editable=False)
    level = models.CharField(
        "级别", max_length=10, choices=Level, blank=True, default="", db_default="", editable=False
    )
    effects = models.JSONField("审核影响", default=list, db_default=[], editable=False)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PROPOSED, editable=False)
    reject_reason = models.CharField("退回原因", max_length=20, choices=reject_reasons, blank=True, editable=False)
    review_note = models.CharField("审核意见", max_length=300, blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="审核人"
    )
    reviewed_at = models.DateTimeField("审核时间", null=True, editable=False)
    revision = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    held_until = models.DateField("暂缓至", null=True, editable=False)
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="duplicates", verbose_name="与哪一条重复"
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="交给"
    )
    appeal = models.CharField("复议理由", max_length=300, blank=True, default="", db_default="", editable=False)
    created_at = models.DateTimeField("推荐时间", auto_now_add=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = "匹配"
        verbose_name_plural = "匹配"
        ordering = ["-score", "pk"]
        permissions = [
            ("review_match", "Can accept or reject matches"),
            ("export_match", "Can export matches"),
            ("ask_broker", "Can ask a broker to follow a match"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["achievement", "demand"], name="match_pair_once"),
            models.CheckConstraint(
                condition=Q(status="proposed", reviewed_at=None, reviewed_by=None)
                | (~Q(status="proposed") & Q(reviewed_at__isnull=False, reviewed_by__isnull=False)),
                name="match_reviewed_iff_decided",
            ),
            models.CheckConstraint(
                condition=(Q(status="rejected") & ~Q(reject_reason="")) | (~Q(status="rejected") & Q(reject_reason="")),
                name="match_reason_iff_rejected",
                violation_error_message="退回必须选择原因。",
            ),
            models.CheckConstraint(
                condition=(Q(status="duplicate") & Q(duplicate_of__isnull=False))
                | (~Q(status="duplicate") & Q(duplicate_of=None)),
                name="match_duplicate_names_the_other",
                violation_error_message="标为重复时必须指明与哪一条重复。",
            ),
            models.CheckConstraint(
                condition=Q(held_until=None) | Q(status="proposed"),
                name="match_held_only_while_proposed",
                violation_error_message="已经审核的匹配不能暂缓。",
            ),
            models.CheckConstraint(
                condition=Q(appeal="") | ~Q(status="proposed"),
                name="match_appeal_only_when_decided",
                violation_error_message="还没有审核的匹配不需要复议。",
            ),
        ]
        indexes = [models.Index(fields=["status", "-score"], name="match_by_status")]

    def __str__(self) -> str:
        return f"{self.achievement} × {self.demand}"

    def alias_of(self, organisation: Organisation) -> str:
        """`accounts.names.Matter`: that of the demand."""
        return self.demand.alias_of(organisation)

    def admits(self, scope: Scope) -> bool:
        """The institution, the owner of the follow-up and its broker know the firm once both sides agreed.

        Reads `demand`, `achievement`, `follow_up`, and for a broker `broker_requests`; select or prefetch them.
        """
        follow_up = getattr(self, "follow_up", None)
        if follow_up is None or follow_up.agreed_at is None:
            return False
        return (
            self.achievement.institution_id in scope.institution_ids
            or (scope.user_id > 0 and follow_up.owner_id == scope.user_id)
            or (scope.is_broker and any(row.is_taken_by(scope) for row in self.broker_requests.all()))
        )

    @property
    def whole_score(self) -> int:
        """The score, truncated: 100 is never reached."""
        return int(self.score)

    @property
    def is_on_hold(self) -> bool:
        """On hold until a day in the future."""
        return self.held_until is not None and self.held_until > timezone.localdate()

    @property
    def part_labels(self) -> list[tuple[str, float]]:
        """Parts of the score, each 0–1, with their labels."""
        return [(str(label), self.parts[name]) for name, label in PART_LABELS.items() if name in self.parts]

    @property
    def effect_sentences(self) -> list[str]:
        """Sentences that say which earlier decisions raised or lowered the score."""
        return [
            "因%(source)s（%(why)s）%(way)s了匹配度"
            % {
                "source": "%s的反馈" % SIDE_LABELS[effect["side"]]
                if effect.get("side")
                else "审核决定 #%s" % effect["decision"],
                "why": EFFECT_LABELS.get(effect["kind"], effect["kind"]),
                "way": "提高" if effect["factor"] > 1 else "降低",
            }
            for effect in self.effects
        ]

    @property
    def verdict_parts(self) -> list[explanation.ExplanationPart]:
        """The sentence of `verdict` in parts, each with the anchor of its evidence."""
        titles = (self.achievement.title, self.demand.title)
        return explanation.explanation_parts(self.shared_terms, self.facts, titles, self.related_terms)

    @property
    def verdict(self) -> str:
        """One sentence about the match: 对得上：都涉及预浸料，耐温满足；需商谈：价格高于预算 40%；目前小试."""
        return explanation.explanation_sentence(self.verdict_parts)


class BrokerRequestQuerySet(models.QuerySet["BrokerRequest"]):
    def awaiting_answer(self) -> Self:
        return self.filter(status=BrokerRequest.Status.ASKED)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """A broker sees their own except withdrawn ones; staff those about the matches they manage."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        own = Q(broker__user=scope.user_id) & ~Q(status=BrokerRequest.Status.WITHDRAWN)
        return self.filter(own | Q(match__demand__firm__stat_region__in=scope.region_ids))


class BrokerRequest(models.Model):
    """Request to a broker to follow an accepted match, and the answer."""

    class Status(models.TextChoices):
        ASKED = "asked", "待答复"
        TAKEN = "taken", "已接受"
        DECLINED = "declined", "已谢绝"
        WITHDRAWN = "withdrawn", "已撤回"

    OVER = (Status.DECLINED, Status.WITHDRAWN)

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    match = models.ForeignKey(Match, models.PROTECT, related_name="broker_requests", verbose_name="匹配")
    broker = models.ForeignKey(Broker, models.PROTECT, related_name="requests", verbose_name="技术经纪人")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.ASKED, editable=False)
    note = models.CharField("说明", max_length=300, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="委托人")
    asked_at = models.DateTimeField("委托时间", auto_now_add=True)
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)

    objects = BrokerRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "跟进委托"
        verbose_name_plural = "跟进委托"
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["match"],
                condition=~Q(status__in=["declined", "withdrawn"]),
                name="broker_request_one_open_per_match",
                violation_error_message="这条匹配已委托给一位技术经纪人。",
            ),
            models.CheckConstraint(
                condition=Q(status="asked", answered_at=None) | (~Q(status="asked") & Q(answered_at__isnull=False)),
                name="broker_request_answered_iff_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.broker} · {self.match}"

    def is_taken_by(self, scope: Scope) -> bool:
        return self.status == self.Status.TAKEN and self.broker.user_id == scope.user_id > 0
