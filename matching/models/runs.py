"""Runs of the engine, their chunks, and the heartbeat of the workers."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class MatchRunQuerySet(models.QuerySet["MatchRun"]):
    def batches(self) -> Self:
        """Runs over the whole registry, as after each round; not those that hold matches created by hand."""
        return self.filter(kind=MatchRun.Kind.BATCH).exclude(engine=MatchRun.MANUAL)

    def immediate(self) -> Self:
        return self.filter(kind=MatchRun.Kind.IMMEDIATE)

    def done(self) -> Self:
        return self.filter(status=MatchRun.Status.DONE)

    def failed(self) -> Self:
        """Some chunks could not be computed; somebody has to look, and may then retry."""
        return self.filter(status=MatchRun.Status.FAILED)


class MatchRun(models.Model):
    """One run. Its state is this row, Celery only carries its id: a run is queued, done or failed, never
    "running". It fails if chunks of it could not be computed although they were tried several times.

    `achievement_ids` and `demand_ids` are fixed when it starts, so that every worker reads the same rows; a task
    then builds their index (`snapshot_hash` names it) and notes `prepared_at`. An immediate
    run reads the same rows as a batch and writes less: the proposals of `target_demand_ids`, and those of each demand
    that gets one of `target_achievement_ids` among its candidates. `extension`: what it adds to the index of the last
    batch, {} if it has an index of its own (`matching.run_index`).
    """

    MANUAL = "hand"
    """The `engine` of runs that hold matches that no run proposed: after a meeting, or after an approach (主动对接)."""

    class Kind(models.TextChoices):
        BATCH = "batch", "整批匹配"
        IMMEDIATE = "immediate", "发布后即时匹配"

    class Status(models.TextChoices):
        QUEUED = "queued", "排队中"
        DONE = "done", "已完成"
        FAILED = "failed", "失败"

    title = models.CharField("批次", max_length=100)
    kind = models.CharField(
        "类型", max_length=10, choices=Kind, default=Kind.BATCH, db_default=Kind.BATCH, editable=False
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.QUEUED, editable=False)
    queued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="发起人"
    )
    queued_at = models.DateTimeField("排队时间", auto_now_add=True)
    sent_at = models.DateTimeField("最近派发时间", null=True, editable=False)
    finished_at = models.DateTimeField("完成时间", null=True, editable=False)
    prepared_at = models.DateTimeField("准备完成时间", null=True, editable=False)
    engine = models.CharField("匹配方法", max_length=40, editable=False)
    parameters = models.JSONField("参数", default=dict, editable=False)
    achievement_ids = ArrayField(models.BigIntegerField(), default=list, editable=False)
    demand_ids = ArrayField(models.BigIntegerField(), default=list, editable=False)
    target_achievement_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[], editable=False)
    target_demand_ids = ArrayField(models.BigIntegerField(), default=list, db_default=[], editable=False)
    snapshot_hash = models.CharField("输入快照", max_length=64, editable=False)
    extension = models.JSONField(default=dict, db_default={}, editable=False)
    counts = models.JSONField("结果", default=dict, editable=False)

    objects = MatchRunQuerySet.as_manager()

    class Meta:
        verbose_name = "匹配批次"
        verbose_name_plural = "匹配批次"
        ordering = ["-queued_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="done", finished_at__isnull=False)
                | Q(status__in=["queued", "failed"], finished_at=None),
                name="match_run_finished_iff_done",
            )
        ]
        permissions = [("retry_matchrun", "Can retry a failed run")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_immediate(self) -> bool:
        return self.kind == self.Kind.IMMEDIATE


class MatchChunkQuerySet(models.QuerySet["MatchChunk"]):
    def open(self) -> Self:
        """Neither done nor given up."""
        return self.filter(finished_at=None, failed_at=None)

    def failed(self) -> Self:
        """Given up; `error` says why."""
        return self.filter(failed_at__isnull=False)


class MatchChunk(models.Model):
    """Some demands of a run: the work of one task. Done once, however often the task is delivered.

    attempts: those that ended, in whatever way. Failed ones are counted outside of the transaction that they lost.
    `effects`: of each demand, what decisions changed when the run was prepared (`engine.decision_effects`).
    """

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    demand_ids = ArrayField(models.BigIntegerField())
    effects = models.JSONField(default=dict, db_default={}, editable=False)
    attempts = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True, default="", db_default="")

    objects = MatchChunkQuerySet.as_manager()

    class Meta:
        verbose_name = "批次分片"
        verbose_name_plural = "批次分片"
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="match_chunk_once_per_run"),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(failed_at=None), name="match_chunk_not_finished_and_failed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} #{self.number}"


class StoredRanking(models.Model):
    """The best candidates of a demand by their texts in the last batch, from which immediate runs continue.

    `parts`: names of the parts of a score; `candidates`: [achievement, score, values of the parts] in order;
    `background`: what the engine has measured of the demand over the registry; `is_whole`: there are no others.
    """

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="+")
    demand = models.ForeignKey("demands.Demand", models.CASCADE, related_name="+")
    parts = models.JSONField()
    candidates = models.JSONField()
    background = models.JSONField()
    is_whole = models.BooleanField()

    class Meta:
        verbose_name = "批次候选排序"
        verbose_name_plural = "批次候选排序"
        constraints = [models.UniqueConstraint(fields=["run", "demand"], name="stored_ranking_once_per_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.demand_id}"


class WorkerPulse(models.Model):
    """When a worker last ran a task of a queue. /healthz reads it: a worker that answers pings may run no tasks."""

    name = models.CharField(max_length=30, unique=True)
    beaten_at = models.DateTimeField()

    class Meta:
        verbose_name = "后台心跳"
        verbose_name_plural = "后台心跳"

    def __str__(self) -> str:
        return f"{self.name} {self.beaten_at:%H:%M:%S}"
