"""Times for a talk of both sides: one side proposes up to three, the other picks one."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.public_id import new_public_id
from enquiries.models.approach import Approach, Side


class TalkTimeQuerySet(models.QuerySet["TalkTime"]):
    def proposed(self) -> Self:
        return self.filter(status=TalkTime.Status.PROPOSED)

    def chosen(self) -> Self:
        return self.filter(status=TalkTime.Status.CHOSEN)

    def upcoming(self) -> Self:
        return self.chosen().filter(starts_at__gte=timezone.now())


class TalkTime(models.Model):
    class Status(models.TextChoices):
        PROPOSED = "proposed", "待对方选择"
        CHOSEN = "chosen", "已约定"
        DROPPED = "dropped", "未选"
        CANCELLED = "cancelled", "已取消"

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    approach = models.ForeignKey(Approach, models.PROTECT, related_name="talk_times", verbose_name="主动对接")
    side = models.CharField("提出方", max_length=11, choices=Side)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间", default=timezone.now)
    starts_at = models.DateTimeField("开始时间")
    minutes = models.PositiveSmallIntegerField("时长（分钟）", default=60)
    place = models.CharField("地点或方式", max_length=100)
    status = models.CharField("状态", max_length=10, choices=Status, default=Status.PROPOSED, editable=False)
    decided_at = models.DateTimeField("选定时间", null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="选定人"
    )

    objects = TalkTimeQuerySet.as_manager()

    class Meta:
        verbose_name = "约谈时间"
        verbose_name_plural = "约谈时间"
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["approach", "starts_at"],
                condition=Q(status__in=["proposed", "chosen"]),
                name="talk_time_once",
                violation_error_message="这个时间已经提过了。",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed", decided_at=None) | ~Q(status="proposed") & Q(decided_at__isnull=False),
                name="talk_time_decided_iff_not_proposed",
            ),
            models.CheckConstraint(condition=Q(minutes__gte=15, minutes__lte=480), name="talk_time_length"),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)
