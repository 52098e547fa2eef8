"""Docking rounds. Closing one queues the matching run whose results the districts review."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import cached_property

from accounts.models import Organisation, User
from achievements.models import Achievement
from core.plain_text import PlainText
from core.public_id import new_public_id
from core.scope import scope_of
from matching.models import MatchRun


def not_announced(prefix: str = "") -> Q:
    """Condition on rounds that the public does not know: in preparation, or cancelled before they were announced."""
    status = DockingRound.Status
    cancelled = Q(**{f"{prefix}status": status.CANCELLED, f"{prefix}announced_at": None})
    return Q(**{f"{prefix}status": status.PREPARING}) | cancelled


class DockingRoundQuerySet(models.QuerySet["DockingRound"]):
    def published(self) -> Self:
        return self.exclude(not_announced())

    def upcoming(self) -> Self:
        """Announced ones that take place: neither over nor ended early nor cancelled."""
        return self.published().open().filter(ends_at__gte=timezone.now())

    def open(self) -> Self:
        """Before or during the event; not yet closed."""
        return self.filter(status__in=DockingRound.OPEN)

    def ended_but_open(self) -> Self:
        """Announced ones whose end has passed, without those that a person opened again after their matching."""
        announced = self.open().exclude(status=DockingRound.Status.PREPARING)
        return announced.filter(ends_at__lte=timezone.now(), match_run=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        scope = scope_of(user)
        return self if scope.sees_all or scope.is_district else self.published()


class DockingRound(PlainText, models.Model):
    class Status(models.TextChoices):
        PREPARING = "preparing", "筹备中"
        GATHERING = "gathering", "会前撮合"
        SCHEDULED = "scheduled", "日程已发布"
        RUNNING = "running", "进行中"
        CLOSED = "closed", "会后跟踪"
        ARCHIVED = "archived", "已结束"
        CANCELLED = "cancelled", "已取消"

    OPEN = (Status.PREPARING, Status.GATHERING, Status.SCHEDULED, Status.RUNNING)
    ANSWERABLE = (Status.GATHERING, Status.SCHEDULED)
    """In which guests answer their invitations: from the announcement until the event begins."""

    class HostKind(models.TextChoices):
        CITY = "city", "市级主办"
        DISTRICT = "district", "区市县专场"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    name = models.CharField("活动名称", max_length=100, unique=True, error_messages={"unique": "已有同名活动。"})
    host_kind = models.CharField("主办方式", max_length=10, choices=HostKind, default=HostKind.CITY)
    host = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="hosted_rounds",
        limit_choices_to={"kind__in": ["city", "district"]},
        verbose_name="主办单位",
    )
    place = models.CharField("地点", max_length=200, blank=True)
    themes = models.CharField("主题", max_length=200, blank=True, help_text="用顿号分开")
    description = models.TextField("活动说明", max_length=3000, blank=True)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    featured = models.ManyToManyField(
        Achievement, through="rounds.FeaturedAchievement", blank=True, related_name="rounds", verbose_name="推介成果"
    )
    institutions = models.ManyToManyField(
        Organisation,
        blank=True,
        related_name="rounds_attended",
        limit_choices_to={"kind": "institution"},
        verbose_name="参加的院校",
        help_text="市外的高校院所也可以加入",
    )
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PREPARING, editable=False)
    copied_from = models.ForeignKey(
        "self", models.SET_NULL, null=True, editable=False, related_name="+", verbose_name="照哪一场办"
    )
    announced_at = models.DateTimeField("发布时间", null=True, editable=False)
    sequence = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    """Number of changes of time, place, name or status, for calendars (SEQUENCE)."""
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name="结束操作人",
    )
    closed_at = models.DateTimeField("结束操作时间", null=True, editable=False)
    match_run = models.OneToOneField(
        MatchRun, models.PROTECT, null=True, editable=False, related_name="docking_round", verbose_name="匹配批次"
    )

    objects = DockingRoundQuerySet.as_manager()

    class Meta:
        verbose_name = "对接活动"
        verbose_name_plural = "对接活动"
        ordering = ["-starts_at"]
        permissions = [("close_dockinground", "Can close docking rounds")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")),
                name="round_ends_after_start",
                violation_error_message="结束时间要晚于开始时间。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["closed", "archived"], closed_at__isnull=False, match_run__isnull=False)
                | (~Q(status__in=["closed", "archived"]) & Q(closed_at=None)),
                name="round_has_run_if_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def organiser_names(self, role: str) -> list[str]:
        """Return the names of the organisers in this role (`Organiser.Role`), the host first among the hosts."""
        names = [str(organiser) for organiser in self._organisers if organiser.role == role]
        host = [self.host.name] if role == "host" and self.host else []
        return list(dict.fromkeys(host + names))

    @cached_property
    def _organisers(self):
        if "organisers" in getattr(self, "_prefetched_objects_cache", {}):
            return list(self.organisers.all())
        return list(self.organisers.select_related("organisation"))

    @property
    def undertakers(self) -> str:
        return "、".join(self.organiser_names("undertaker"))
