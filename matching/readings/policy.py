"""Policies of `matching.proposals.propose` for runs with a second reader."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from matching.candidate_policy import CandidatePolicy, ranked_result, set_probability
from matching.candidates import Candidate
from matching.engine.candidates import ScoreProfile
from matching.models import DemandResult, MatchRun
from matching.reader.answers import WORTH_SENDING, PairAnswer
from matching.reader.grade_probabilities import GradeProbabilities

CANDIDATES = 20
"""Candidates of a demand that are read, the engine's best first."""


@dataclass
class CandidateCollector:
    """Proposes nothing; keeps the candidates of each demand."""

    candidates: dict[int, list[Candidate]] = field(default_factory=dict)

    def apply(self, run: MatchRun, demand_id: int, profile: ScoreProfile, ranked: list[Candidate]):
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

    def apply(self, run: MatchRun, demand_id: int, profile: ScoreProfile, ranked: list[Candidate]):
        """Return the unsaved result of a demand and its proposed matches with rank, probability and level set."""
        read = ranked[:CANDIDATES]
        answers = self.answers.get(demand_id, {})
        if not read or any(match.achievement_id not in answers for match in read):
            return self.engine.apply(run, demand_id, profile, ranked)
        grade_of = {match.achievement_id: answers[match.achievement_id].grade for match in read}
        by_grade = sorted(read, key=lambda match: (-grade_of[match.achievement_id], -match.score, match.achievement_id))
        proposed = [match for match in by_grade if grade_of[match.achievement_id] >= WORTH_SENDING]
        proposed = proposed[: self.engine.per_demand]
        for match in proposed:
            set_probability(match, self.probabilities(grade_of[match.achievement_id]))
        nothing_fits = round(1 - self.probabilities(grade_of[by_grade[0].achievement_id]), 4)
        return ranked_result(run, demand_id, profile, proposed, by_grade, no_match_probability=nothing_fits), proposed
