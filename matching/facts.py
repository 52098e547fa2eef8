"""Achievement and need as the engine's plain facts compare them."""

import re
from datetime import date
from functools import lru_cache

from achievements.models import Achievement
from demands.models import Demand
from matching.engine import facts, indicators
from taxonomy.models import EXCLUSIVE_PATTERN, IndicatorBase, MaturityBucket, TransferWay

STAGES = dict(zip(MaturityBucket.values, facts.STAGES, strict=True))
STAGES |= {"early": "小试", "middle": "中试", "mature": "产业化"}
"""The engine's word for a bucket, or for the coarser stage of an achievement without a maturity level."""

_READY = (
    "(?:产业化|规模化|工业化|批量)(?:应用|生产)(?:的|过的)?(?:成熟)?(?:技术|工艺|方案|产品|设备)|有(?:成功)?(?:应用)?案例|"
    "成熟可靠|成熟的?(?:技术|工艺|方案|产品|设备)|拿来就能用|(?:能|可|可以|能够)直接(?:投产|使用|应用)"
)
_DONE = "(?:完成|通过|经过|做过)(?:了)?"
_WANTED_STAGE = (
    ("产业化", re.compile(_READY)),
    ("中试", re.compile(f"(?:中试|中间试验)(?:及|或)?以上|{_DONE}中试")),
    ("小试", re.compile(f"小试(?:及|或)?以上|{_DONE}小试")),
)


def compare(achievement: Achievement, demand: Demand, regions: dict[int, str], today: date) -> list[facts.Fact]:
    """The seven facts of a pair. `regions` gives names by primary key; `today`: from when a need's period is counted.

    Reads `achievement.institution`, `demand.firm` and both `indicators`: select and prefetch them.
    """
    return facts.compare(offer_of(achievement, regions), need_of(demand, regions, today))


def offer_of(achievement: Achievement, regions: dict[int, str]) -> facts.Offer:
    ways = set(achievement.transfer_ways)
    return facts.Offer(
        stage=STAGES.get(achievement.maturity_bucket or achievement.stage),
        ways=frozenset(achievement.way_labels),
        unwilling=achievement.willingness == Achievement.Willingness.UNWILLING,
        price_wan=achievement.price_min_wan if achievement.price_min_wan is not None else achievement.price_max_wan,
        price_negotiable=achievement.price_min_wan is None and achievement.price_max_wan is None,
        district=regions.get(achievement.institution.stat_region_id),
        licensed_to_others=bool(achievement.transferred_note.strip()),
        assignable=bool(ways & {TransferWay.ASSIGNMENT, TransferWay.EQUITY}),
        indicators=_indicators(achievement),
    )


def need_of(demand: Demand, regions: dict[int, str], today: date) -> facts.Need:
    text = f"{demand.title}\n{demand.problem}\n{demand.goal}"
    return facts.Need(
        stage=wanted_stage(text),
        ways=frozenset(demand.way_labels),
        budget_min_wan=demand.budget_min_wan,
        budget_max_wan=demand.budget_max_wan,
        budget_negotiable=demand.budget_min_wan is None and demand.budget_max_wan is None,
        period=demand.period_text,
        months_left=(demand.period_end - today).days / 30.4 if demand.period_end else None,
        district=regions.get(demand.firm.stat_region_id),
        wants_exclusive=bool(re.search(EXCLUSIVE_PATTERN, text)),
        indicators=_indicators(demand) or _of_text(demand.goal),
    )


def need_of_text(text: str) -> facts.Need:
    """A need of which there is nothing but a text (试配)."""
    return facts.Need(
        stage=wanted_stage(text), wants_exclusive=bool(re.search(EXCLUSIVE_PATTERN, text)), indicators=_of_text(text)
    )


def wanted_stage(text: str) -> str | None:
    """The least stage a need's text asks for in so many words (需中试以上, 要成熟技术), None where it does not."""
    return next((stage for stage, words in _WANTED_STAGE if words.search(text)), None)


def _indicators(row) -> tuple[indicators.Indicator, ...]:
    return tuple(
        _of_row(one.name, one.comparison, one.value, one.value_to, one.unit, one.condition, _original(one))
        for one in row.indicators.all()
    )


def _original(one: IndicatorBase) -> str:
    return f"{one}（{one.condition}）" if one.condition else str(one)


@lru_cache(maxsize=50_000)
def _of_row(*columns: str) -> indicators.Indicator:
    return indicators.of_row(*columns)


@lru_cache(maxsize=5_000)
def _of_text(goal: str) -> tuple[indicators.Indicator, ...]:
    """What a need without rows asks for in its goal: named figures only."""
    return tuple(one for one in indicators.read(goal) if len(one.name) >= 2 and one.comparison != "eq")
