"""Achievement and need as the engine's plain facts compare them."""

from achievements.models import Achievement
from demands.models import Demand
from matching.engine import facts
from taxonomy.models import MaturityBucket

STAGES = dict(zip(MaturityBucket.values, facts.STAGES, strict=True))
STAGES |= {"early": "小试", "middle": "中试", "mature": "产业化"}
"""The engine's word for a bucket, or for the coarser stage of an achievement without a maturity level."""


def compare(achievement: Achievement, demand: Demand, regions: dict[int, str]) -> list[facts.Fact]:
    """The five facts of a pair: stage, ways, price, district, indicators. `regions` gives names by primary key.

    Reads `achievement.institution`, `demand.firm` and both `indicators`: select and prefetch them.
    """
    offer = facts.Offer(
        stage=STAGES.get(achievement.maturity_bucket or achievement.stage),
        ways=frozenset(achievement.way_labels),
        price_wan=achievement.price_min_wan if achievement.price_min_wan is not None else achievement.price_max_wan,
        price_negotiable=achievement.price_min_wan is None and achievement.price_max_wan is None,
        district=regions.get(achievement.institution.stat_region_id),
        indicators=_indicators(achievement),
    )
    need = facts.Need(
        ways=frozenset(demand.way_labels),
        budget_min_wan=demand.budget_min_wan,
        budget_max_wan=demand.budget_max_wan,
        budget_negotiable=demand.budget_min_wan is None and demand.budget_max_wan is None,
        district=regions.get(demand.firm.stat_region_id),
        indicators=_indicators(demand),
    )
    return facts.compare(offer, need)


def _indicators(row) -> tuple[facts.Indicator, ...]:
    return tuple(facts.Indicator(indicator.name, indicator.text) for indicator in row.indicators.all())
