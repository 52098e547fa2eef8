"""Facts of achievements and demands for the engine."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any

from achievements.models import Achievement
from achievements.stated_limits import limit_lines
from demands.models import Demand
from matching.engine import facts, indicators
from taxonomy.models import EXCLUSIVE_PATTERN, IndicatorBase, MaturityBucket, TransferWay

STAGES = dict(zip(MaturityBucket.values, facts.STAGES, strict=True))
STAGES |= {"early": "小试", "middle": "中试", "mature": "产业化"}
"""The engine's stage for a maturity bucket, or for the coarser stage of an achievement without maturity level."""

_EXCLUSIVE_WAYS = frozenset({TransferWay.ASSIGNMENT, TransferWay.EQUITY})

TEXT_FIELDS = ("summary", "innovation", "scenario", "economics", "maturity_evidence")

_INDUSTRIAL_STAGE = (
    "(?:产业化|规模化|工业化|批量)(?:应用|生产)(?:的|过的)?(?:成熟)?(?:技术|工艺|方案|产品|设备)|有(?:成功)?(?:应用)?案例|"
    "成熟可靠|成熟的?(?:技术|工艺|方案|产品|设备)|拿来就能用|(?:能|可|可以|能够)直接(?:投产|使用|应用)"
)
_COMPLETED = "(?:完成|通过|经过|做过)(?:了)?"
_REQUIRED_STAGE = (
    ("产业化", re.compile(_INDUSTRIAL_STAGE)),
    ("中试", re.compile(f"(?:中试|中间试验)(?:及|或)?以上|{_COMPLETED}中试")),
    ("小试", re.compile(f"小试(?:及|或)?以上|{_COMPLETED}小试")),
)


def compare_pair(achievement: Achievement, demand: Demand, regions: Mapping[int, str], today: date) -> list[facts.Fact]:
    """Return the seven facts of a pair.

    `regions`: names of regions by primary key; `today`: the day from which the demand's period is counted. Reads
    `achievement.institution`, `demand.firm` and both `indicators`: select and prefetch them.
    """
    return facts.compare_facts(achievement_facts(achievement, regions), demand_facts(demand, regions, today))


def achievement_facts(achievement: Achievement, regions: Mapping[int, str]) -> facts.AchievementFacts:
    district = regions.get(achievement.institution.stat_region_id)
    return facts_of_columns(achievement, district, indicators_of_rows(achievement.indicators.all()))


def facts_of_columns(
    row: Any, district: str | None, indicators: tuple[indicators.Indicator, ...]
) -> facts.AchievementFacts:
    """Return the facts of an achievement, or of a row with the same columns."""
    ways = set(row.transfer_ways)
    return facts.AchievementFacts(
        stage=STAGES.get(row.maturity_bucket or row.stage),
        ways=_way_labels(tuple(row.transfer_ways)),
        unwilling=row.willingness == Achievement.Willingness.UNWILLING,
        price_wan=row.price_min_wan if row.price_min_wan is not None else row.price_max_wan,
        price_negotiable=row.price_min_wan is None and row.price_max_wan is None,
        district=district,
        licensed_to_others=bool(row.transferred_note.strip()),
        assignable=not ways.isdisjoint(_EXCLUSIVE_WAYS),
        indicators=indicators,
        title=row.title,
        texts=achievement_texts(row),
        limits=tuple(limit_lines(row.limits)),
    )


@lru_cache(maxsize=1000)
def _way_labels(ways: tuple[str, ...]) -> frozenset[str]:
    return frozenset(str(TransferWay(way).label) for way in ways)


def achievement_texts(row: Any) -> tuple[tuple[str, str], ...]:
    """Return the text fields in which values and limits are looked for, each with its label."""
    return tuple((label, text) for field, label in _text_labels() if (text := getattr(row, field)))


@cache
def _text_labels() -> tuple[tuple[str, str], ...]:
    return tuple((field, str(Achievement._meta.get_field(field).verbose_name)) for field in TEXT_FIELDS)


def demand_facts(demand: Demand, regions: Mapping[int, str], today: date) -> facts.DemandFacts:
    text = f"{demand.title}\n{demand.problem}\n{demand.goal}"
    return facts.DemandFacts(
        stage=required_stage(text),
        ways=frozenset(demand.way_labels),
        budget_min_wan=demand.budget_min_wan,
        budget_max_wan=demand.budget_max_wan,
        budget_negotiable=demand.budget_min_wan is None and demand.budget_max_wan is None,
        period=demand.period_text,
        months_left=(demand.period_end - today).days / 30.4 if demand.period_end else None,
        district=regions.get(demand.firm.stat_region_id),
        wants_exclusive=bool(re.search(EXCLUSIVE_PATTERN, text)),
        indicators=indicators_of_rows(demand.indicators.all()) or _indicators_from_text(demand.goal),
        text=text,
    )


def demand_facts_from_text(text: str) -> facts.DemandFacts:
    """Return the facts of a demand that is only a text (试配)."""
    return facts.DemandFacts(
        stage=required_stage(text),
        wants_exclusive=bool(re.search(EXCLUSIVE_PATTERN, text)),
        indicators=_indicators_from_text(text),
        text=text,
    )


def required_stage(text: str) -> str | None:
    """Return the lowest stage that a demand's text requires (需中试以上, 要成熟技术), or None."""
    return next((stage for stage, pattern in _REQUIRED_STAGE if pattern.search(text)), None)


def indicators_of_rows(rows: Iterable[IndicatorBase]) -> tuple[indicators.Indicator, ...]:
    return tuple(
        _indicator_from_row(
            indicator.name,
            indicator.comparison,
            indicator.value,
            indicator.value_to,
            indicator.unit,
            indicator.condition,
            _original(indicator),
        )
        for indicator in rows
    )


def _original(indicator: IndicatorBase) -> str:
    return f"{indicator}（{indicator.condition}）" if indicator.condition else str(indicator)


@lru_cache(maxsize=50_000)
def _indicator_from_row(*columns: str) -> indicators.Indicator:
    return indicators.indicator_from_row(*columns)


@lru_cache(maxsize=5_000)
def _indicators_from_text(text: str) -> tuple[indicators.Indicator, ...]:
    """Return the indicators of a demand without indicator rows: those of its text with a name and a comparison."""
    return indicators.requirements_in_text(text)
