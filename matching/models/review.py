"""What people did with matches: each decision a row of its own, questions to a side, who is looking at what."""

from datetime import date
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from core.public_id import new_public_id
from core.scope import scope_of
from matching.models.match import Match
from matching.models.runs import MatchRun


class DecisionQuerySet(models.QuerySet):
    def standing(self):
        """Not taken back."""
        return self.filter(undone_at=None)

    def verdicts(self):
        """Those that decided a match; a broker asked later about an accepted one is not among them."""
        return self.filter(kind__in=Decision.VERDICTS, after__has_key="status")

    def feedback(self):
        """What can be learned from: verdicts, and what both sides found when they met."""
        return self.filter(Q(kind__in=Decision.VERDICTS, after__has_key="status") | Q(kind__in=Decision.AT_TABLE))


class Decision(models.Model):
    """One step of an officer, with what it was made on. Written once; only `undone_at` may come later.

    `key` is made by whoever sends the step: sent twice, it is done once. `before` and `after` hold the columns of the
    match that changed; `features` what the engine said of the pair at that moment, for learning from decisions.
    """

    class Kind(models.TextChoices):
        ACCEPT = "accept", _lazy("采纳")
        REJECT = "reject", _lazy("退回")
        DUPLICATE = "duplicate", _lazy("标为重复")
        BROKER = "broker", _lazy("委托经纪人")
        HOLD = "hold", _lazy("暂缓")
        ASK = "ask", _lazy("提问")
        GIVE = "give", _lazy("交给同事")
        TAKE = "take", _lazy("接手")
        APPEAL = "appeal", _lazy("请市里复议")
        UPHOLD = "uphold", _lazy("维持原审核")
        REOPEN = "reopen", _lazy("重新审核")
        MET = "met", _lazy("洽谈后采纳")
        UNFIT = "unfit", _lazy("洽谈后不合适")

    VERDICTS = (Kind.ACCEPT, Kind.REJECT, Kind.DUPLICATE, Kind.BROKER)
    AT_TABLE = (Kind.MET, Kind.UNFIT)
    """Not an officer's verdict: what came of a talk, written down by whoever told it."""

    key = models.UUIDField(unique=True, default=uuid4, editable=False)
    batch = models.UUIDField(null=True, db_index=True, editable=False)
    match = models.ForeignKey(Match, models.PROTECT, related_name="decisions", verbose_name=_lazy("匹配"))
    kind = models.CharField(_lazy("动作"), max_length=10, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_lazy("操作人"))
    made_at = models.DateTimeField(_lazy("时间"), default=timezone.now)
    open_ms = models.PositiveIntegerField(_lazy("查看时长（毫秒）"), null=True)
    reason = models.CharField(_lazy("退回原因"), max_length=20, choices=Match.RejectReason, blank=True)
    note = models.CharField(_lazy("说明"), max_length=500, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    revision = models.PositiveIntegerField()
    run = models.ForeignKey(MatchRun, models.PROTECT, related_name="decisions", verbose_name=_lazy("批次"))
    engine = models.CharField(_lazy("匹配方法"), max_length=40)
    score = models.FloatField(_lazy("匹配度"))
    features = models.JSONField(_lazy("依据"), default=dict)
    undone_at = models.DateTimeField(_lazy("撤销时间"), null=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _lazy("审核决定")
        verbose_name_plural = _lazy("审核决定")
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["match", "revision"], name="decision_once_per_revision"),
            models.CheckConstraint(
                condition=~Q(kind__in=["reject", "unfit"]) | ~Q(reason=""),
                name="decision_rejects_with_reason",
                violation_error_message=_lazy("退回必须选择原因。"),
            ),
        ]
        indexes = [models.Index(fields=["by", "-made_at"], name="decision_by_officer")]

    def __str__(self):
        return f"{self.by} {self.sentence}"

    @property
    def is_acceptance(self) -> bool:
        """For learning: the pair was found to fit, and no talk has shown otherwise since."""
        return self.kind != self.Kind.UNFIT and self.match.status == Match.Status.ACCEPTED

    @property
    def sentence(self) -> str:
        """What was done, after the name of whoever did it: 退回（指标不符）, 暂缓至 12 月 3 日."""
        kind, after = self.Kind, self.after
        if self.kind == kind.REJECT:
            return _("退回（%(reason)s）") % {"reason": self.get_reason_display()}
        if self.kind == kind.UNFIT:
            return _("洽谈后认为不合适（%(reason)s）") % {"reason": self.get_reason_display()}
        if self.kind == kind.DUPLICATE:
            return _("标为与“%(other)s”重复") % {"other": after.get("duplicate_of", "")}
        if self.kind == kind.HOLD:
            day = date.fromisoformat(after["held_until"])
            return _("暂缓至 %(month)s 月 %(day)s 日") % {"month": day.month, "day": day.day}
        if self.kind == kind.ASK:
            return _("向%(side)s提问") % {"side": Question.Side(after["side"]).label}
        if self.kind == kind.GIVE:
            return _("交给%(who)s") % {"who": after.get("assigned_to", "")}
        if self.kind == kind.BROKER:
            return _("委托经纪人%(who)s跟进") % {"who": after.get("broker", "")}
        return str(self.get_kind_display())


class QuestionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(status=Question.Status.ASKED)

    def addressed_to(self, user):
        """Those this user may answer: a firm's about its needs, an office's about its items."""
        scope = scope_of(user)
        return self.exclude(status=Question.Status.WITHDRAWN).filter(
            Q(side=Question.Side.FIRM, match__demand__firm__in=scope.firm_ids)
            | Q(side=Question.Side.OFFICE, match__achievement__institution__in=scope.institution_ids)
        )


class Question(models.Model):
    """Asked of one side before its match is decided. That side reads the question and its own item, nothing more."""

    class Side(models.TextChoices):
        FIRM = "firm", _lazy("企业")
        OFFICE = "office", _lazy("院校")

    class Status(models.TextChoices):
        ASKED = "asked", _lazy("待答复")
        ANSWERED = "answered", _lazy("已答复")
        WITHDRAWN = "withdrawn", _lazy("已撤回")

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    match = models.ForeignKey(Match, models.PROTECT, related_name="questions", verbose_name=_lazy("匹配"))
    side = models.CharField(_lazy("问谁"), max_length=10, choices=Side)
    text = models.CharField(_lazy("问题"), max_length=500)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_lazy("提问人")
    )
    asked_at = models.DateTimeField(_lazy("提问时间"), default=timezone.now)
    status = models.CharField(_lazy("状态"), max_length=10, choices=Status, default=Status.ASKED)
    answer = models.CharField(_lazy("答复"), max_length=1000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_lazy("答复人")
    )
    answered_at = models.DateTimeField(_lazy("答复时间"), null=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _lazy("提问")
        verbose_name_plural = _lazy("提问")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["match"],
                condition=Q(status="asked"),
                name="question_one_open_per_match",
                violation_error_message=_lazy("这条匹配已有一个问题在等答复。"),
            ),
            models.CheckConstraint(
                condition=Q(status="answered", answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")
                | ~Q(status="answered") & Q(answered_at=None, answered_by=None, answer=""),
                name="question_answered_iff_text",
            ),
        ]

    def __str__(self):
        return self.text[:40]

    @property
    def item(self):
        """The need or the achievement it is about: all of the match that the asked side may see."""
        return self.match.demand if self.side == self.Side.FIRM else self.match.achievement


class ReservationQuerySet(models.QuerySet):
    def current(self):
        return self.filter(until__gt=timezone.now())


class Reservation(models.Model):
    """Who has a match open, or next in hand. It only warns and steers colleagues elsewhere; it expires by itself."""

    match = models.OneToOneField(Match, models.CASCADE, primary_key=True, related_name="reservation")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    is_open = models.BooleanField()
    until = models.DateTimeField()

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = _lazy("正在查看")
        verbose_name_plural = _lazy("正在查看")
        indexes = [models.Index(fields=["until"], name="reservation_by_end")]

    def __str__(self):
        return f"{self.user_id} · {self.match_id}"


class DeskPreference(models.Model):
    """How an officer likes the review desk."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    single_keys = models.BooleanField(default=True)

    class Meta:
        verbose_name = _lazy("审核台设置")
        verbose_name_plural = _lazy("审核台设置")

    def __str__(self):
        return str(self.user_id)
