"""Days on which the city holds no docking rounds, as its office enters them."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from core.plain_text import PlainText
from core.scope import scope_of
from rounds.busy_days import BusyPeriod


class AvoidedPeriodQuerySet(models.QuerySet["AvoidedPeriod"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        scope = scope_of(user)
        return self if scope.sees_all or scope.is_district else self.none()

    def as_busy(self) -> list[BusyPeriod]:
        return [BusyPeriod(row.name, row.from_on, row.until_on, row.note) for row in self]


class AvoidedPeriod(PlainText, models.Model):
    """Both ends included. Holidays, 全国两会 and 高考 are known without it (`rounds.busy_days`)."""

    name = models.CharField("名称", max_length=40, help_text="例如：夏季达沃斯论坛")
    from_on = models.DateField("从")
    until_on = models.DateField("到")
    note = models.CharField("说明", max_length=200, blank=True)

    objects = AvoidedPeriodQuerySet.as_manager()

    class Meta:
        verbose_name = "不办活动的日子"
        verbose_name_plural = "不办活动的日子"
        ordering = ["from_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")),
                name="avoided_period_ends_after_start",
                violation_error_message="“到”不能早于“从”。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
