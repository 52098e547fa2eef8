"""The day of a round: the rule for late talks, announcements to everybody there."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from core.plain_text import PlainText
from core.public_id import new_public_id
from rounds.models.docking_round import DockingRound


class LateRule(models.Model):
    """What happens to a talk that begins late. A round without a row has the defaults."""

    class Kind(models.TextChoices):
        SHIFT = "shift", "顺延，占用休息时间；休息不够时缩短"
        SHORTEN = "shorten", "缩短，按原定时间结束"

    docking_round = models.OneToOneField(
        DockingRound, models.CASCADE, related_name="late_rule", verbose_name="对接活动"
    )
    kind = models.CharField("晚开始的洽谈", max_length=10, choices=Kind, default=Kind.SHIFT)
    min_minutes = models.PositiveSmallIntegerField(
        "至少洽谈分钟数", default=10, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )

    class Meta:
        verbose_name = "晚开始的规则"
        verbose_name_plural = "晚开始的规则"
        constraints = [
            models.CheckConstraint(
                condition=Q(min_minutes__gte=1, min_minutes__lte=120),
                name="late_rule_minutes_in_range",
                violation_error_message="至少洽谈分钟数请填 1 到 120。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.docking_round} · {self.get_kind_display()}"


class AnnouncementQuerySet(models.QuerySet["Announcement"]):
    def shown(self) -> Self:
        """Those that guests and screens show now."""
        return self.filter(withdrawn_at=None, shown_until__gt=timezone.now())

    def visible_to(self, user: User | AnonymousUser) -> Self:
        return self.filter(docking_round__in=DockingRound.objects.visible_to(user))


class Announcement(PlainText, models.Model):
    """A sentence to everybody at a round: on their pages and on the screens, until its time is over."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    docking_round = models.ForeignKey(
        DockingRound, models.CASCADE, related_name="announcements", verbose_name="对接活动"
    )
    text = models.CharField("内容", max_length=80)
    shown_until = models.DateTimeField("显示到")
    is_sent = models.BooleanField("同时发通知", default=False)
    made_at = models.DateTimeField("发布时间", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="发布人"
    )
    withdrawn_at = models.DateTimeField("撤下时间", null=True, editable=False)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        verbose_name = "现场通知"
        verbose_name_plural = "现场通知"
        ordering = ["docking_round", "-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shown_until__gt=models.F("made_at")),
                name="announcement_ends_after_start",
                violation_error_message="显示的结束时间要晚于现在。",
            )
        ]

    def __str__(self) -> str:
        return self.text
