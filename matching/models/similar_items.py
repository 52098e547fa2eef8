"""Similar published achievements and demands: computed in a worker, read by the public pages in one query."""

from django.db import models

from achievements.models import Achievement
from demands.models import Demand


class SimilarItem(models.Model):
    """`other` has rank `place` among the items similar to `item`, counted from 1."""

    place = models.PositiveSmallIntegerField("名次")
    score = models.FloatField("相似度")
    made_at = models.DateTimeField("计算时间")

    class Meta:
        abstract = True


class SimilarAchievement(SimilarItem):
    item = models.ForeignKey(Achievement, models.CASCADE, related_name="similar")
    other = models.ForeignKey(Achievement, models.CASCADE, related_name="similar_to")

    class Meta:
        verbose_name = "相似成果"
        verbose_name_plural = "相似成果"
        constraints = [models.UniqueConstraint(fields=["item", "place"], name="similar_achievement_once_per_place")]

    def __str__(self) -> str:
        return f"{self.item} ~ {self.other}"


class SimilarDemand(SimilarItem):
    item = models.ForeignKey(Demand, models.CASCADE, related_name="similar")
    other = models.ForeignKey(Demand, models.CASCADE, related_name="similar_to")

    class Meta:
        verbose_name = "相似需求"
        verbose_name_plural = "相似需求"
        constraints = [models.UniqueConstraint(fields=["item", "place"], name="similar_demand_once_per_place")]

    def __str__(self) -> str:
        return f"{self.item} ~ {self.other}"


class SimilarRefresh(models.Model):
    """How far the refresh of one kind of similar items has come.

    `since`: only items saved since then are recomputed, all if it is None; `after`: the last item that is done;
    `snapshot_hash` names the index of the last full refresh, which was read at `indexed_at`.
    """

    kind = models.CharField(max_length=20, unique=True)
    begun_at = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)
    after = models.BigIntegerField(default=0)
    is_over = models.BooleanField(default=True)
    snapshot_hash = models.CharField(max_length=64, default="", blank=True)
    indexed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "相似项计算进度"
        verbose_name_plural = "相似项计算进度"

    def __str__(self) -> str:
        return f"{self.kind} {self.after}"
