"""What was done with a round as a whole: announced, begun, postponed, cancelled, taken back."""

from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from accounts.models import User
from core.scope import scope_of
from rounds.models.docking_round import DockingRound


class RoundMoveQuerySet(models.QuerySet["RoundMove"]):
    def standing(self) -> Self:
        """Without those that were taken back."""
        return self.filter(undone_at=None)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        scope = scope_of(user)
        return self if scope.sees_all or scope.is_district else self.none()


class RoundMove(models.Model):
    """One step of a round. `parties_told`: how many guests were told of it by notice or mail."""

    class Step(models.TextChoices):
        ANNOUNCE = "announce", "发布活动"
        SCHEDULE = "schedule", "发布日程"
        BEGIN = "begin", "活动开始"
        CLOSE = "close", "结束并匹配"
        END_EARLY = "end_early", "提前结束"
        ARCHIVE = "archive", "归档"
        POSTPONE = "postpone", "改期"
        CANCEL = "cancel", "取消活动"
        BACK = "back", "撤销上一步"

    docking_round = models.ForeignKey(DockingRound, models.CASCADE, related_name="moves", verbose_name="对接活动")
    step = models.CharField("操作", max_length=10, choices=Step)
    from_status = models.CharField("原状态", max_length=10, choices=DockingRound.Status)
    to_status = models.CharField("新状态", max_length=10, choices=DockingRound.Status)
    reason = models.CharField("原因", max_length=300, blank=True, default="", db_default="")
    parties_told = models.PositiveIntegerField("通知的单位", default=0, db_default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="操作人")
    at = models.DateTimeField("时间", default=timezone.now)
    undone_at = models.DateTimeField("撤销时间", null=True)

    objects = RoundMoveQuerySet.as_manager()

    class Meta:
        verbose_name = "活动的一步"
        verbose_name_plural = "活动的各步"
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["docking_round", "at"], name="round_moves_in_order")]

    def __str__(self) -> str:
        return f"{self.docking_round} {self.get_step_display()}"
