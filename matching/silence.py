"""暂无高匹配, said by need: the rule a run goes by, and what it makes of the best that was found."""

from dataclasses import dataclass

from matching.engine import SHOWN_FROM
from matching.engine.silence import PRIOR, Rule, Standing
from matching.models import DemandResult, Match, MatchRun

WORTH_LOOKING = 0.5
"""A match with less than this share of the first one's score is not worth an officer's time, unless a run is told to
reach further."""
NEAREST = 3
"""So many achievements are kept with a need for which nothing is proposed."""


@dataclass(frozen=True, slots=True)
class Silence:
    """`rule`: when a whole need is silent, None where only scores decide; `least`: the score of the words from which a
    pair is proposed."""

    rule: Rule | None
    least: float
    per_demand: int
    reach: float = WORTH_LOOKING

    @classmethod
    def of_run(cls, run: MatchRun) -> "Silence":
        threshold = run.parameters["threshold"]
        # A threshold set by hand is an order to show everything from there on.
        rule, least = (PRIOR, SHOWN_FROM) if threshold < 0 else (None, threshold)
        return cls(rule, least, run.parameters["per_demand"], run.parameters.get("reach", WORTH_LOOKING))

    def judge(self, run: MatchRun, demand_id: int, standing: Standing, ranked: list[Match]):
        """The finding for a need, and which of its ranked matches are shown, with their ranks. Matches know their
        achievement."""
        shown = self.shown(standing, ranked)
        for rank, match in enumerate(shown, start=1):
            match.rank = rank
        finding = DemandResult(
            run=run,
            demand_id=demand_id,
            no_match_probability=self.rule.probability(standing) if self.rule else 0.0,
            has_no_match=not shown,
            score_profile=standing.as_json(),
            nearest=[] if shown else [_near(match) for match in ranked[:NEAREST]],
        )
        return finding, shown

    def shown(self, standing: Standing, ranked: list[Match]) -> list[Match]:
        """A need of which the rule finds that something fits gets a list to choose from, weaker ones too: what a score
        is worth depends on the registry and on the need. By the words alone where the rule does not know: a
        contradiction of facts lowers a match's place and removes it from no list.
        """
        if self.rule is None or not self.rule.knows(standing):
            shown = [match for match in ranked if 100 * match.parts["words"] >= self.least]
        elif self.rule.is_silent(standing):
            shown = []
        else:
            shown = [match for match in ranked if match.score >= self.reach * ranked[0].score]
        return shown[: self.per_demand]


def _near(match: Match) -> dict:
    return {"achievement": match.achievement_id, "title": match.achievement.title, "score": match.score}
