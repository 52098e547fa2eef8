"""Venue of a round: halls with tables, slots, walking times between halls."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.timezone import localtime

from core.plain_text import PlainText
from rounds.models.docking_round import DockingRound
from rounds.models.ranges import half_open_range, single_value_range


class Hall(PlainText, models.Model):
    docking_round = models.ForeignKey(DockingRound, models.CASCADE, related_name="halls", verbose_name="对接活动")
    name = models.CharField("场地名称", max_length=40)
    tables = models.PositiveSmallIntegerField(
        "洽谈桌数", default=0, validators=[MaxValueValidator(300)], help_text="只开会、不洽谈的场地填 0"
    )
    order = models.PositiveSmallIntegerField("排序", default=0)
    closed_at = models.DateTimeField("停用时间", null=True, editable=False)

    class Meta:
        verbose_name = "场地"
        verbose_name_plural = "场地"
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["docking_round", "name"],
                name="hall_once_per_round",
                violation_error_message="这次活动已有同名场地。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HallWalk(models.Model):
    """Minutes on foot between two halls of a round, in either direction."""

    hall = models.ForeignKey(Hall, models.CASCADE, related_name="+", verbose_name="场地")
    other_hall = models.ForeignKey(Hall, models.CASCADE, related_name="+", verbose_name="另一场地")
    minutes = models.PositiveSmallIntegerField("步行分钟", validators=[MinValueValidator(1), MaxValueValidator(120)])

    class Meta:
        verbose_name = "场地间步行时间"
        verbose_name_plural = "场地间步行时间"
        constraints = [
            models.UniqueConstraint(fields=["hall", "other_hall"], name="hall_walk_once"),
            models.CheckConstraint(
                condition=Q(hall__lt=models.F("other_hall")),
                name="hall_walk_lower_id_first",
                violation_error_message="步行时间应在两个不同的场地之间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hall} – {self.other_hall}"


class LostTable(models.Model):
    """A table that cannot be used, from a moment on or for the whole event."""

    hall = models.ForeignKey(Hall, models.CASCADE, related_name="lost_tables", verbose_name="场地")
    table = models.PositiveSmallIntegerField("桌号", validators=[MinValueValidator(1)])
    lost_at = models.DateTimeField("停用时间", null=True, blank=True, help_text="不填为全程")

    class Meta:
        verbose_name = "停用的洽谈桌"
        verbose_name_plural = "停用的洽谈桌"
        ordering = ["hall", "table"]
        constraints = [
            models.UniqueConstraint(
                fields=["hall", "table"],
                name="lost_table_once",
                violation_error_message="这张桌已经停用。",
            ),
            models.CheckConstraint(condition=Q(table__gte=1), name="lost_table_from_one"),
        ]

    def __str__(self) -> str:
        return "%(hall)s %(table)d 号桌" % {"hall": self.hall, "table": self.table}


class Slot(models.Model):
    """A time slot of meetings at all tables."""

    docking_round = models.ForeignKey(DockingRound, models.CASCADE, related_name="slots", verbose_name="对接活动")
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")

    class Meta:
        verbose_name = "洽谈时段"
        verbose_name_plural = "洽谈时段"
        ordering = ["starts_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["docking_round", "starts_at"],
                name="slot_once_per_start",
                violation_error_message="已有同时开始的洽谈时段。",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")),
                name="slot_ends_after_start",
                violation_error_message="时段的结束时间要晚于开始时间；过了午夜的请按两天分别填写。",
            ),
            ExclusionConstraint(
                name="slots_do_not_overlap",
                expressions=[
                    (single_value_range("docking_round"), RangeOperators.OVERLAPS),
                    (half_open_range("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="这个时段和别的洽谈时段重叠。",
            ),
        ]

    def __str__(self) -> str:
        return f"{localtime(self.starts_at):%H:%M}–{localtime(self.ends_at):%H:%M}"
