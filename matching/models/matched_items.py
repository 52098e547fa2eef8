"""Which state of each achievement and demand has been matched, so that a published or changed item is not forgotten."""

from django.db import models

from achievements.models import Achievement
from demands.models import Demand
from matching.models.runs import MatchRun


class MatchedItem(models.Model):
    """The state of an item that a run has read. An item that takes part in matching and has no row is new.

    `seen_at`: the item's `updated_at` when it was read; `content_hash`: of everything that the engine reads of it. If
    the run is removed, so is the row, and the item is matched again.
    """

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="+", verbose_name="匹配批次")
    content_hash = models.CharField("内容", max_length=64)
    seen_at = models.DateTimeField("所见版本")

    class Meta:
        abstract = True


class MatchedAchievement(MatchedItem):
    item = models.OneToOneField(Achievement, models.CASCADE, primary_key=True, related_name="matched")

    class Meta:
        verbose_name = "已匹配的成果"
        verbose_name_plural = "已匹配的成果"

    def __str__(self) -> str:
        return str(self.item_id)


class MatchedDemand(MatchedItem):
    item = models.OneToOneField(Demand, models.CASCADE, primary_key=True, related_name="matched")

    class Meta:
        verbose_name = "已匹配的需求"
        verbose_name_plural = "已匹配的需求"

    def __str__(self) -> str:
        return str(self.item_id)
