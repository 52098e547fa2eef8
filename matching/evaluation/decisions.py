"""Judgments from the decisions of staff."""

from django.utils import timezone

from accounts.models import Region
from achievements.models import Achievement
from demands.models import Demand
from matching.evaluation.engine_scores import EvaluationRegistry, score_pairs
from matching.evaluation.judgments import Judgment, JudgmentSet
from matching.learning.training_examples import latest_verdicts, near_duplicate_groups
from matching.models import Decision, Match

ROUND, DISTRICT, INDUSTRY = "批次", "区市县", "产业"
AS_DECIDED = "as decided"
"""Used in place of an engine's name for the scores that were shown when the decision was made."""

ACCEPTED_LEVEL, REJECTED_LEVEL, OTHER_FIELD_LEVEL = 4, 2, 1
"""Level of an accepted pair, of a pair rejected for an indicator, a stage or a price, and of one of another field."""


def judgments_from_decisions(matches=None) -> JudgmentSet:
    """Return the latest verdict on each decided match of a queryset (default: all), without duplicates."""
    decisions = list(
        latest_verdicts(matches).select_related(
            "run", "match__achievement", "match__demand__industry", "match__demand__firm__stat_region"
        )
    )
    groups = near_duplicate_groups({decision.match.demand_id for decision in decisions})
    rows = [_judgment(decision, groups) for decision in decisions]

    def score_with(engine: str = AS_DECIDED):
        from matching.engine.evaluation_report import ScoredJudgments

        judgments = {
            "engine": engine,
            "levels": [row.level for row in rows],
            "demands": [row.demand for row in rows],
            "groups": [row.group for row in rows],
        }
        if engine == AS_DECIDED:
            return ScoredJudgments(scores=[decision.score for decision in decisions], **judgments)
        result = score_pairs(_registry(rows), [(row.achievement, row.demand) for row in rows], engine)
        return ScoredJudgments(
            scores=result.scores,
            no_match_probabilities=result.no_match_probabilities,
            no_match_demands=result.no_match_demands,
            **judgments,
        )

    return JudgmentSet("审核决定", rows, score_with)


def _judgment(decision: Decision, groups: dict[int, int]) -> Judgment:
    match, demand = decision.match, decision.match.demand
    is_other_field = match.reject_reason == Match.RejectReason.FIELD
    rejected_level = OTHER_FIELD_LEVEL if is_other_field else REJECTED_LEVEL
    return Judgment(
        demand=demand.pk,
        achievement=match.achievement_id,
        group=groups[demand.pk],
        level=ACCEPTED_LEVEL if match.status == Match.Status.ACCEPTED else rejected_level,
        demand_title=demand.title,
        achievement_title=match.achievement.title,
        reason=match.get_reject_reason_display() or match.review_note,
        parts={
            ROUND: decision.run.get_kind_display() if decision.run.is_immediate else decision.run.title,
            DISTRICT: str(demand.firm.stat_region or ""),
            INDUSTRY: str(demand.industry or ""),
        },
        match=match.pk,
    )


def _registry(rows: list[Judgment]) -> EvaluationRegistry:
    """Return the achievements on offer now, the judged achievements and the judged demands."""
    judged = {row.achievement for row in rows}
    available = set(Achievement.objects.available().values_list("pk", flat=True))
    achievements = Achievement.objects.select_related("institution").prefetch_related("indicators")
    demands = Demand.objects.select_related("firm").prefetch_related("indicators")
    return EvaluationRegistry(
        achievements=achievements.in_bulk(available | judged),
        demands=demands.in_bulk({row.demand for row in rows}),
        regions=dict(Region.objects.values_list("pk", "name")),
        today=timezone.localdate(),
    )
