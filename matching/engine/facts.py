"""Plain facts beside the words: stage, way of cooperation, price, period, district, exclusivity, indicators.

Each fact is one sentence and a verdict: `fits`, `talk` (needs talking), `contradicts`, `unknown` (a side is silent).
`brief` is the same in a few words, for the verdict sentence of a match; empty where there is nothing to say.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NotRequired, TypedDict

from matching.engine.indicators import Indicator, Row, compare_all

# The common buckets of maturity, in order.
STAGES = ("概念", "小试", "中试", "产业化")
# Dearer than the budget by up to this share can be talked over.
TALKABLE_EXCESS = Decimal("0.5")
# Months that work of a stage usually still takes until a firm can use it: (comfortable, hardly possible).
MONTHS_TO_USE = {"概念": (36, 18), "小试": (18, 9), "中试": (9, 4), "产业化": (2, 0)}
# So many names of indicators stand in a brief; the others are counted.
NAMED = 2

Verdict = Literal["fits", "talk", "contradicts", "unknown"]


class Fact(TypedDict):
    kind: str
    verdict: Verdict
    sentence: str
    brief: NotRequired[str]  # matches proposed before there were briefs have none
    rows: NotRequired[list[Row]]  # only of indicators


@dataclass(frozen=True, slots=True)
class Offer:
    """What an achievement says. Money in 万元; `None` or empty: says nothing.

    `licensed_to_others`: somebody uses it already. `assignable`: it can be had for oneself alone (转让, 作价入股).
    """

    stage: str | None = None
    ways: frozenset[str] = frozenset()
    unwilling: bool = False
    price_wan: Decimal | None = None
    price_negotiable: bool = False
    district: str | None = None
    licensed_to_others: bool = False
    assignable: bool = False
    indicators: tuple[Indicator, ...] = ()


@dataclass(frozen=True, slots=True)
class Need:
    """What a need says. `stage`: the least it accepts. Money in 万元; `None` or empty: says nothing.

    `months_left`: until the end of its period, counted from the day of the run; `period`: as it was written.
    """

    stage: str | None = None
    ways: frozenset[str] = frozenset()
    budget_min_wan: Decimal | None = None
    budget_max_wan: Decimal | None = None
    budget_negotiable: bool = False
    period: str = ""
    months_left: float | None = None
    district: str | None = None
    wants_exclusive: bool = False
    indicators: tuple[Indicator, ...] = ()


def compare(offer: Offer, need: Need) -> list[Fact]:
    """All facts of a pair, always the same seven kinds in the same order."""
    return [
        compare_indicators(offer.indicators, need.indicators),
        compare_stage(offer.stage, need.stage),
        compare_price(offer, need),
        compare_ways(offer.ways, need.ways, unwilling=offer.unwilling),
        compare_period(offer.stage, need.months_left, need.period),
        compare_exclusivity(offer, need),
        compare_district(offer.district, need.district),
    ]


def compare_stage(reached: str | None, wanted: str | None) -> Fact:
    if reached not in STAGES:
        return _fact("stage", "unknown", "成果未说明所处阶段")
    if wanted not in STAGES:
        return _fact("stage", "unknown", f"成果处于{reached}阶段，需求未说明所需阶段", f"目前{reached}")
    missing = STAGES.index(wanted) - STAGES.index(reached)
    if missing <= 0:
        return _fact("stage", "fits", f"成果处于{reached}阶段，达到需求的{wanted}要求", f"已到{reached}")
    verdict = "talk" if missing == 1 else "contradicts"
    sentence = f"成果处于{reached}阶段，需求要求{wanted}，还差{'一二三'[missing - 1]}级"
    return _fact("stage", verdict, sentence, f"目前{reached}，需求要求{wanted}")


def compare_ways(offered: Iterable[str], wanted: Iterable[str], *, unwilling: bool = False) -> Fact:
    if unwilling:
        return _fact("ways", "contradicts", "成果方填写“暂无转化意愿”", "成果方暂无转化意愿")
    offered, wanted = sorted(offered), sorted(wanted)
    if not offered or not wanted:
        side = "双方" if not offered and not wanted else "需求方" if offered else "成果方"
        return _fact("ways", "unknown", f"{side}未说明合作方式")
    if both := [way for way in wanted if way in offered]:
        return _fact("ways", "fits", f"双方都接受{'、'.join(both)}", f"都接受{both[0]}")
    sentence = f"成果方希望{'、'.join(offered)}，需求方希望{'、'.join(wanted)}，合作方式需商谈"
    return _fact("ways", "talk", sentence, "合作方式需商谈")


def compare_price(offer: Offer, need: Need) -> Fact:
    if offer.price_negotiable or need.budget_negotiable:
        sides = (("成果价格", offer.price_negotiable), ("需求预算", need.budget_negotiable))
        said = "、".join(side for side, negotiable in sides if negotiable) + "面议"
        return _fact("price", "talk", said, said.removeprefix("成果"))
    if offer.price_wan is None:
        return _fact("price", "unknown", "成果未说明意向价格")
    verdict, place, brief = _against_budget(offer.price_wan, need.budget_min_wan, need.budget_max_wan)
    return _fact("price", verdict, f"意向价格 {_money(offer.price_wan)} 万元，{place}", brief)


def _against_budget(price: Decimal, low: Decimal | None, high: Decimal | None) -> tuple[Verdict, str, str]:
    """The verdict, what is said of the price, and the same in brief."""
    if high is None:
        if low is None:
            return "unknown", "需求未说明预算", ""
        if price <= low:
            return "fits", f"不高于预算起点 {_money(low)} 万元", "价格在预算内"
        return "talk", f"预算为 {_money(low)} 万元起", "价格高于预算起点"
    if price > high:
        excess = (price - high) / high if high else Decimal("Infinity")
        share = f" {excess:.0%}" if Decimal("0.005") < excess < 10 else ""
        verdict = "talk" if excess <= TALKABLE_EXCESS else "contradicts"
        return verdict, f"高于预算上限 {_money(high)} 万元{share}", f"价格高于预算{share}"
    if low is None or low == high:
        return "fits", f"不超过预算 {_money(high)} 万元", "价格在预算内"
    budget = f"预算 {_money(low)}–{_money(high)} 万元"
    return "fits", f"在{budget}之内" if price >= low else f"低于{budget}", "价格在预算内"


def compare_period(reached: str | None, months_left: float | None, period: str = "") -> Fact:
    """Whether work of this stage can usually be in use before the need's period ends (MONTHS_TO_USE)."""
    if months_left is None:
        said = f"需求时限为“{period}”，没有写明截止时间" if period else "需求未说明时限"
        return _fact("period", "unknown", said)
    if months_left <= 0:
        return _fact("period", "talk", "需求写的时限已过，请确认是否仍需要", "需求时限已过")
    left = f"离需求时限还有约 {max(1, round(months_left))} 个月"
    if reached not in STAGES:
        return _fact("period", "unknown", f"{left}，成果未说明所处阶段")
    comfortable, hardly = MONTHS_TO_USE[reached]
    stage = f"成果处于{reached}阶段"
    if months_left >= comfortable:
        return _fact("period", "fits", f"{left}，{stage}，时间够用")
    if months_left >= hardly:
        return _fact("period", "talk", f"{left}，{stage}，时间偏紧，需商定进度", "时限偏紧")
    return _fact("period", "contradicts", f"{left}，{stage}，按常情来不及", "按时限来不及")


def compare_exclusivity(offer: Offer, need: Need) -> Fact:
    if not need.wants_exclusive:
        said = "成果已许可他人使用，需求未要求独家" if offer.licensed_to_others else "需求未要求独家使用"
        return _fact("exclusivity", "unknown", said)
    if offer.licensed_to_others:
        return _fact(
            "exclusivity", "contradicts", "需求要求独家使用，成果已许可或转让给他人", "成果已有他人使用，不能独家"
        )
    if offer.assignable:
        return _fact("exclusivity", "fits", "需求要求独家使用，成果方接受转让或作价入股", "可独家取得")
    return _fact("exclusivity", "talk", "需求要求独家使用，成果方未说明，需商谈", "能否独家需商谈")


def compare_district(offered: str | None, wanted: str | None) -> Fact:
    if not offered or not wanted:
        side = "双方" if not offered and not wanted else "需求方" if offered else "成果方"
        return _fact("district", "unknown", f"{side}未登记所在区市县")
    if offered == wanted:
        return _fact("district", "fits", f"双方同在{wanted}", f"同在{wanted}")
    return _fact("district", "talk", f"成果方在{offered}，需求方在{wanted}")


def compare_indicators(offered: Sequence[Indicator], wanted: Sequence[Indicator]) -> Fact:
    """The need's indicators one by one, both originals side by side in `rows`.

    fits: some reached and none missed. talk: as many reached as missed, or more. contradicts: most are missed.
    """
    if not wanted:
        return _fact("indicators", "unknown", "需求未列技术指标" if offered else "双方未列技术指标")
    rows = compare_all(offered, wanted)
    names = {result: [row["name"] for row in rows if row["result"] == result] for result in _SAID}
    if not offered:
        sentence = f"需求列出 {len(rows)} 项指标，成果未列技术指标"
    else:
        counts = "，".join(f"{len(names[result])} 项{said}" for result, said in _SAID.items() if names[result])
        sentence = f"需求列出 {len(rows)} 项指标：{counts}"
    met, missed = len(names["met"]), len(names["missed"])
    verdict = "unknown" if not met + missed else "fits" if not missed else "talk" if met >= missed else "contradicts"
    brief = "，".join(
        _named(names[result], said) for result, said in _SAID.items() if names[result] and result in _TOLD
    )
    return {**_fact("indicators", verdict, sentence, brief), "rows": rows}


_SAID = {"met": "满足", "missed": "未达", "unstated": "未说明", "incomparable": "无法比较"}
_TOLD = {"met", "missed"}


def _named(names: list[str], said: str) -> str:
    """耐温、拉伸强度满足; with more than NAMED of them 耐温、拉伸强度等 4 项满足; without names 3 项指标满足."""
    shown = [name for name in names if name][:NAMED]
    if not shown:
        return f"{len(names)} 项指标{said}"
    more = f"等 {len(names)} 项" if len(names) > len(shown) else ""
    return f"{'、'.join(shown)}{more}{said}"


def _money(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _fact(kind: str, verdict: Verdict, sentence: str, brief: str = "") -> Fact:
    return {"kind": kind, "verdict": verdict, "sentence": sentence, "brief": brief}
