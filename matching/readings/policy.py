"""Policies of `matching.proposals.propose` for runs with a second reader."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from matching.candidate_policy import NEAREST_KEPT, CandidatePolicy
from matching.engine.candidates import ScoreProfile, level_of
from matching.models import DemandResult, Match, MatchRun
from matching.reader.answers import WORTH_SENDING, PairAnswer
from matching.reader.grade_probabilities import GradeProbabilities

CANDIDATES = 20
"""Candidates of a demand that are read, the engine's best first."""


@dataclass
class CandidateCollector:
    """Proposes nothing; keeps the candidates of each demand."""

    candidates: dict[int, list[Match]] = field(default_factory=dict)

    def apply(self, run: MatchRun, demand_id: int, profile: ScoreProfile, ranked: list[Match]):
        self.candidates[demand_id] = ranked[:CANDIDATES]
        return DemandResult(run=run, demand_id=demand_id), []


@dataclass(frozen=True)
class ReaderPolicy:
    """Proposes by the reader's grades where all candidates of a demand have one, else by the engine's own policy.

    `answers`: by demand and achievement.
    """

    engine: CandidatePolicy
    answers: Mapping[int, Mapping[int, PairAnswer]]
    probabilities: GradeProbabilities

    def apply(self, run: MatchRun, demand_id: int, profile: ScoreProfile, ranked: list[Match]):
        """Return the unsaved result of a demand and its proposed matches with rank, probability and level set."""
        read = ranked[:CANDIDATES]
        answers = self.answers.get(demand_id, {})
        if not read or any(match.achievement_id not in answers for match in read):
            return self.engine.apply(run, demand_id, profile, ranked)
        grade_of = {match.achievement_id: answers[match.achievement_id].grade for match in read}
        by_grade = sorted(read, key=lambda match: (-grade_of[match.achievement_id], -match.score, match.achievement_id))
        proposed = [match for match in by_grade if grade_of[match.achievement_id] >= WORTH_SENDING]
        proposed = proposed[: self.engine.per_demand]
        for rank, match in enumerate(proposed, start=1):
            match.rank = rank
            set_probability(match, self.probabilities(grade_of[match.achievement_id]))
        result = DemandResult(
            run=run,
            demand_id=demand_id,
            no_match_probability=round(1 - self.probabilities(grade_of[by_grade[0].achievement_id]), 4),
            has_no_match=not proposed,
            score_profile=profile.as_json(),
            nearest=[] if proposed else [_stored(match) for match in by_grade[:NEAREST_KEPT]],
        )
        return result, proposed


def set_probability(match: Match, probability: float) -> None:
    match.probability, match.level = probability, level_of(probability)


def _stored(match: Match) -> dict:
    return {"achievement": match.achievement_id, "title": match.achievement.title, "score": match.score}
