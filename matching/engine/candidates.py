"""The candidates of a demand: which are shown, and how likely a reader finds each of them worth sending.

An engine of words and concepts finds achievements but cannot judge them (docs/matching.md). So the best few of each
demand are shown with a measured probability; nothing is shown only where nothing shares the core of the demand.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matching.engine.ranking import DemandRanking

HIGH = 0.5
"""Least probability of the level 高."""

Level = Literal["high", "candidate"]
LEVELS: tuple[Level, ...] = ("high", "candidate")

MAX_CANDIDATES = 5
"""Number of candidates of a demand that are shown: as many as fit side by side and a reader compares in half a minute.
"""
REFERENCE_RANK = 10
"""The score of a candidate is compared with the score at this rank."""
MIN_REFERENCE_SCORE = 20.0
"""Least score of the reference: in a registry of a few achievements the tenth is far below a typical tenth, or there is
none."""
MIN_BEST_SCORE = 20.0
"""A demand is silent if its best achievement has a smaller score. Chosen on real texts: docs/matching.md."""

PRIOR_INTERCEPT, PRIOR_SLOPE = -3.77, 2.78
"""Fitted to readers' judgments of real texts by `fit_prior`; figures and data: docs/matching.md."""


@dataclass(frozen=True, slots=True)
class ScoreProfile:
    """The scores (0–100) of one demand over the registry: the best, and the reference at REFERENCE_RANK."""

    best: float
    reference: float
    registry_size: int

    @property
    def is_silent(self) -> bool:
        """Whether nothing in the registry shares the core of the demand."""
        return self.best < MIN_BEST_SCORE

    def lead(self, score: float) -> float:
        """Return ln of a score's total divided by the total of the reference."""
        return math.log(max(_total(score), 1e-3) / _total(max(self.reference, MIN_REFERENCE_SCORE)))

    def probability(self, score: float) -> float:
        """Return the prior probability (0–1) that a reader finds an achievement with this score worth sending."""
        return round(1 / (1 + math.exp(-(PRIOR_INTERCEPT + PRIOR_SLOPE * self.lead(score)))), 4)

    def as_json(self) -> dict[str, float]:
        """Return the numbers under the names by which they are stored."""
        return {"best": self.best, "reference": self.reference, "registry": self.registry_size}


def score_profile(best_scores: Sequence[float], registry_size: int) -> ScoreProfile:
    """Return the profile of a demand from its best scores in descending order. Without a score at REFERENCE_RANK the
    reference is 0."""
    reference = best_scores[REFERENCE_RANK - 1] if len(best_scores) >= REFERENCE_RANK else 0.0
    return ScoreProfile(best_scores[0] if best_scores else 0.0, reference, registry_size)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An achievement that is shown for a demand. `score` 0–100; `probability` 0–1."""

    achievement_id: str | int
    score: float
    probability: float
    level: Level


def candidates_of(ranking: "DemandRanking", limit: int = MAX_CANDIDATES) -> list[Candidate]:
    """Return what is shown of a ranking without facts, best first; nothing if the demand is silent."""
    if ranking.profile.is_silent:
        return []
    candidates = []
    for ranked in ranking.achievements[:limit]:
        if ranked.score <= 0:
            break
        probability = ranking.profile.probability(ranked.score)
        candidates.append(Candidate(ranked.achievement_id, ranked.score, probability, level_of(probability)))
    return candidates


def level_of(probability: float) -> Level:
    """Return the level of a probability."""
    return "high" if probability >= HIGH else "candidate"


def none_fits(probabilities: Sequence[float]) -> float:
    """Return the probability that none of the shown candidates is worth sending, 1 if none is shown."""
    return round(math.prod(1 - probability for probability in probabilities), 4)


def _total(score: float) -> float:
    """Invert `methods.to_score` up to a constant factor."""
    return -math.log1p(-min(score, 99.9999) / 100)
