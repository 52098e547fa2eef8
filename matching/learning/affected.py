"""Which demands an effect reaches, and what it reads of an achievement."""

from typing import Any

from demands.models import Demand
from matching.engine.decision_effects import AchievementAttributes
from matching.facts import STAGES
from matching.items import demand_items


def achievement_attributes(achievement: Any) -> AchievementAttributes:
    """Read the attributes of an `Achievement` or of a row with the same columns."""
    price = achievement.price_min_wan if achievement.price_min_wan is not None else achievement.price_max_wan
    return AchievementAttributes(
        achievement=achievement.pk,
        stage=STAGES.get(achievement.maturity_bucket or achievement.stage),
        price_wan=None if price is None else float(price),
        industry=achievement.industry_id,
        institution=achievement.institution_id,
    )


def affected_demands(demand_ids: list[int], sources: list[int]) -> dict[int, list[int]]:
    """Return {source: demands}: for each demand of a decision itself and its near-duplicates among `demand_ids`."""
    from matching.engine.near_duplicates import NearDuplicates  # imports NumPy and SciPy

    items = {item.id: item for item in demand_items(Demand.objects.filter(pk__in={*demand_ids, *sources}))}
    demand_ids = [demand for demand in demand_ids if demand in items]
    near_duplicates = NearDuplicates([items[demand] for demand in demand_ids])
    similarities = near_duplicates.similarities_to([items[source] for source in sources]).tocoo()
    affected: dict[int, list[int]] = {source: [source] for source in sources}
    for row, column in zip(similarities.row, similarities.col, strict=True):
        if demand_ids[column] != sources[row]:
            affected[sources[row]].append(demand_ids[column])
    return affected
