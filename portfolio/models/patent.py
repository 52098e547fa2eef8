"""The legal state and the next annual fee of an achievement's patents, as its office notes them."""

from datetime import timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from core.public_id import new_public_id
from core.scope import scope_of

SOON = timedelta(days=60)
"""So long before its due day a fee is a task of the office."""


class PatentStatusQuerySet(models.QuerySet["PatentStatus"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of its own achievements for an institution, all for city staff and auditors."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(achievement__institution__in=scope.institution_ids)

    def fee_due(self) -> Self:
        """In force, with a fee that is due within SOON or was due before; not of achievements that are withdrawn."""
        rows = self.filter(fee_due_on__lte=timezone.localdate() + SOON, state__in=PatentStatus.PAYING)
        return rows.exclude(achievement__status=Achievement.Status.WITHDRAWN)


class PatentStatus(models.Model):
    """Of one patent `number` of one achievement: the numbers themselves stand in `IntellectualProperty`."""

    class State(models.TextChoices):
        PENDING = "pending", "审查中"
        GRANTED = "granted", "授权有效"
        UNPAID = "unpaid", "欠缴年费（滞纳期内）"
        ENDED = "ended", "已终止"
        REJECTED = "rejected", "驳回或撤回"
        ASSIGNED = "assigned", "已转让给他人"

    PAYING = (State.GRANTED, State.UNPAID)

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="patents", verbose_name="成果")
    number = models.CharField("专利号", max_length=40)
    state = models.CharField("法律状态", max_length=10, choices=State)
    fee_due_on = models.DateField("下次年费缴纳日", null=True, blank=True)
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="记录人")
    noted_at = models.DateTimeField("记录时间", default=timezone.now, editable=False)

    objects = PatentStatusQuerySet.as_manager()

    class Meta:
        verbose_name = "专利状态"
        verbose_name_plural = "专利状态"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["achievement", "number"], name="patent_status_once"),
            models.CheckConstraint(
                condition=Q(state__in=["granted", "unpaid"]) | Q(fee_due_on=None),
                name="patent_fee_only_in_force",
                violation_error_message="只有授权有效或欠费的专利才有年费缴纳日。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.get_state_display()}"

    @property
    def is_late(self) -> bool:
        return self.fee_due_on is not None and self.fee_due_on < timezone.localdate()
