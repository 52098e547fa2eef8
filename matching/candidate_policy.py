"""The policy that decides which candidates of a demand a run proposes, with which probability and level."""

from dataclasses import dataclass
from typing import Any

from matching.candidates import Candidate
from matching.engine.candidates import ScoreProfile, level_of, none_fits
from matching.models import DemandResult, Match, MatchRun

NEAREST_KEPT = 3
"""Number of achievements that are stored with a demand for which nothing is proposed."""


@dataclass(frozen=True, slots=True)
class CandidatePolicy:
    """At most `per_demand` candidates are proposed. `min_score`: least score of the words of a candidate if it was set
    by hand, else None: then a demand is silent only where the engine's profile says so."""

    per_demand: int
    min_score: float | None = None

    @classmethod
    def of_run(cls, run: MatchRun) -> "CandidatePolicy":
        """Return the policy of a run. A negative threshold means that none was set by hand."""
        threshold = run.parameters["threshold"]
        return cls(run.parameters["per_demand"], None if threshold < 0 else threshold)

    def apply(
        self, run: MatchRun, demand_id: int, profile: ScoreProfile, ranked: list[Candidate]
    ) -> tuple[DemandResult, list[Candidate]]:
        """Return the unsaved result of a demand and its proposed matches with ranks, probabilities and levels."""
        proposed = self.proposed(profile, ranked)
        nothing_fits = none_fits([match.probability or 0.0 for match in proposed])
        return ranked_result(run, demand_id, profile, proposed, ranked, no_match_probability=nothing_fits), proposed

    def proposed[C: (Candidate, Match)](self, profile: ScoreProfile, ranked: list[C]) -> list[C]:
        """Return the matches that are proposed, of all in descending order of score, each with probability and level.

        A match whose probability was not set by what was learned gets the engine's prior. Contradicting facts lower the
        rank and the probability of a match but do not remove it.
        """
        if self.min_score is not None:
            proposed = [match for match in ranked if 100 * match.parts["words"] >= self.min_score]
        else:
            proposed = [] if profile.is_silent else [match for match in ranked if match.score > 0]
        proposed = proposed[: self.per_demand]
        for match in proposed:
            if match.probability is None:
                set_probability(match, profile.probability(match.score))
        return proposed


def ranked_result(
    run: MatchRun,
    demand_id: int,
    profile: ScoreProfile,
    proposed: list[Candidate],
    ranked: list[Candidate],
    *,
    no_match_probability: float,
) -> DemandResult:
    """Set the ranks of the proposed matches and return the unsaved result of their demand.

    `ranked`: all matches in the order in which the nearest are stored if nothing is proposed.
    """
    for rank, match in enumerate(proposed, start=1):
        match.rank = rank
    return DemandResult(
        run=run,
        demand_id=demand_id,
        no_match_probability=no_match_probability,
        has_no_match=not proposed,
        score_profile=profile.as_json(),
        nearest=[] if proposed else [_stored_match(match) for match in ranked[:NEAREST_KEPT]],
    )


def set_probability(match: Candidate | Match, probability: float) -> None:
    match.probability, match.level = probability, level_of(probability)


def _stored_match(match: Candidate) -> dict[str, Any]:
    return {"achievement": match.achievement_id, "title": match.achievement.title, "score": match.score}
