"""暂无高匹配: the policy that decides which matches of a demand a run proposes."""

from dataclasses import dataclass

from matching.engine import SCORE_THRESHOLD
from matching.engine.no_match import PRIOR_RULE, NoMatchRule, ScoreProfile
from matching.models import DemandResult, Match, MatchRun

MIN_SCORE_SHARE = 0.5
"""A match is proposed if its score is at least this share of the first one's, unless a run sets another `reach`."""
NEAREST_KEPT = 3
"""Number of achievements that are stored with a demand for which nothing is proposed."""


@dataclass(frozen=True, slots=True)
class NoMatchPolicy:
    """`rule`: decides whether anything is proposed for a demand; None if only scores decide. `min_word_score`: least
    score of the words where the rule is not applied."""

    rule: NoMatchRule | None
    min_word_score: float
    per_demand: int
    min_score_share: float = MIN_SCORE_SHARE

    @classmethod
    def of_run(cls, run: MatchRun) -> "NoMatchPolicy":
        """Return the policy of a run. A threshold set by hand (≥ 0) replaces the rule."""
        threshold = run.parameters["threshold"]
        rule, minimum = (PRIOR_RULE, SCORE_THRESHOLD) if threshold < 0 else (None, threshold)
        return cls(rule, minimum, run.parameters["per_demand"], run.parameters.get("reach", MIN_SCORE_SHARE))

    def apply(self, run: MatchRun, demand_id: int, profile: ScoreProfile, ranked: list[Match]):
        """Return the unsaved result of a demand and its proposed matches with their ranks set."""
        proposed = self.proposed(profile, ranked)
        for rank, match in enumerate(proposed, start=1):
            match.rank = rank
        result = DemandResult(
            run=run,
            demand_id=demand_id,
            no_match_probability=self.rule.probability(profile) if self.rule else 0.0,
            has_no_match=not proposed,
            score_profile=profile.as_json(),
            nearest=[] if proposed else [_stored_match(match) for match in ranked[:NEAREST_KEPT]],
        )
        return result, proposed

    def proposed(self, profile: ScoreProfile, ranked: list[Match]) -> list[Match]:
        """Return the matches that are proposed, of all in descending order of score.

        If the rule is applicable and finds that something fits, weaker matches are proposed too, because the meaning of
        a score depends on the registry and the demand. If it is not applicable, the score of the words decides:
        contradicting facts lower the rank of a match but do not remove it.
        """
        if self.rule is None or not self.rule.is_applicable(profile):
            proposed = [match for match in ranked if 100 * match.parts["words"] >= self.min_word_score]
        elif self.rule.is_no_match(profile):
            proposed = []
        else:
            proposed = [match for match in ranked if match.score >= self.min_score_share * ranked[0].score]
        return proposed[: self.per_demand]


def _stored_match(match: Match) -> dict:
    return {"achievement": match.achievement_id, "title": match.achievement.title, "score": match.score}
