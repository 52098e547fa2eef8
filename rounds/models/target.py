"""Pre-event targets of districts, and reminders sent to them."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from accounts.models import Region, User
from core.scope import scope_of
from rounds.models.docking_round import DockingRound


class PreDockingTarget(models.Model):
    """A number that one district should reach before one round. Without a row nothing is required."""

    class Kind(models.TextChoices):
        INVITED = "invited", "邀请企业"
        COMING = "coming", "确认参会企业"
        DEMANDS = "needs", "征集需求"

    docking_round = models.ForeignKey(DockingRound, models.PROTECT, related_name="targets", verbose_name="对接活动")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="区市县")
    kind = models.CharField("内容", max_length=10, choices=Kind)
    number = models.PositiveIntegerField("目标数", validators=[MaxValueValidator(10_000)])
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+", verbose_name="设定人"
    )
    set_at = models.DateTimeField("设定时间", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "会前目标"
        verbose_name_plural = "会前目标"
        ordering = ["docking_round", "region", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["docking_round", "region", "kind"],
                name="target_once_per_district",
                violation_error_message="这个区市县已有这项目标。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.get_kind_display()} {self.number}"


class DistrictReminderQuerySet(models.QuerySet["DistrictReminder"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(region__in=scope.region_ids)


class DistrictReminder(models.Model):
    """A reminder sent to a district. A constraint limits it to one a day."""

    docking_round = models.ForeignKey(DockingRound, models.PROTECT, related_name="reminders", verbose_name="对接活动")
    region = models.ForeignKey(Region, models.PROTECT, related_name="+", verbose_name="区市县")
    day = models.DateField("日期", default=timezone.localdate)
    text = models.CharField("提醒内容", max_length=400)
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提醒人")
    sent_at = models.DateTimeField("提醒时间", default=timezone.now)

    objects = DistrictReminderQuerySet.as_manager()

    class Meta:
        verbose_name = "会前提醒"
        verbose_name_plural = "会前提醒"
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["docking_round", "region", "day"], name="district_reminded_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.region} {self.day}"
