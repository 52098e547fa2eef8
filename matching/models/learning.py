"""Results of learning from decisions, and decisions whose effect on proposals was lifted."""

import hashlib
import json

from django.conf import settings
from django.db import models

from matching.models.review import Decision


class LearnedQuerySet(models.QuerySet["Learned"]):
    def in_force(self, kind: str, engine: str) -> "Learned | None":
        """The row in use, if any."""
        return self.filter(kind=kind, engine=engine, is_in_force=True).first()


class Learned(models.Model):
    """One result of learning, written once. `checksum` shows whether the parameters are intact.

    Levels are used at once; a ranker only if it has won the comparison and city staff have enabled it.
    """

    class Kind(models.TextChoices):
        LEVELS = "levels", "级别校准"
        RANKER = "ranker", "学习排序"

    kind = models.CharField("内容", max_length=10, choices=Kind)
    engine = models.CharField("基础方法", max_length=40)
    parameters = models.JSONField("参数", default=dict)
    checksum = models.CharField(max_length=64)
    figures = models.JSONField("检验结果", default=dict)
    decisions = models.PositiveIntegerField("依据的决定数")
    made_at = models.DateTimeField("学习时间", auto_now_add=True)
    is_winner = models.BooleanField("优于基础方法", default=False)
    is_in_force = models.BooleanField("正在使用", default=False)
    switched_at = models.DateTimeField("切换时间", null=True)
    switched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="切换人"
    )

    objects = LearnedQuerySet.as_manager()

    class Meta:
        verbose_name = "学习结果"
        verbose_name_plural = "学习结果"
        ordering = ["-made_at", "-pk"]
        permissions = [("switch_ranker", "Can switch the learned ranker on and off")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "engine"],
                condition=models.Q(is_in_force=True),
                name="learned_one_in_force",
                violation_error_message="已有一个正在使用的学习结果。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def is_intact(self) -> bool:
        return self.checksum == checksum(self.parameters)


class LiftedEffect(models.Model):
    """An officer has lifted the effect of a decision on proposals. The decision itself stays valid."""

    decision = models.OneToOneField(
        Decision, models.PROTECT, primary_key=True, related_name="lifted", verbose_name="审核决定"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="解除人")
    at = models.DateTimeField("解除时间", auto_now_add=True)
    reason = models.CharField("理由", max_length=200)

    class Meta:
        verbose_name = "已解除的影响"
        verbose_name_plural = "已解除的影响"

    def __str__(self) -> str:
        return str(self.decision)


def checksum(parameters: dict) -> str:
    """SHA-256 (hex) of the parameters as the database returns them."""
    return hashlib.sha256(json.dumps(parameters, sort_keys=True).encode()).hexdigest()
