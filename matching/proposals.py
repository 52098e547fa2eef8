"""The matches that a run proposes: reads achievements and demands, asks the engine, builds unsaved rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Protocol

from django.utils import timezone

from accounts.models import Region
from achievements.models import Achievement
from demands.models import Demand
from matching.candidate_policy import CandidatePolicy
from matching.candidates import Candidate
from matching.engine import facts
from matching.engine.candidates import ScoreProfile
from matching.engine.fact_score import combine_scores, fact_score
from matching.facts import achievement_facts, demand_facts
from matching.items import ACHIEVEMENT_PROSE, DEMAND_PROSE, row_item
from matching.learning.run_scoring import RunScoring
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


def propose(run: MatchRun, demand_ids: Sequence[int], policy: ProposalPolicy | None = None) -> ProposedRows:
    """Propose matches for some of a run's demands: at most `per_demand` each, none where nothing stands out.

    Without a policy, that of the run decides.

    All statistics come from the run's whole snapshot, so the result for a demand does not depend on its chunk.
    """
    index, wanted, whole_rankings = _rankings(run, demand_ids)
    rows = ProposedRows(rankings=stored_rankings(run, whole_rankings))
    rankings = [replace(ranking, achievements=ranking.achievements[: _compared(run)]) for ranking in whole_rankings]
    achievements = _with_indicators(
        Achievement.objects,
        {ranked.achievement_id for ranking in rankings for ranked in ranking.achievements},
        "institution",
    )
    demands = _with_indicators(Demand.objects, {ranking.demand_id for ranking in rankings}, "firm")
    regions = dict(Region.objects.values_list("pk", "name"))
    today = timezone.localdate(run.queued_at)
    policy, scoring = policy or CandidatePolicy.of_run(run), RunScoring.of_run(run, demand_ids)
    facts_cache: dict[int, Any] = {}
    explained: list[tuple[Match, Any]] = []
    for item, ranking in zip(wanted, rankings, strict=True):
        if item.id not in demands:  # deleted since the run was prepared
            continue
        compared = candidates_for(ranking, achievements, demands[item.id], regions, today, scoring, facts_cache)
        result, proposed = policy.apply(run, item.id, ranking.profile, compared)
        rows.results.append(result)
        explained += [(candidate.as_match(run), item) for candidate in proposed]
    _explain(index, explained)
    rows.matches.extend(match for match, _item in explained)
    return rows


def _explain(index: Any, matches: Sequence[tuple[Match, Any]]) -> None:
    """Set the terms and sentences of unsaved matches, each with the `Item` of its demand."""
    prose = [
        (row_item(match.achievement, ACHIEVEMENT_PROSE), row_item(match.demand, DEMAND_PROSE))
        for match, _item in matches
    ]
    index.prepare_terms((match.achievement_id, item) for match, item in matches)
    index.prepare_sentences(prose)
    for (match, item), texts in zip(matches, prose, strict=True):
        match.shared_terms = index.shared_terms(match.achievement_id, item)
        match.related_terms = index.related_terms(match.achievement_id, item)
        aligned = index.aligned_sentences(*texts)
        match.aligned_sentences = [aligned.demand, aligned.achievement] if aligned else []


def demands_to_propose(run: MatchRun, demand_ids: Sequence[int]) -> list[int]:
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
    _index_of_run, _wanted, rankings = _rankings(run, others)
    reached = {
        ranking.demand_id
        for ranking in rankings
        if any(ranked.achievement_id in new for ranked in ranking.achievements[: _compared(run)])
    }
    return [demand_id for demand_id in demand_ids if demand_id in targets or demand_id in reached]


def entering(run: MatchRun, rows: ProposedRows) -> ProposedRows:
    """Return what an immediate run writes of its proposals: all of a target demand, and all of a demand that proposes
    a target achievement, because its other candidates change their ranks. Of a batch all."""
    if not run.is_immediate:
        return rows
    targets, new = set(run.target_demand_ids), set(run.target_achievement_ids)
    kept = targets | {match.demand_id for match in rows.matches if match.achievement_id in new}
    return ProposedRows(
        [match for match in rows.matches if match.demand_id in kept],
        [result for result in rows.results if result.demand_id in kept],
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
    ranking,
    achievements: dict,
    demand: Demand,
    regions: dict,
    today: date,
    scoring: RunScoring | None = None,
    facts_cache: dict | None = None,
) -> list[Candidate]:
    """Return the candidates of a demand, the achievements of a ranking, in descending order of the final score.

    The score combines words and facts; both are kept in `parts`. `scoring` then applies what was learned.
    `facts_cache`: facts of achievements by primary key, filled here; pass the same dictionary for each demand.
    """
    candidates, of_demand = [], demand_facts(demand, regions, today)
    facts_cache = {} if facts_cache is None else facts_cache
    for ranked in ranking.achievements:
        achievement = achievements.get(ranked.achievement_id)
        if achievement is None:  # deleted since the run was prepared
            continue
        if ranked.achievement_id not in facts_cache:
            facts_cache[ranked.achievement_id] = achievement_facts(achievement, regions)
        compared = facts.compare_facts(facts_cache[ranked.achievement_id], of_demand)
        fit = fact_score(compared)
        parts = {**ranked.parts, "words": round(ranked.score / 100, 4), "fit": fit}
        candidates.append(Candidate(achievement, demand, combine_scores(ranked.score, fit), parts, compared))
    if scoring:
        for candidate in candidates:
            scoring.apply(candidate)
    candidates.sort(key=lambda candidate: (-candidate.score, candidate.achievement_id))
    return candidates


def _with_indicators(rows, ids: set[int], owner: str) -> dict:
    return rows.select_related(owner).prefetch_related("indicators").in_bulk(ids)
