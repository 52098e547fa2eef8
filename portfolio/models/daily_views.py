"""How often the public page of an achievement was opened."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import User
from achievements.models import Achievement
from core.scope import scope_of


class DailyViewsQuerySet(models.QuerySet["DailyViews"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Those of its own achievements for an institution, all for city staff and auditors."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(achievement__institution__in=scope.institution_ids)


class DailyViews(models.Model):
    """Visitors of one day: each address once, without the institution's own users and staff. It keeps no visitor."""

    achievement = models.ForeignKey(Achievement, models.CASCADE, related_name="daily_views", verbose_name="成果")
    day = models.DateField("日期")
    number = models.PositiveIntegerField("人次", default=0)

    objects = DailyViewsQuerySet.as_manager()

    class Meta:
        verbose_name = "成果浏览"
        verbose_name_plural = "成果浏览"
        constraints = [models.UniqueConstraint(fields=["achievement", "day"], name="daily_views_once")]

    def __str__(self) -> str:
        return f"{self.achievement} {self.day}：{self.number}"
