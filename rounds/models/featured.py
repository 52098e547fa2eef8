"""Featured achievements of a round in order, and the officers' rules and decisions behind the list."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from achievements.models import Achievement
from rounds.models.docking_round import DockingRound


class FeaturedAchievementQuerySet(models.QuerySet["FeaturedAchievement"]):
    def in_order(self) -> Self:
        return self.order_by("rank", "pk")


class FeaturedAchievement(models.Model):
    """An achievement in a round's list. `reasons` are those of the selection, as [{"kind", "words"}]; `score` in
    tenths of a point, empty for items added without a score."""

    docking_round = models.ForeignKey(
        DockingRound,
        models.CASCADE,
        db_column="dockinground_id",
        related_name="features",
        verbose_name="对接活动",
    )
    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="features", verbose_name="成果")
    rank = models.PositiveSmallIntegerField("顺序", default=0, db_default=0, help_text="从 1 起，0 为未排序")
    score = models.PositiveSmallIntegerField("得分（十分之一分）", null=True, blank=True)
    reasons = models.JSONField("入选理由", default=list, db_default=[], blank=True)
    is_pinned = models.BooleanField("必选", default=False, db_default=False)

    objects = FeaturedAchievementQuerySet.as_manager()

    class Meta:
        verbose_name = "推介成果"
        verbose_name_plural = "推介成果"
        db_table = "rounds_dockinground_featured"
        ordering = ["docking_round", "rank", "pk"]
        unique_together = [("docking_round", "achievement")]
        constraints = [
            models.UniqueConstraint(
                fields=["docking_round", "rank"],
                condition=Q(rank__gt=0),
                name="feature_rank_once",
                violation_error_message="这个顺序已有一项成果。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.rank} {self.achievement}"


class FeaturedSelection(models.Model):
    """The rules of a round's list as `SelectionRules.as_stored` returns them; empty means default rules.

    `revision` counts changes of rules and marks; callers name the one they saw.
    """

    docking_round = models.OneToOneField(
        DockingRound, models.CASCADE, related_name="featured_selection", verbose_name="对接活动"
    )
    rules = models.JSONField("规则", default=dict, blank=True)
    revision = models.PositiveIntegerField(default=0, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="修改人"
    )
    changed_at = models.DateTimeField("修改时间", null=True, editable=False)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="写入人"
    )
    applied_at = models.DateTimeField("写入时间", null=True, editable=False)

    class Meta:
        verbose_name = "推介名单规则"
        verbose_name_plural = "推介名单规则"
        permissions = [("select_featured", "Can choose what a round presents")]

    def __str__(self) -> str:
        return str(self.docking_round)


class FeaturedMark(models.Model):
    """A manual decision about one achievement in one round: pinned, banned, or at a fixed place."""

    class Kind(models.TextChoices):
        PIN = "pin", "必选"
        BAN = "ban", "不选"

    plan = models.ForeignKey(FeaturedSelection, models.CASCADE, related_name="marks", verbose_name="推介名单规则")
    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="+", verbose_name="成果")
    kind = models.CharField("决定", max_length=4, choices=Kind, blank=True)
    reason = models.CharField("理由", max_length=200, blank=True)
    place = models.PositiveSmallIntegerField("手动位置", null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="决定人"
    )
    made_at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = "推介名单标记"
        verbose_name_plural = "推介名单标记"
        ordering = [F("place").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "achievement"], name="featured_mark_once"),
            models.CheckConstraint(
                condition=Q(kind="", reason="") | ~Q(kind="") & ~Q(reason=""),
                name="featured_mark_with_reason",
                violation_error_message="设为必选或不选请写明理由。",
            ),
            models.CheckConstraint(
                condition=Q(kind="", place__isnull=False) | Q(kind="pin") | Q(kind="ban", place=None),
                name="featured_mark_says_something",
                violation_error_message="不选的成果没有位置。",
            ),
            models.CheckConstraint(
                condition=Q(place=None) | Q(place__gte=1),
                name="featured_mark_place_from_one",
                violation_error_message="位置从 1 起。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display() or self.place} {self.achievement}"
