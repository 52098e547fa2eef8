"""Printed papers of a round: requests and rendered files."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Region, User
from core.public_id import new_public_id
from core.scope import scope_of
from rounds.models.docking_round import DockingRound


class PaperQuerySet(models.QuerySet["Paper"]):
    def queued(self) -> Self:
        return self.filter(status=Paper.Status.QUEUED)

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """All for city staff and auditors; those of their own region for district staff."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.filter(region__in=scope.region_ids) if scope.is_district else self.none()

    visible_to = managed_by


class Paper(models.Model):
    """A paper to render. If a worker dies, it stays queued and another worker renders it."""

    class Kind(models.TextChoices):
        BOOKLET = "booklet", "会议手册"
        PLANS = "plans", "各单位的洽谈安排"
        TABLE_CARDS = "table_cards", "桌牌"
        BADGES = "badges", "参会证"
        SIGN_IN = "sign_in", "签到表"
        LETTERS = "letters", "邀请函"

    class Status(models.TextChoices):
        QUEUED = "queued", "正在生成"
        DONE = "done", "已完成"
        FAILED = "failed", "未能生成"

    DISTRICTS = (Kind.PLANS, Kind.LETTERS)
    """Kinds that a district may request, for its own firms."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    docking_round = models.ForeignKey(DockingRound, models.PROTECT, related_name="papers", verbose_name="对接活动")
    kind = models.CharField("材料", max_length=12, choices=Kind)
    region = models.ForeignKey(Region, models.PROTECT, null=True, related_name="+", verbose_name="区市县")
    """Only firms of this region; all if empty."""
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.QUEUED)
    file = models.FileField("文件", upload_to="papers/%Y/%m/", max_length=200, blank=True)
    pages = models.PositiveIntegerField("页数", null=True)
    problem = models.CharField("未能生成的原因", max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人")
    made_at = models.DateTimeField("申请时间", default=timezone.now)
    finished_at = models.DateTimeField("完成时间", null=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = "会议材料"
        verbose_name_plural = "会议材料"
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="queued", finished_at=None) | ~Q(status="queued") & Q(finished_at__isnull=False),
                name="paper_finished_iff_not_queued",
            ),
            models.CheckConstraint(
                condition=Q(status="done") & ~Q(file="") | ~Q(status="done") & Q(file=""),
                name="paper_has_file_iff_done",
            ),
            models.CheckConstraint(
                condition=Q(status="failed") & ~Q(problem="") | ~Q(status="failed") & Q(problem=""),
                name="paper_says_why_it_failed",
            ),
            models.UniqueConstraint(
                fields=["docking_round", "kind", "region"],
                condition=Q(status="queued"),
                name="paper_queued_once",
                nulls_distinct=False,
                violation_error_message="这份材料正在生成，请稍候刷新。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.docking_round} · {self.get_kind_display()}"
