"""The number under which a round shows the firm of an anonymous demand on cards, screens and plans."""

from django.core.validators import MinValueValidator
from django.db import models

from demands.models import Demand
from rounds.models.docking_round import DockingRound


class AnonymousNumber(models.Model):
    """Drawn at random: neither the order of entry nor that of names can be read from it.

    One for each demand and not for each firm: a reader who may know the firm of one demand would otherwise recognise it
    in all its others.
    """

    docking_round = models.ForeignKey(
        DockingRound, models.PROTECT, related_name="anonymous_numbers", verbose_name="对接活动"
    )
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="+", verbose_name="需求")
    number = models.PositiveSmallIntegerField("编号", validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = "匿名编号"
        verbose_name_plural = "匿名编号"
        ordering = ["docking_round", "number"]
        constraints = [
            models.UniqueConstraint(fields=["docking_round", "demand"], name="anonymous_number_once_per_demand"),
            models.UniqueConstraint(fields=["docking_round", "number"], name="anonymous_number_of_one_demand"),
        ]

    def __str__(self) -> str:
        return f"{self.number:02d}"
