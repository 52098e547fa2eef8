"""Decisions as training examples, with the engine's values at the time of the decision."""

from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q

from demands.models import Demand
from matching.items import demand_items
from matching.models import Decision, DemandReading, Match

if TYPE_CHECKING:
    from matching.engine.ranker import Example

UNINFORMATIVE_REASONS = {Match.RejectReason.HAS_SUPPLIER}
"""Reasons that do not tell how well the achievement fits. The firm has a supplier."""


def latest_verdicts(matches=None, *, with_passed_over: bool = False):
    """Return the latest verdict on each decided match, or the finding of its sides after a meeting.

    `matches`: queryset of matches (default: all). Decisions that were undone and duplicates are left out. The order is
    by match. `with_passed_over`: also matches that were shown beside others and not chosen.
    """
    unfit = Decision.objects.not_undone().filter(kind=Decision.Kind.UNFIT, match=OuterRef("pk"))
    statuses = [Match.Status.ACCEPTED, Match.Status.REJECTED]
    decided = Match.objects.filter(Q(status__in=statuses) | Exists(unfit))
    if with_passed_over:
        decided = Match.objects.filter(Q(status__in=[*statuses, Match.Status.PASSED]) | Exists(unfit))
    if matches is not None:
        decided = decided.filter(pk__in=matches.values("pk"))
    rows = Decision.objects.not_undone().filter(match__in=decided)
    rows = rows.feedback() | rows.filter(kind=Decision.Kind.PASS) if with_passed_over else rows.feedback()
    return rows.order_by("match_id", "-made_at", "-pk").distinct("match_id")


def near_duplicate_groups(demand_ids) -> dict[int, int]:
    """Return {demand: group} of near-duplicates among the given demands."""
    from matching.engine.near_duplicates import NearDuplicates  # imports NumPy and SciPy

    items = list(demand_items(Demand.objects.filter(pk__in=demand_ids).order_by("pk")))
    return dict(zip((item.id for item in items), NearDuplicates(items).groups(), strict=True))


def training_examples(engine: str, *, for_levels: bool = False) -> "list[Example]":
    """Return the decisions on scores of this engine.

    `for_levels`: also those with UNINFORMATIVE_REASONS, because a level predicts acceptance, whatever the reason, and
    those passed over, which were shown and not accepted: without them every level would look better than it is. Being
    passed over says nothing about the order, so a ranker does not learn from it.
    """
    from matching.engine.ranker import Example  # imports NumPy

    rows = latest_verdicts(with_passed_over=for_levels).filter(engine=engine).select_related("match")
    if for_levels:  # what a reader has chosen is accepted more often than its score says
        read = DemandReading.objects.filter(run=OuterRef("run"), demand=OuterRef("match__demand"), outcome="read")
        rows = rows.exclude(Exists(read))
    rows = [row for row in rows if for_levels or row.reason not in UNINFORMATIVE_REASONS]
    groups = near_duplicate_groups({row.match.demand_id for row in rows})
    return [
        Example(
            score=prior_score(row.features.get("parts", {}), row.score),
            parts=row.features.get("parts", {}),
            facts=row.features.get("facts", {}),
            accepted=row.is_acceptance,
            group=groups[row.match.demand_id],
            reviewer=row.by_id,
        )
        for row in rows
    ]


def prior_score(parts: dict, score: float) -> float:
    """Return the prior's score 0–100. Matches of early versions have no part `prior`; their score is the prior's."""
    return 100 * parts["prior"] if "prior" in parts else score
