"""A candidate of a demand while a run compares it: what becomes a `Match` if it is proposed.

Facts are compared for several times more pairs than are proposed. To build a model instance for each would take a fifth
of the time of a run.
"""

from dataclasses import dataclass, field
from typing import Any

from demands.models import Demand
from matching.models import Match, MatchRun


@dataclass(slots=True)
class Candidate:
    """Fields with the names and meanings of `Match`. The policy sets rank, probability and level.

    `achievement`: a row of `matching.compared_achievements`, or an `Achievement`.
    """

    achievement: Any
    demand: Demand
    score: float
    parts: dict[str, float]
    facts: list[Any]
    rank: int = 0
    probability: float | None = None
    level: str = ""
    effects: list[Any] = field(default_factory=list)

    @property
    def achievement_id(self) -> int:
        return int(self.achievement.pk)

    @property
    def demand_id(self) -> int:
        return self.demand.pk

    def as_match(self, run: MatchRun) -> Match:
        """The unsaved match that the run proposes."""
        return Match(
            achievement_id=self.achievement_id,
            demand_id=self.demand_id,
            first_run_id=run.pk,
            run_id=run.pk,
            rank=self.rank,
            score=self.score,
            parts=self.parts,
            facts=self.facts,
            probability=self.probability,
            level=self.level,
            effects=self.effects,
        )
