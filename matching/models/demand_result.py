"""The result of a run for each demand, including demands without any proposal."""

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models

from accounts.models import User
from core.scope import scope_of
from demands.models import Demand
from matching.models.runs import MatchRun


class DemandResultQuerySet(models.QuerySet["DemandResult"]):
    def with_no_match(self) -> Self:
        """Demands without any candidate: nothing in the registry shares the core of the demand."""
        return self.filter(has_no_match=True)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """District staff see the demands of their own firms; city staff and the auditor see all; others see none."""
        scope = scope_of(user)
        return self if scope.sees_all else self.filter(demand__firm__stat_region__in=scope.region_ids)


class DemandResult(models.Model):
    """One demand in one run. Written once, in the transaction of the chunk that contains the demand.

    `no_match_probability`: probability (0–1) that none of the candidates is worth sending, 1 without candidates;
    `score_profile`: the numbers it is computed from. `nearest`: a list of {"achievement", "title", "score"} of the best
    few achievements, stored only when nothing was proposed, so that staff can still look at them.
    """

    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="demand_results", verbose_name="匹配批次")
    demand = models.ForeignKey(Demand, models.PROTECT, related_name="match_results", verbose_name="需求")
    no_match_probability = models.FloatField("没有合适成果的可能")
    has_no_match = models.BooleanField("没有候选")
    score_profile = models.JSONField("依据", default=dict)
    nearest = models.JSONField("最接近的成果", default=list)

    objects = DemandResultQuerySet.as_manager()

    class Meta:
        verbose_name = "需求匹配结论"
        verbose_name_plural = "需求匹配结论"
        ordering = ["-run", "-no_match_probability", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "demand"], name="demand_result_once_per_run"),
            models.CheckConstraint(
                condition=models.Q(no_match_probability__gte=0, no_match_probability__lte=1),
                name="demand_result_probability_in_range",
                violation_error_message="可能性应在 0 到 1 之间。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.demand} · {self.run}"
