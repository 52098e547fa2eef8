"""Plain facts beside the words: stage, way of cooperation, price, district, indicators in common.

Each fact is one sentence and a verdict: `fits`, `talk` (needs talking), `contradicts`, `unknown` (a side is silent).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypedDict

from matching.engine.text import HAN, normalise

# The common buckets of maturity, in order.
STAGES = ("概念", "小试", "中试", "产业化")
# Dearer than the budget by up to this share can be talked over.
TALKABLE_EXCESS = Decimal("0.5")

Verdict = Literal["fits", "talk", "contradicts", "unknown"]


class Fact(TypedDict):
    kind: str
    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """A quantity by its name (抗拉强度) and as the side wrote it (抗拉强度≥600 MPa)."""

    name: str
    original: str


@dataclass(frozen=True, slots=True)
class Offer:
    """What an achievement says. Money in 万元; `None` or empty: says nothing."""

    stage: str | None = None
    ways: frozenset[str] = frozenset()
    price_wan: Decimal | None = None
    price_negotiable: bool = False
    district: str | None = None
    indicators: tuple[Indicator, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """What a need says. `stage`: the least it accepts. Money in 万元; `None` or empty: says nothing."""

    stage: str | None = None
    ways: frozenset[str] = frozenset()
    budget_min_wan: Decimal | None = None
    budget_max_wan: Decimal | None = None
    budget_negotiable: bool = False
    district: str | None = None
    indicators: tuple[Indicator, ...] = ()


def compare(offer: Offer, need: Need) -> list[Fact]:
    """All facts of a pair, always the same five kinds in the same order."""
    return [
        compare_stage(offer.stage, need.stage),
        compare_ways(offer.ways, need.ways),
        compare_price(offer, need),
        compare_district(offer.district, need.district),
        compare_indicators(offer.indicators, need.indicators),
    ]


def compare_stage(reached: str | None, wanted: str | None) -> Fact:
    if reached not in STAGES:
        return _fact("stage", "unknown", "成果未说明所处阶段")
    if wanted not in STAGES:
        return _fact("stage", "unknown", f"成果处于{reached}阶段，需求未说明所需阶段")
    missing = STAGES.index(wanted) - STAGES.index(reached)
    if missing <= 0:
        return _fact("stage", "fits", f"成果处于{reached}阶段，达到需求的{wanted}要求")
    verdict = "talk" if missing == 1 else "contradicts"
    return _fact("stage", verdict, f"成果处于{reached}阶段，需求要求{wanted}，还差{'一二三'[missing - 1]}级")


def compare_ways(offered: Iterable[str], wanted: Iterable[str]) -> Fact:
    offered, wanted = sorted(offered), sorted(wanted)
    if not offered or not wanted:
        side = "双方" if not offered and not wanted else "需求方" if offered else "成果方"
        return _fact("ways", "unknown", f"{side}未说明合作方式")
    if both := [way for way in wanted if way in offered]:
        return _fact("ways", "fits", f"双方都接受{'、'.join(both)}")
    return _fact("ways", "talk", f"成果方希望{'、'.join(offered)}，需求方希望{'、'.join(wanted)}，合作方式需商谈")


def compare_price(offer: Offer, need: Need) -> Fact:
    if offer.price_negotiable or need.budget_negotiable:
        sides = (("成果价格", offer.price_negotiable), ("需求预算", need.budget_negotiable))
        return _fact("price", "talk", "、".join(side for side, negotiable in sides if negotiable) + "面议")
    if offer.price_wan is None:
        return _fact("price", "unknown", "成果未说明意向价格")
    verdict, place = _against_budget(offer.price_wan, need.budget_min_wan, need.budget_max_wan)
    return _fact("price", verdict, f"意向价格 {_money(offer.price_wan)} 万元，{place}")


def _against_budget(price: Decimal, low: Decimal | None, high: Decimal | None) -> tuple[Verdict, str]:
    if high is None:
        if low is None:
            return "unknown", "需求未说明预算"
        return (
            ("fits", f"不高于预算起点 {_money(low)} 万元") if price <= low else ("talk", f"预算为 {_money(low)} 万元起")
        )
    if price > high:
        excess = (price - high) / high if high else Decimal("Infinity")
        share = f" {excess:.0%}" if Decimal("0.005") < excess < 10 else ""
        return "talk" if excess <= TALKABLE_EXCESS else "contradicts", f"高于预算上限 {_money(high)} 万元{share}"
    if low is None or low == high:
        return "fits", f"不超过预算 {_money(high)} 万元"
    budget = f"预算 {_money(low)}–{_money(high)} 万元"
    return "fits", f"在{budget}之内" if price >= low else f"低于{budget}"


def compare_district(offered: str | None, wanted: str | None) -> Fact:
    if not offered or not wanted:
        side = "双方" if not offered and not wanted else "需求方" if offered else "成果方"
        return _fact("district", "unknown", f"{side}未登记所在区市县")
    if offered == wanted:
        return _fact("district", "fits", f"双方同在{wanted}")
    return _fact("district", "talk", f"成果方在{offered}，需求方在{wanted}")


def compare_indicators(offered: Sequence[Indicator], wanted: Sequence[Indicator]) -> Fact:
    """Which names both sides use; values are put side by side, not compared."""
    if not offered or not wanted:
        side = "双方" if not offered and not wanted else "需求" if offered else "成果"
        return _fact("indicators", "unknown", f"{side}未列技术指标")
    if not (both := indicators_in_common(offered, wanted)):
        return _fact("indicators", "unknown", "双方没有同名指标")
    shown = "；".join(f"{need.name}（需求：{need.original}；成果：{offer.original}）" for offer, need in both)
    return _fact("indicators", "talk", f"共有指标 {len(both)} 项，请核对数值：{shown}")


def indicators_in_common(
    offered: Sequence[Indicator], wanted: Sequence[Indicator]
) -> list[tuple[Indicator, Indicator]]:
    """Pairs (of the achievement, of the need) whose names are equal, or one within the other, in order of the need.

    Each is used once, equal names first. Spaces, signs and letter case do not count.
    """
    free = list(offered)
    found: dict[int, tuple[Indicator, Indicator]] = {}
    for same in (_equal, _within):
        for place, need in enumerate(wanted):
            partner = next((one for one in free if same(_plain(one.name), _plain(need.name))), None)
            if place not in found and partner is not None:
                found[place] = partner, need
                free.remove(partner)
    return [found[place] for place in sorted(found)]


def _equal(one: str, other: str) -> bool:
    return one == other != ""


def _within(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= 2 and (one in other or other in one)


def _plain(name: str) -> str:
    return re.sub(f"[^{HAN}a-z0-9]", "", normalise(name))


def _money(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _fact(kind: str, verdict: Verdict, sentence: str) -> Fact:
    return {"kind": kind, "verdict": verdict, "sentence": sentence}
