"""Scores, no-match results and rankings as a run would compute them, for evaluation."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from achievements.models import Achievement
from demands.models import Demand
from matching.candidate_policy import CandidatePolicy
from matching.candidates import Candidate
from matching.compared_achievements import ComparedAchievement
from matching.engine import DEFAULT_ENGINE
from matching.engine.candidates import MAX_CANDIDATES
from matching.engine.fact_score import combine_scores, fact_score
from matching.facts import compare_pair
from matching.items import ACHIEVEMENT_TEXTS, DEMAND_TEXTS, row_item
from matching.models import MatchRun
from matching.proposals import candidates_for

DEPTH = 20
"""Number of achievements of a demand that are ranked by words and facts."""


@dataclass(frozen=True)
class EvaluationRegistry:
    """Both sides by primary key; `regions`: names of regions by primary key.

    `institution` and `indicators` of the achievements and `firm` and `indicators` of the demands are prefetched.
    """

    achievements: dict[int, Achievement]
    demands: dict[int, Demand]
    regions: dict
    today: date

    def compared(self) -> dict[int, ComparedAchievement]:
        """Return the facts of all achievements."""
        return {pk: ComparedAchievement.of(row, self.regions) for pk, row in self.achievements.items()}


@dataclass(frozen=True)
class EngineScores:
    """`scores` (pairs,) 0–100. By demand: the probability that nothing shown fits, and whether nothing is shown."""

    scores: list[float]
    no_match_probabilities: dict[int, float]
    no_match_demands: frozenset[int]


def score_pairs(registry: EvaluationRegistry, pairs: Sequence[tuple[int, int]], engine: str) -> EngineScores:
    """Score `pairs` of (achievement, demand). Statistics come from the whole registry, as in a run."""
    import numpy as np

    index = _index(registry, engine)
    achievement_rows, demand_rows = (
        {item.id: row for row, item in enumerate(side)} for side in (index.corpus.achievements, index.corpus.demands)
    )
    columns = np.array(
        [[achievement_rows[achievement], demand_rows[demand]] for achievement, demand in pairs], int
    ).reshape(-1, 2)
    word_scores = index.scores((columns[:, 0], columns[:, 1]))
    scores = []
    for word_score, (achievement, demand) in zip(word_scores, pairs, strict=True):
        facts = compare_pair(
            registry.achievements[achievement], registry.demands[demand], registry.regions, registry.today
        )
        scores.append(combine_scores(word_score, fact_score(facts)))
    run = _run()
    policy, results, compared = CandidatePolicy.of_run(run), {}, registry.compared()
    for ranking in index.rank(index.corpus.demands, k=DEPTH):
        demand = registry.demands[ranking.demand_id]
        matches = candidates_for(ranking, compared, demand, registry.regions, registry.today)
        results[demand.pk], _shown = policy.apply(run, demand.pk, ranking.profile, matches)
    return EngineScores(
        scores=scores,
        no_match_probabilities={demand: result.no_match_probability for demand, result in results.items()},
        no_match_demands=frozenset(demand for demand, result in results.items() if result.has_no_match),
    )


def rank_demands(
    registry: EvaluationRegistry, demands: Iterable[int], engine: str = DEFAULT_ENGINE
) -> Iterator[tuple[int, list[Candidate]]]:
    """Yield each demand with its DEPTH best candidates in order. Nothing learned from decisions is applied."""
    wanted = set(demands)
    index, compared = _index(registry, engine), registry.compared()
    for ranking in index.rank([item for item in index.corpus.demands if item.id in wanted], k=DEPTH):
        demand = registry.demands[ranking.demand_id]
        yield demand.pk, candidates_for(ranking, compared, demand, registry.regions, registry.today)


def _run() -> MatchRun:
    """Return an unsaved run with the default policy."""
    return MatchRun(parameters={"threshold": -1.0, "per_demand": MAX_CANDIDATES})


def _index(registry: EvaluationRegistry, engine: str):
    from matching.engine import build

    return build(
        [row_item(row, ACHIEVEMENT_TEXTS) for row in registry.achievements.values()],
        [row_item(row, DEMAND_TEXTS) for row in registry.demands.values()],
        engine=engine,
    )
