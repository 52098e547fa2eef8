"""The matches that a run proposes: reads achievements and demands, asks the engine, builds unsaved rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from django.utils import timezone

from accounts.models import Region
from demands.models import Demand
from matching.candidate_policy import CandidatePolicy
from matching.candidates import Candidate
from matching.compared_achievements import ComparedAchievement, compared_achievements
from matching.engine import facts
from matching.engine.candidates import ScoreProfile
from matching.engine.fact_score import combine_scores, fact_score
from matching.facts import demand_facts
from matching.items import ACHIEVEMENT_PROSE, DEMAND_PROSE, row_item
from matching.learning.run_scoring import RunScoring, StoredEffects
from matching.models import DemandResult, Match, MatchRun, StoredRanking
from matching.run_index import KEPT, index_of_run, known_rankings, stored_rankings

CANDIDATE_FACTOR = 3
"""Facts are compared for this many times more pairs than are proposed, because they may raise a low rank."""
MIN_CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class ProposedRows:
    """Unsaved rows: the matches of some demands, best first, one result for each demand, and what later runs continue
    from."""

    matches: list[Match] = field(default_factory=list)
    results: list[DemandResult] = field(default_factory=list)
    rankings: list[StoredRanking] = field(default_factory=list)


class ProposalPolicy(Protocol):
    """Decides which matches of a demand are proposed: `CandidatePolicy`, or one of `matching.readings.policy`."""

    def apply(
        self, run: MatchRun, demand_id: int, profile: ScoreProfile, ranked: list[Candidate]
    ) -> tuple[DemandResult, list[Candidate]]: ...


class RunRankings:
    """The rankings of a run's demands, each computed once, when it is first asked for."""

    def __init__(self, run: MatchRun):
        self.run, self._ranked = run, dict[int, tuple[Any, Any]]()

    def of(self, demand_ids: Sequence[int]) -> tuple[Any, list[Any], list[Any]]:
        """Return the `Index` of the run, and `Item` and `DemandRanking` of each of its demands that is asked for."""
        unknown = [demand_id for demand_id in demand_ids if demand_id not in self._ranked]
        index, wanted, rankings = _rankings(self.run, unknown)
        self._ranked |= {item.id: (item, ranking) for item, ranking in zip(wanted, rankings, strict=True)}
        ranked = [self._ranked[demand_id] for demand_id in sorted(set(demand_ids) & self._ranked.keys())]
        return index, [item for item, _ranking in ranked], [ranking for _item, ranking in ranked]


def propose(
    run: MatchRun,
    demand_ids: Sequence[int],
    policy: ProposalPolicy | None = None,
    *,
    rankings: RunRankings | None = None,
    stored_effects: StoredEffects | None = None,
    only_entering: bool = False,
) -> ProposedRows:
    """Propose matches for some of a run's demands: at most `per_demand` each, none where nothing stands out.

    Without a policy, that of the run decides. `rankings`: those that were computed before. `stored_effects`:
    those of the demands' chunk. `only_entering`: leave out the demands that an immediate run does not write.

    All statistics come from the run's whole snapshot, so the result for a demand does not depend on its chunk.
    """
    index, wanted, whole_rankings = (rankings or RunRankings(run)).of(demand_ids)
    rows = ProposedRows(rankings=stored_rankings(run, whole_rankings))
    compared_rankings = [
        replace(ranking, achievements=ranking.achievements[: _compared(run)]) for ranking in whole_rankings
    ]
    regions = dict(Region.objects.values_list("pk", "name"))
    achievements = compared_achievements(
        {ranked.achievement_id for ranking in compared_rankings for ranked in ranking.achievements}, regions
    )
    demands = (
        Demand.objects.select_related("firm")
        .prefetch_related("indicators")
        .in_bulk({ranking.demand_id for ranking in compared_rankings})
    )
    today = timezone.localdate(run.queued_at)
    policy, scoring = policy or CandidatePolicy.of_run(run), RunScoring.of_run(run, demand_ids, stored_effects)
    explained: list[tuple[Match, Candidate, Any]] = []
    enters = _entering(run)
    for item, ranking in zip(wanted, compared_rankings, strict=True):
        if item.id not in demands:  # deleted since the run was prepared
            continue
        compared = candidates_for(ranking, achievements, demands[item.id], regions, today, scoring)
        result, proposed = policy.apply(run, item.id, ranking.profile, compared)
        if only_entering and not enters(item.id, proposed):
            continue
        rows.results.append(result)
        explained += [(candidate.as_match(run), candidate, item) for candidate in proposed]
    _explain(index, explained)
    rows.matches.extend(match for match, _candidate, _item in explained)
    return rows


def _explain(index: Any, matches: Sequence[tuple[Match, Candidate, Any]]) -> None:
    """Set the terms and sentences of unsaved matches, each with its candidate and the `Item` of its demand."""
    prose = [
        (row_item(candidate.achievement, ACHIEVEMENT_PROSE), row_item(candidate.demand, DEMAND_PROSE))
        for _match, candidate, _item in matches
    ]
    index.prepare_terms((match.achievement_id, item) for match, _candidate, item in matches)
    index.prepare_sentences(prose)
    for (match, _candidate, item), texts in zip(matches, prose, strict=True):
        match.shared_terms = index.shared_terms(match.achievement_id, item)
        match.related_terms = index.related_terms(match.achievement_id, item)
        aligned = index.aligned_sentences(*texts)
        match.aligned_sentences = [aligned.demand, aligned.achievement] if aligned else []


def demands_to_propose(run: MatchRun, demand_ids: Sequence[int], rankings: RunRankings | None = None) -> list[int]:
    """Return those of the demands whose proposals the run may write.

    All in a batch. In an immediate run its target demands, and each demand with a target achievement among those of
    which the facts are compared.
    """
    if not run.is_immediate:
        return list(demand_ids)
    targets, new = set(run.target_demand_ids), set(run.target_achievement_ids)
    others = [demand_id for demand_id in demand_ids if demand_id not in targets]
    if not new or not others:
        return [demand_id for demand_id in demand_ids if demand_id in targets]
    _index_of_run, _wanted, rankings_of_others = (rankings or RunRankings(run)).of(others)
    reached = {
        ranking.demand_id
        for ranking in rankings_of_others
        if any(ranked.achievement_id in new for ranked in ranking.achievements[: _compared(run)])
    }
    return [demand_id for demand_id in demand_ids if demand_id in targets or demand_id in reached]


def _entering(run: MatchRun) -> Callable[[int, Sequence[Candidate]], bool]:
    """Return whether a run writes a demand with these proposals.

    An immediate run writes all of a target demand, and all of a demand that proposes a target achievement, because its
    other candidates change their ranks. A batch writes all.
    """
    if not run.is_immediate:
        return lambda _demand_id, _proposed: True
    targets, new = set(run.target_demand_ids), set(run.target_achievement_ids)
    return lambda demand_id, proposed: (
        demand_id in targets or any(candidate.achievement_id in new for candidate in proposed)
    )


def _rankings(run: MatchRun, demand_ids: Sequence[int]) -> tuple[Any, list[Any], list[Any]]:
    """Return the `Index` of the run, and `Item` and `DemandRanking` of each of its demands that is asked for."""
    index: Any = index_of_run(run)
    wanted = index.demands(demand_ids)
    if run.extension:
        known = known_rankings(run, demand_ids)
        count = _compared(run)
        return index, wanted, list(index.rank_known(wanted, [known.get(item.id) for item in wanted], k=count))
    return index, wanted, list(index.rank(wanted, k=max(_compared(run), KEPT)))


def _compared(run: MatchRun) -> int:
    """Return the number of candidates of a demand of which the facts are compared."""
    return max(run.parameters["per_demand"] * CANDIDATE_FACTOR, MIN_CANDIDATES)


def candidates_for(
    ranking: Any,
    achievements: Mapping[int, ComparedAchievement],
    demand: Demand,
    regions: Mapping[int, str],
    today: date,
    scoring: RunScoring | None = None,
) -> list[Candidate]:
    """Return the candidates of a demand, the achievements of a ranking, in descending order of the final score.

    The score combines words and facts; both are kept in `parts`. `scoring` then applies what was learned.
    """
    candidates, of_demand = [], demand_facts(demand, regions, today)
    for ranked in ranking.achievements:
        achievement = achievements.get(ranked.achievement_id)
        if achievement is None:  # deleted since the run was prepared
            continue
        compared = facts.compare_facts(achievement.facts, of_demand)
        fit = fact_score(compared)
        parts = {**ranked.parts, "words": round(ranked.score / 100, 4), "fit": fit}
        candidates.append(Candidate(achievement.row, demand, combine_scores(ranked.score, fit), parts, compared))
    if scoring:
        for candidate in candidates:
            scoring.apply(candidate)
    candidates.sort(key=lambda candidate: (-candidate.score, candidate.achievement_id))
    return candidates
