"""Signage screens: pages in a hall that show current and next meetings to anybody who has the address."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.plain_text import PlainText
from core.public_id import new_public_id
from rounds.models.docking_round import DockingRound
from rounds.models.venue import Hall


class SignageScreenQuerySet(models.QuerySet["SignageScreen"]):
    def open(self) -> Self:
        return self.filter(ended_at=None)


class SignageScreen(PlainText, models.Model):
    """The address cannot be guessed and can be disabled: after `ended_at` it returns 404."""

    public_id = models.CharField(max_length=10, unique=True, default=new_public_id, editable=False)
    docking_round = models.ForeignKey(
        DockingRound, models.CASCADE, related_name="signage_screens", verbose_name="对接活动"
    )
    hall = models.ForeignKey(
        Hall,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="signage_screens",
        verbose_name="场地",
        help_text="不选为全部场地",
    )
    made_at = models.DateTimeField("建立时间", default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+", verbose_name="建立人"
    )
    ended_at = models.DateTimeField("停用时间", null=True, editable=False)

    objects = SignageScreenQuerySet.as_manager()

    class Meta:
        verbose_name = "现场大屏"
        verbose_name_plural = "现场大屏"
        ordering = ["docking_round", "pk"]

    def __str__(self) -> str:
        return f"{self.docking_round} · {self.hall or '全部场地'}"
