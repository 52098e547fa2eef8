"""Whose matches, follow-ups, demands and decisions the figures count."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import QuerySet

from accounts.models import Organisation, Region, User
from demands.models import Demand
from matching.models import Decision, FollowUp, Match, MatchRun

IMMEDIATE_TITLE = "发布后即时匹配"


@dataclass(frozen=True)
class OverviewScope:
    """The rows that `user` manages, optionally only of one reporting unit, of one run, or decided by one officer.

    `is_immediate`: instead of one run all immediate runs, which are too many to be told apart.
    """

    IMMEDIATE: ClassVar[str] = "immediate"
    """Stands for a run's number in addresses."""

    user: User
    region: Region | None = None
    run: MatchRun | None = None
    officer: User | None = None
    is_immediate: bool = False

    @property
    def run_title(self) -> str:
        return IMMEDIATE_TITLE if self.is_immediate else self.run.title if self.run else ""

    @property
    def run_key(self) -> str:
        return self.IMMEDIATE if self.is_immediate else str(self.run.pk) if self.run else ""

    @property
    def query(self) -> dict[str, str]:
        """The scope as URL parameters."""
        values = {
            "region": self.region and self.region.code,
            "run": self.run_key,
            "officer": self.officer and self.officer.pk,
        }
        return {name: str(value) for name, value in values.items() if value}

    def matches(self) -> QuerySet[Match]:
        rows = Match.objects.managed_by(self.user)
        rows = rows.filter(demand__firm__stat_region=self.region) if self.region else rows
        return rows.filter(**self._of_run("")) if self.run_key else rows

    def follow_ups(self) -> QuerySet[FollowUp]:
        rows = FollowUp.objects.managed_by(self.user).not_withdrawn()
        rows = rows.filter(match__demand__firm__stat_region=self.region) if self.region else rows
        return rows.filter(**self._of_run("match__")) if self.run_key else rows

    def demands(self) -> QuerySet[Demand]:
        """Open demands, of any run: a run has no rows for demands without proposals."""
        rows = Demand.objects.managed_by(self.user).open()
        return rows.filter(firm__stat_region=self.region) if self.region else rows

    def firms(self) -> QuerySet[Organisation]:
        """Firms with open demands."""
        return Organisation.objects.filter(pk__in=self.demands().values("firm"))

    def decisions(self) -> QuerySet[Decision]:
        rows = Decision.objects.not_undone().verdicts().filter(match__in=self.matches())
        return rows.filter(by=self.officer) if self.officer else rows

    def _of_run(self, prefix: str) -> dict[str, Any]:
        if self.is_immediate:
            return {f"{prefix}first_run__kind": MatchRun.Kind.IMMEDIATE}
        return {f"{prefix}first_run": self.run}
