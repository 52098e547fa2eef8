"""Versions of a round's timetable. At most one is published; published versions do not change."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.public_id import new_public_id
from core.scope import scope_of
from rounds.models.docking_round import DockingRound
from rounds.models.meeting import Meeting
from rounds.models.venue import Hall, Slot


class TimetableQuerySet(models.QuerySet["Timetable"]):
    def published(self) -> Self:
        return self.filter(status=Timetable.Status.PUBLISHED)

    def solving(self) -> Self:
        return self.filter(status=Timetable.Status.SOLVING)

    def made_public(self) -> Self:
        """The published version and versions published before."""
        return self.filter(status__in=Timetable.PUBLIC)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """All versions for city staff and auditors; published ones for district staff
        (`PlacementQuerySet.managed_by` limits their placements). Parties see their own list (`rounds.own_plan`)."""
        scope = scope_of(user)
        if scope.sees_all:
            return self
        return self.published() if scope.is_district else self.none()


class Timetable(models.Model):
    """A plan of meetings with slots and tables. `best` is the last state reported by the solver: served, weight,
    bounds, gaps."""

    class Status(models.TextChoices):
        SOLVING = "solving", "正在排期"
        DRAFT = "draft", "草稿"
        IMPOSSIBLE = "impossible", "排不出"
        PUBLISHED = "published", "已发布"
        REPLACED = "replaced", "已被替换"
        DISCARDED = "discarded", "已放弃"

    PUBLIC = (Status.PUBLISHED, Status.REPLACED)
    """Versions that the parties have been told of."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    docking_round = models.ForeignKey(DockingRound, models.PROTECT, related_name="timetables", verbose_name="对接活动")
    number = models.PositiveSmallIntegerField("版本")
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.SOLVING, editable=False)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name="基于版本")
    why = models.CharField("缘由", max_length=200, blank=True)
    parameters = models.JSONField("参数", default=dict)
    event_hash = models.CharField("输入指纹", max_length=64, blank=True)
    best = models.JSONField("进展", default=dict)
    problems = models.JSONField("排不出的原因", default=list)
    revision = models.PositiveIntegerField(default=0, editable=False)
    """Number of manual changes of a draft; callers name the one they saw."""
    stop_asked_at = models.DateTimeField("要求停止的时间", null=True, editable=False)
    heartbeat_at = models.DateTimeField("排期进程最近一次报告", null=True, editable=False)
    made_at = models.DateTimeField("建立时间", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="建立人"
    )
    published_at = models.DateTimeField("发布时间", null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="发布人"
    )

    objects = TimetableQuerySet.as_manager()

    class Meta:
        verbose_name = "洽谈日程"
        verbose_name_plural = "洽谈日程"
        ordering = ["docking_round", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["docking_round", "number"], name="timetable_numbers_are_unique"),
            models.UniqueConstraint(
                fields=["docking_round"],
                condition=Q(status="published"),
                name="timetable_one_published_per_round",
                violation_error_message="这次活动已有发布的排期，请刷新后再发布。",
            ),
            models.UniqueConstraint(
                fields=["docking_round"],
                condition=Q(status="solving"),
                name="timetable_one_solving_per_round",
                violation_error_message="这次活动正在排期，请等它完成或先停止。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["published", "replaced"], published_at__isnull=False)
                | ~Q(status__in=["published", "replaced"]) & Q(published_at=None),
                name="timetable_published_at_iff_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.docking_round} · {'第 %d 版' % self.number}"


class PlacementQuerySet(models.QuerySet["Placement"]):
    def current(self) -> Self:
        """Placements of published timetables, without meetings dropped since."""
        return self.filter(timetable__status=Timetable.Status.PUBLISHED).exclude(meeting__status="dropped")

    def managed_by(self, user: User | AnonymousUser) -> Self:
        """Those whose meeting the user manages."""
        return self.filter(meeting__in=Meeting.objects.managed_by(user))


class Placement(models.Model):
    timetable = models.ForeignKey(Timetable, models.CASCADE, related_name="placements", verbose_name="排期")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="placements", verbose_name="洽谈")
    slot = models.ForeignKey(Slot, models.PROTECT, related_name="placements", verbose_name="时段")
    hall = models.ForeignKey(Hall, models.PROTECT, related_name="placements", verbose_name="场地")
    table = models.PositiveSmallIntegerField("桌号")
    is_locked = models.BooleanField("锁定", default=False)
    is_by_hand = models.BooleanField("手工放的位置", default=False, db_default=False)
    """Staff chose the place: later plans keep it unless they are told to release it."""

    objects = PlacementQuerySet.as_manager()

    class Meta:
        verbose_name = "洽谈位置"
        verbose_name_plural = "洽谈位置"
        ordering = ["slot__starts_at", "hall__order", "table"]
        constraints = [
            models.UniqueConstraint(fields=["timetable", "meeting"], name="placement_once_per_meeting"),
            models.UniqueConstraint(
                fields=["timetable", "slot", "hall", "table"],
                name="placement_one_meeting_per_table",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="这张桌在这个时段已有洽谈。",
            ),
            models.CheckConstraint(condition=Q(table__gte=1), name="placement_table_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.hall} {self.table}"

    @property
    def is_early(self) -> bool:
        """Whether the slot has not begun: then an outcome needs a reason."""
        return timezone.now() < self.slot.starts_at


class LeftOut(models.Model):
    """A requested meeting without a place in a timetable, with the reason as text."""

    timetable = models.ForeignKey(Timetable, models.CASCADE, related_name="left_out", verbose_name="排期")
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="+", verbose_name="洽谈")
    reason = models.CharField("原因", max_length=300)

    class Meta:
        verbose_name = "未安排的洽谈"
        verbose_name_plural = "未安排的洽谈"
        constraints = [models.UniqueConstraint(fields=["timetable", "meeting"], name="left_out_once")]

    def __str__(self) -> str:
        return self.reason
