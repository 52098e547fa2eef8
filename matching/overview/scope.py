"""Whose matches, follow-ups, demands and decisions the figures count."""

from dataclasses import dataclass

from django.db.models import QuerySet

from accounts.models import Organisation, Region, User
from demands.models import Demand
from matching.models import Decision, FollowUp, Match, MatchRun


@dataclass(frozen=True)
class OverviewScope:
    """The rows that `user` manages, optionally only of one reporting unit, of one run, or decided by one officer."""

    user: User
    region: Region | None = None
    run: MatchRun | None = None
    officer: User | None = None

    @property
    def query(self) -> dict[str, str]:
        """The scope as URL parameters."""
        values = {
            "region": self.region and self.region.code,
            "run": self.run and self.run.pk,
            "officer": self.officer and self.officer.pk,
        }
        return {name: str(value) for name, value in values.items() if value}

    def matches(self) -> QuerySet[Match]:
        rows = Match.objects.managed_by(self.user)
        rows = rows.filter(demand__firm__stat_region=self.region) if self.region else rows
        return rows.filter(first_run=self.run) if self.run else rows

    def follow_ups(self) -> QuerySet[FollowUp]:
        rows = FollowUp.objects.managed_by(self.user).not_withdrawn()
        rows = rows.filter(match__demand__firm__stat_region=self.region) if self.region else rows
        return rows.filter(match__first_run=self.run) if self.run else rows

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
