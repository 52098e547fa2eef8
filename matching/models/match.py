"""The pair that a run proposed and what became of it; the broker who was asked to follow it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from achievements.models import Achievement
from brokers.models import Broker
from core.public_id import new_public_id
from core.scope import scope_of
from demands.models import Demand
from matching.engine import explanation
from matching.models.runs import MatchRun

PART_LABELS = {
    "title_similarity": _("与需求名称的相似度"),
    "text_similarity": _("与需求全文的相似度"),
    "bm25": _("关键词命中"),
    "concepts": _("领域术语相近"),
    "words": _("文字合计"),
    "fit": _("事实契合"),
}


EFFECT_LABELS = {
    "has_supplier": _("企业已有供应商或方案"),
    "indicator": _("指标不符"),
    "too_early": _("阶段过早"),
    "price": _("价格或合作方式不合"),
    "field": _("领域不符"),
    "twin_accepted": _("内容相近的需求已采纳这项成果"),
    "twin_rejected": _("内容相近的需求已退回这项成果"),
}


class MatchQuerySet(models.QuerySet):
    def awaiting_review(self):
        """Proposed, and both sides still in the market: an item that is one firm's alone by now is not."""
        return self.filter(
            Q(achievement__exclusive_from=None) | Q(achievement__exclusive_from__gt=timezone.localdate()),
            status=Match.Status.PROPOSED,
            achievement__status__in=Achievement.OFFERED,
            demand__status__in=Demand.OPEN,
        )

    def due(self):
        """Awaiting review now: not put off to a later day, no question without an answer."""
        return self.awaiting_review().exclude(held_until__gt=timezone.localdate()).exclude(questions__status="asked")

    def held(self):
        return self.awaiting_review().filter(held_until__gt=timezone.localdate())

    def asked_about(self):
        """Awaiting review, but first a side has to answer a question."""
        return self.awaiting_review().filter(questions__status="asked")  # one open question per match: no row twice

    def waiting_for(self, user):
        """What this officer is to decide now: due in their district, and not given to somebody else."""
        return self.managed_by(user).due().filter(Q(assigned_to=None) | Q(assigned_to=user.pk))

    def with_colleagues_of(self, user):
        return self.managed_by(user).due().exclude(Q(assigned_to=None) | Q(assigned_to=user.pk))

    def appealed(self):
        """Decided, and the district asks the city to decide again."""
        return self.exclude(appeal="")

    def decided(self):
        return self.exclude(status=Match.Status.PROPOSED)

    def accepted(self):
        return self.filter(status=Match.Status.ACCEPTED)

    def managed_by(self, user):
        """What staff work with: a district's those of its firms; city and auditor all."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(demand__firm__stat_region__in=scope.region_ids)

    def visible_to(self, user):
        """A district's staff those of its firms; city and auditor all; a firm what was accepted for its needs;
        an institution's office what was accepted of its items; a broker what they were asked to follow."""
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
    """A pair is proposed once. A later run may refresh its score and reasons, never its review.

    `revision` counts how often people have changed the review: whoever acts names the one they saw (law 2).
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("待审核")
        ACCEPTED = "accepted", _("已采纳")
        REJECTED = "rejected", _("已退回")
        DUPLICATE = "duplicate", _("重复")

    class Level(models.TextChoices):
        HIGH = "high", _("高")
        MIDDLE = "middle", _("中")
        LOW = "low", _("低")

    class RejectReason(models.TextChoices):
        FIELD = "field", _("领域不符")
        INDICATOR = "indicator", _("指标不符")
        TOO_EARLY = "too_early", _("阶段过早")
        PRICE = "price", _("价格或合作方式不合")
        HAS_SUPPLIER = "has_supplier", _("企业已有供应商或方案")
        OTHER = "other", _("其他原因")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="matches", verbose_name=_("成果"))
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="matches", verbose_name=_("需求"))
    first_run = models.ForeignKey(MatchRun, models.PROTECT, related_name="new_matches", verbose_name=_("首次推荐批次"))
    run = models.ForeignKey(MatchRun, models.PROTECT, related_name="matches", verbose_name=_("最近推荐批次"))
    rank = models.PositiveSmallIntegerField(_("名次"), default=0)
    score = models.FloatField(_("匹配度"), help_text=_("0–100，系统推荐，仅供参考"))
    parts = models.JSONField(_("分项得分"), default=dict)
    shared_terms = models.JSONField(_("共同术语"), default=list)
    related_terms = models.JSONField(_("相关术语"), default=list, db_default=[])
    facts = models.JSONField(_("事实比对"), default=list, help_text=_("阶段、合作方式、价格、区域、指标"))
    probability = models.FloatField(_("预计采纳"), null=True, editable=False)
    level = models.CharField(
        _("级别"), max_length=10, choices=Level, blank=True, default="", db_default="", editable=False
    )
    effects = models.JSONField(_("审核影响"), default=list, db_default=[], editable=False)
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.PROPOSED, editable=False)
    reject_reason = models.CharField(_("退回原因"), max_length=20, choices=RejectReason, blank=True, editable=False)
    review_note = models.CharField(_("审核意见"), max_length=300, blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("审核人")
    )
    reviewed_at = models.DateTimeField(_("审核时间"), null=True, editable=False)
    revision = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    held_until = models.DateField(_("暂缓至"), null=True, editable=False)
    duplicate_of = models.ForeignKey(
        "self", models.PROTECT, null=True, editable=False, related_name="duplicates", verbose_name=_("与哪一条重复")
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("交给")
    )
    appeal = models.CharField(_("复议理由"), max_length=300, blank=True, default="", db_default="", editable=False)
    created_at = models.DateTimeField(_("推荐时间"), auto_now_add=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("匹配")
        verbose_name_plural = _("匹配")
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
                violation_error_message=_("退回必须选择原因。"),
            ),
            models.CheckConstraint(
                condition=(Q(status="duplicate") & Q(duplicate_of__isnull=False))
                | (~Q(status="duplicate") & Q(duplicate_of=None)),
                name="match_duplicate_names_the_other",
                violation_error_message=_("标为重复时必须指明与哪一条重复。"),
            ),
            models.CheckConstraint(
                condition=Q(held_until=None) | Q(status="proposed"),
                name="match_held_only_while_proposed",
                violation_error_message=_("已经审核的匹配不能暂缓。"),
            ),
            models.CheckConstraint(
                condition=Q(appeal="") | ~Q(status="proposed"),
                name="match_appeal_only_when_decided",
                violation_error_message=_("还没有审核的匹配不需要复议。"),
            ),
        ]
        indexes = [models.Index(fields=["status", "-score"], name="match_by_status")]

    def __str__(self):
        return f"{self.achievement} × {self.demand}"

    @property
    def whole_score(self) -> int:
        """Cut, not rounded: 100 is never reached."""
        return int(self.score)

    @property
    def is_held(self) -> bool:
        """Put off to a day that has not come."""
        return self.held_until is not None and self.held_until > timezone.localdate()

    @property
    def part_labels(self) -> list[tuple[str, float]]:
        """The parts of the score, each 0–1, under names for people."""
        return [(str(label), self.parts[name]) for name, label in PART_LABELS.items() if name in self.parts]

    @property
    def effect_sentences(self) -> list[str]:
        """Which earlier decisions moved this match, and which way."""
        return [
            _("因审核决定 #%(decision)s（%(why)s）%(way)s了匹配度")
            % {
                "decision": one["decision"],
                "why": EFFECT_LABELS.get(one["kind"], one["kind"]),
                "way": _("提高") if one["factor"] > 1 else _("降低"),
            }
            for one in self.effects
        ]

    @property
    def verdict_parts(self) -> list[explanation.ExplanationPart]:
        """The verdict sentence in parts, each with the anchor of its evidence, from what is kept with the match."""
        titles = (self.achievement.title, self.demand.title)
        return explanation.explanation_parts(self.shared_terms, self.facts, titles, self.related_terms)

    @property
    def verdict(self) -> str:
        """One sentence about the match: 同为碳纤维预浸料；耐温满足；价格高于预算 40%；目前小试."""
        return explanation.explanation_sentence(self.verdict_parts)


class BrokerRequestQuerySet(models.QuerySet):
    def awaiting_answer(self):
        return self.filter(status=BrokerRequest.Status.ASKED)

    def visible_to(self, user):
        """A broker's own but for those withdrawn; staff those about the matches they see."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        theirs = Q(broker__user=scope.user_id) & ~Q(status=BrokerRequest.Status.WITHDRAWN)
        return self.filter(theirs | Q(match__demand__firm__stat_region__in=scope.region_ids))


class BrokerRequest(models.Model):
    """A broker is asked to follow an accepted match, and answers."""

    class Status(models.TextChoices):
        ASKED = "asked", _("待答复")
        TAKEN = "taken", _("已接受")
        DECLINED = "declined", _("已谢绝")
        WITHDRAWN = "withdrawn", _("已撤回")

    OVER = (Status.DECLINED, Status.WITHDRAWN)

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    match = models.ForeignKey(Match, models.PROTECT, related_name="broker_requests", verbose_name=_("匹配"))
    broker = models.ForeignKey(Broker, models.PROTECT, related_name="requests", verbose_name=_("技术经纪人"))
    status = models.CharField(_("状态"), max_length=10, choices=Status, default=Status.ASKED, editable=False)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("委托人"))
    asked_at = models.DateTimeField(_("委托时间"), auto_now_add=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True, editable=False)

    objects = BrokerRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("跟进委托")
        verbose_name_plural = _("跟进委托")
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["match"],
                condition=~Q(status__in=["declined", "withdrawn"]),
                name="broker_request_one_open_per_match",
                violation_error_message=_("这条匹配已委托给一位技术经纪人。"),
            ),
            models.CheckConstraint(
                condition=Q(status="asked", answered_at=None) | (~Q(status="asked") & Q(answered_at__isnull=False)),
                name="broker_request_answered_iff_decided",
            ),
        ]

    def __str__(self):
        return f"{self.broker} · {self.match}"
