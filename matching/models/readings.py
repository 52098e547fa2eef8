"""The second reader: answers kept for reuse, what it read in a run, and what it said about each pair."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Case, Q, When
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from demands.models import Demand
from matching.models.runs import MatchRun


class ReaderAnswer(models.Model):
    """One answer of a model about one pair of texts. `key`: SHA-256 of the model, the instructions and both texts."""

    key = models.CharField(max_length=64, unique=True, editable=False)
    model = models.CharField("模型", max_length=100)
    answer = models.JSONField("答案", default=dict)
    made_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "第二读者的答案"
        verbose_name_plural = "第二读者的答案"

    def __str__(self) -> str:
        return self.key[:12]


class PageQuestion(models.Model):
    """That a page asked the reader for a user, for the limits per user and day. Nothing of what was asked."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name="用户")
    asked_at = models.DateTimeField("时间", default=timezone.now, db_index=True)

    class Meta:
        verbose_name = "页面向语言模型的提问"
        verbose_name_plural = "页面向语言模型的提问"

    def __str__(self) -> str:
        return f"{self.user_id} {self.asked_at:%Y-%m-%d %H:%M}"


class RunReading(models.Model):
    """The second reader in one run. Its rows of demands say what is read, this row what it may cost and why it stopped.

    `prompt`: version of the instructions. Requests, tokens and statements are counted while it reads, so that a run
    that another worker continues keeps to its limits.
    """

    class Stop(models.TextChoices):
        BUDGET = "budget", "问题数已用完"
        DEADLINE = "deadline", "超过时限"
        BROKEN = "broken", "模型服务不可用"
        UNCONFIGURED = "unconfigured", "没有配置模型服务"

    run = models.OneToOneField(MatchRun, models.CASCADE, related_name="reading", verbose_name="匹配批次")
    model = models.CharField("模型", max_length=100)
    prompt = models.CharField("提示词版本", max_length=16)
    max_requests = models.PositiveIntegerField("最多提问次数")
    max_minutes = models.PositiveIntegerField("最长时间（分钟）")
    started_at = models.DateTimeField("开始时间", null=True)
    stopped = models.CharField("中止原因", max_length=20, choices=Stop, blank=True, default="")
    fruitless = models.PositiveSmallIntegerField("连续没有合格答案的任务数", default=0)
    requests = models.PositiveIntegerField("提问次数", default=0)
    prompt_tokens = models.PositiveBigIntegerField("输入 token", default=0)
    completion_tokens = models.PositiveBigIntegerField("输出 token", default=0)
    statements = models.PositiveIntegerField("陈述数", default=0)
    void = models.PositiveIntegerField("引文不符的陈述数", default=0)

    class Meta:
        verbose_name = "批次的第二读者"
        verbose_name_plural = "批次的第二读者"

    def __str__(self) -> str:
        return f"{self.run} · {self.model}"

    @property
    def deadline(self) -> datetime | None:
        return self.started_at + timedelta(minutes=self.max_minutes) if self.started_at else None


class DemandReadingQuerySet(models.QuerySet["DemandReading"]):
    def waiting(self) -> Self:
        """Not yet proposed for: those of immediate runs first, then in the order in which runs were queued."""
        immediate_first = Case(When(run__kind=MatchRun.Kind.IMMEDIATE, then=0), default=1)
        return self.filter(finished_at=None).order_by(immediate_first, "run__queued_at", "run_id", "pk")


class DemandReading(models.Model):
    """One demand whose candidates are read in a run. The proposals of the demand are written when it is finished."""

    class Outcome(models.TextChoices):
        READ = "read", "已读"
        ENGINE = "engine", "内置匹配"

    class Reason(models.TextChoices):
        BUDGET = "budget", "问题数已用完"
        DEADLINE = "deadline", "超过时限"
        BROKEN = "broken", "模型服务不可用"
        UNCONFIGURED = "unconfigured", "没有配置模型服务"
        FAULT = "fault", "模型没有答复"
        ANSWER = "answer", "模型的答案不合要求"

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="demand_readings", verbose_name="匹配批次")
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="+", verbose_name="需求")
    outcome = models.CharField("结论来自", max_length=10, choices=Outcome, blank=True, default="")
    reason = models.CharField("没有读完的原因", max_length=20, choices=Reason, blank=True, default="")
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = DemandReadingQuerySet.as_manager()

    class Meta:
        verbose_name = "需求的阅读"
        verbose_name_plural = "需求的阅读"
        constraints = [
            models.UniqueConstraint(fields=["run", "demand"], name="demand_reading_once_per_run"),
            models.CheckConstraint(
                condition=Q(outcome="", finished_at=None) | (~Q(outcome="") & Q(finished_at__isnull=False)),
                name="demand_reading_finished_iff_outcome",
            ),
            models.CheckConstraint(
                condition=(Q(outcome="engine") & ~Q(reason="")) | (~Q(outcome="engine") & Q(reason="")),
                name="demand_reading_reason_iff_engine",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.demand} · {self.run}"


class PairReadingQuerySet(models.QuerySet["PairReading"]):
    def latest_of(self, pairs: models.QuerySet | list) -> Self:
        """The latest reading of each pair of the given matches."""
        demands = {match.demand_id for match in pairs}
        achievements = {match.achievement_id for match in pairs}
        rows = self.filter(demand__in=demands, achievement__in=achievements)
        return rows.order_by("demand_id", "achievement_id", "-read_at", "-pk").distinct("demand_id", "achievement_id")


class PairReading(models.Model):
    """What the second reader said about one pair in one run, proposed or not.

    `statements`: list of {"kind": fits | missing | excludes, "text", "quotation", "source": need | achievement | both};
    `void`: number of statements left out because their quotation does not stand in the texts.
    """

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="pair_readings", verbose_name="匹配批次")
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="+", verbose_name="需求")
    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="+", verbose_name="成果")
    grade = models.PositiveSmallIntegerField("评分")
    statements = models.JSONField("陈述", default=list)
    void = models.PositiveSmallIntegerField("引文不符", default=0)
    model = models.CharField("模型", max_length=100)
    prompt = models.CharField("提示词版本", max_length=16)
    read_at = models.DateTimeField("阅读时间", default=timezone.now)

    objects = PairReadingQuerySet.as_manager()

    class Meta:
        verbose_name = "配对的阅读"
        verbose_name_plural = "配对的阅读"
        constraints = [
            models.UniqueConstraint(fields=["run", "demand", "achievement"], name="pair_reading_once_per_run"),
            models.CheckConstraint(condition=Q(grade__lte=3), name="pair_reading_grade_0_to_3"),
        ]
        indexes = [models.Index(fields=["demand", "achievement", "-read_at"], name="pair_reading_latest")]

    def __str__(self) -> str:
        return f"{self.achievement} × {self.demand}：{self.grade}"
