"""Decisions as examples to learn from: each with what the engine said of the pair when it was decided."""

from django.db.models import Exists, OuterRef, Q

from demands.models import Demand
from matching.engine.ranker import Example
from matching.engine.twins import Likeness
from matching.items import demand_items
from matching.models import Decision, Match

SAYS_NOTHING = {Match.RejectReason.HAS_SUPPLIER}
"""A firm that has a supplier says nothing about how well the achievement would have fitted."""


def verdicts_that_stand(matches=None):
    """The last verdict of each match that is decided now, doubles left out, or what its sides found when they met
    since; in order of the match."""
    unfit = Decision.objects.not_undone().filter(kind=Decision.Kind.UNFIT, match=OuterRef("pk"))
    decided = Match.objects.filter(Q(status__in=[Match.Status.ACCEPTED, Match.Status.REJECTED]) | Exists(unfit))
    if matches is not None:
        decided = decided.filter(pk__in=matches.values("pk"))
    rows = Decision.objects.not_undone().feedback().filter(match__in=decided)
    return rows.order_by("match_id", "-made_at", "-pk").distinct("match_id")


def near_copies(demand_ids) -> dict[int, int]:
    """Near-copies among these needs share a number: {need: number}."""
    items = list(demand_items(Demand.objects.filter(pk__in=demand_ids).order_by("pk")))
    return dict(zip((item.id for item in items), Likeness(items).groups(), strict=True))


def examples_of(engine: str, *, for_levels: bool = False) -> list[Example]:
    """Everything decided on scores of this engine. `for_levels`: also what says nothing about fitting, since a level
    promises that staff accept, for whatever reason they may not."""
    rows = verdicts_that_stand().filter(engine=engine).select_related("match")
    rows = [row for row in rows if for_levels or row.reason not in SAYS_NOTHING]
    groups = near_copies({row.match.demand_id for row in rows})
    return [
        Example(
            score=prior_of(row.features.get("parts", {}), row.score),
            parts=row.features.get("parts", {}),
            facts=row.features.get("facts", {}),
            accepted=row.is_acceptance,
            group=groups[row.match.demand_id],
            officer=row.by_id,
        )
        for row in rows
    ]


def prior_of(parts: dict, score: float) -> float:
    """The score 0–100 before anything learned moved it; matches from before that was kept have none other."""
    return 100 * parts["prior"] if "prior" in parts else score
