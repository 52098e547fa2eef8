"""Facts of a pair: indicators, stage, price, way of cooperation, period, exclusivity, district, and limits.

A fact is a sentence with a verdict: `fits`, `talk` (has to be discussed), `contradicts` or `unknown` (a side does not
state it). `brief` is a short form for the explanation of a match; it is empty if there is nothing to state.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NotRequired, TypedDict

from matching.engine.indicators import Indicator, IndicatorComparison, compare_indicator_lists, values_in_text
from matching.engine.indicators.quantity_names import is_bare_quantity
from matching.engine.indicators.text_values import USE
from matching.engine.limits import (
    Limit,
    find_limits,
    find_registered_limits,
    limit_brief,
    limit_sentence,
    normalised,
)
from matching.engine.noun_phrases import common_noun_phrases, is_generic, noun_phrases

STAGES = ("概念", "小试", "中试", "产业化")
"""Stages of maturity in ascending order."""
NEGOTIABLE_EXCESS = Decimal("0.5")
"""A price above the budget by at most this share has to be discussed, a higher one contradicts."""
MONTHS_TO_USE = {"概念": (36, 18), "小试": (18, 9), "中试": (9, 4), "产业化": (2, 0)}
"""Months until a firm can use work of a stage: (comfortable, minimum)."""
REGISTERED_LIMITS = "适用边界"
"""The name by which readers know the field."""
MAX_NAMED_INDICATORS = 2
"""A brief names at most this many indicators and counts the others."""

COMMON_NOUNS, COMMON_NOUNS_WITHOUT_TITLE, MIN_NOUNS = 3, 4, 2
"""Two texts with the first number of nouns in common, one of which stands in a title, or with the second number are
about the same thing; with less than the third, they hardly have anything to do with each other."""

Verdict = Literal["fits", "talk", "contradicts", "unknown"]


class Fact(TypedDict):
    """One fact of a pair, as stored with a match."""

    kind: str
    verdict: Verdict
    sentence: str
    brief: NotRequired[str]  # missing in facts stored by early versions
    rows: NotRequired[list[IndicatorComparison]]  # only of indicators


@dataclass(frozen=True, slots=True)
class AchievementFacts:
    """What an achievement states. Money in 万元; `None` or empty: not stated.

    `licensed_to_others`: another organisation uses it. `assignable`: it can be acquired exclusively (转让, 作价入股).
    `texts`: its text fields, each with the name that readers know; values and limits in them are quoted. `limits`:
    lines of what it is not suited for, as its owner has registered them.
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
    title: str = ""
    texts: tuple[tuple[str, str], ...] = ()
    limits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DemandFacts:
    """What a demand states. Money in 万元; `None` or empty: not stated.

    `stage`: the lowest stage that is accepted; `period`: the period as written; `months_left`: months from the day of
    the run to the end of the period; `text`: title and texts, which limits of the achievement are compared with.
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
    text: str = ""


def compare_facts(achievement: AchievementFacts, demand: DemandFacts) -> list[Fact]:
    """Return the facts of a pair: seven kinds, always in the same order, then limits if the texts state any.

    What the owner has registered as a limit is a warning and has no weight: who says it must not stand behind others.
    """
    limits = find_limits(achievement.texts, demand.text, title=achievement.title) if demand.text else []
    facts = [
        compare_indicators(achievement, demand, limits),
        compare_stage(achievement.stage, demand.stage),
        compare_price(achievement, demand),
        compare_ways(achievement.ways, demand.ways, unwilling=achievement.unwilling),
        compare_period(achievement.stage, demand.months_left, demand.period),
        compare_exclusivity(achievement, demand),
        compare_district(achievement.district, demand.district),
    ]
    if limits:
        facts.append(limits_fact(limits))
    if demand.text and (
        registered := find_registered_limits(achievement.limits, REGISTERED_LIMITS, demand.text, limits)
    ):
        facts.append(limits_fact(registered, kind="registered_limits"))
    return facts


def limits_fact(limits: Sequence[Limit], *, kind: str = "limits") -> Fact:
    """Return the fact of the limits that the achievement states and that concern the demand."""
    verdict: Verdict = "contradicts" if any(limit.is_certain for limit in limits) else "talk"
    sentence = "；".join(limit_sentence(limit) for limit in limits)
    return _fact(kind, verdict, sentence, "、".join(limit_brief(limit) for limit in limits))


def compare_stage(reached: str | None, wanted: str | None) -> Fact:
    if reached not in STAGES:
        return _fact("stage", "unknown", "成果未说明所处阶段")
    if wanted not in STAGES:
        return _fact("stage", "unknown", f"成果处于{reached}阶段，需求未说明所需阶段", f"目前{reached}")
    missing = STAGES.index(wanted) - STAGES.index(reached)
    if missing <= 0:
        return _fact("stage", "fits", f"成果处于{reached}阶段，达到需求的{wanted}要求", f"已到{reached}")
    verdict: Verdict = "talk" if missing == 1 else "contradicts"
    sentence = f"成果处于{reached}阶段，需求要求{wanted}，还差{'一二三'[missing - 1]}级"
    return _fact("stage", verdict, sentence, f"目前{reached}，需求要求{wanted}")


def compare_ways(offered: Iterable[str], wanted: Iterable[str], *, unwilling: bool = False) -> Fact:
    if unwilling:
        return _fact("ways", "contradicts", "成果方填写“暂无转化意愿”", "成果方暂无转化意愿")
    offered_ways, wanted_ways = sorted(offered), sorted(wanted)
    if not offered_ways or not wanted_ways:
        side = "双方" if not offered_ways and not wanted_ways else "需求方" if offered_ways else "成果方"
        return _fact("ways", "unknown", f"{side}未说明合作方式")
    if both := [way for way in wanted_ways if way in offered_ways]:
        return _fact("ways", "fits", f"双方都接受{'、'.join(both)}", f"都接受{both[0]}")
    sentence = f"成果方希望{'、'.join(offered_ways)}，需求方希望{'、'.join(wanted_ways)}，合作方式需商谈"
    return _fact("ways", "talk", sentence, "合作方式需商谈")


def compare_price(achievement: AchievementFacts, demand: DemandFacts) -> Fact:
    if achievement.price_negotiable or demand.budget_negotiable:
        sides = (("成果价格", achievement.price_negotiable), ("需求预算", demand.budget_negotiable))
        sentence = "、".join(side for side, negotiable in sides if negotiable) + "面议"
        return _fact("price", "talk", sentence, sentence.removeprefix("成果"))
    if achievement.price_wan is None:
        return _fact("price", "unknown", "成果未说明意向价格")
    verdict, comparison, brief = _compare_with_budget(
        achievement.price_wan, demand.budget_min_wan, demand.budget_max_wan
    )
    return _fact("price", verdict, f"意向价格 {_money(achievement.price_wan)} 万元，{comparison}", brief)


def _compare_with_budget(price: Decimal, low: Decimal | None, high: Decimal | None) -> tuple[Verdict, str, str]:
    """Return the verdict, the second half of the sentence and the brief."""
    if high is None:
        if low is None:
            return "unknown", "需求未说明预算", ""
        if price <= low:
            return "fits", f"不高于预算起点 {_money(low)} 万元", "价格在预算内"
        return "talk", f"预算为 {_money(low)} 万元起", "价格高于预算起点"
    if price > high:
        excess = (price - high) / high if high else Decimal("Infinity")
        share = f" {excess:.0%}" if Decimal("0.005") < excess < 10 else ""
        verdict: Verdict = "talk" if excess <= NEGOTIABLE_EXCESS else "contradicts"
        return verdict, f"高于预算上限 {_money(high)} 万元{share}", f"价格高于预算{share}"
    if low is None or low == high:
        return "fits", f"不超过预算 {_money(high)} 万元", "价格在预算内"
    budget = f"预算 {_money(low)}–{_money(high)} 万元"
    return "fits", f"在{budget}之内" if price >= low else f"低于{budget}", "价格在预算内"


def compare_period(reached: str | None, months_left: float | None, period: str = "") -> Fact:
    """Compare the months left of the demand's period with MONTHS_TO_USE of the achievement's stage."""
    if months_left is None:
        sentence = f"需求时限为“{period}”，没有写明截止时间" if period else "需求未说明时限"
        return _fact("period", "unknown", sentence)
    if months_left <= 0:
        return _fact("period", "talk", "需求写的时限已过，请确认是否仍需要", "需求时限已过")
    left = f"离需求时限还有约 {max(1, round(months_left))} 个月"
    if reached not in STAGES:
        return _fact("period", "unknown", f"{left}，成果未说明所处阶段")
    comfortable, minimum = MONTHS_TO_USE[reached]
    stage = f"成果处于{reached}阶段"
    if months_left >= comfortable:
        return _fact("period", "fits", f"{left}，{stage}，时间够用")
    if months_left >= minimum:
        return _fact("period", "talk", f"{left}，{stage}，时间偏紧，需商定进度", "时限偏紧")
    return _fact("period", "contradicts", f"{left}，{stage}，按常情来不及", "按时限来不及")


def compare_exclusivity(achievement: AchievementFacts, demand: DemandFacts) -> Fact:
    if not demand.wants_exclusive:
        sentence = "成果已许可他人使用，需求未要求独家" if achievement.licensed_to_others else "需求未要求独家使用"
        return _fact("exclusivity", "unknown", sentence)
    if achievement.licensed_to_others:
        return _fact(
            "exclusivity", "contradicts", "需求要求独家使用，成果已许可或转让给他人", "成果已有他人使用，不能独家"
        )
    if achievement.assignable:
        return _fact("exclusivity", "fits", "需求要求独家使用，成果方接受转让或作价入股", "可独家取得")
    return _fact("exclusivity", "talk", "需求要求独家使用，成果方未说明，需商谈", "能否独家需商谈")


def compare_district(offered: str | None, wanted: str | None) -> Fact:
    if not offered or not wanted:
        side = "双方" if not offered and not wanted else "需求方" if offered else "成果方"
        return _fact("district", "unknown", f"{side}未登记所在区市县")
    if offered == wanted:
        return _fact("district", "fits", f"双方同在{wanted}", f"同在{wanted}")
    return _fact("district", "talk", f"成果方在{offered}，需求方在{wanted}")


def compare_indicators(achievement: AchievementFacts, demand: DemandFacts, limits: Sequence[Limit] = ()) -> Fact:
    """Compare each indicator of the demand; `rows` holds both originals.

    A result met becomes 待核对 if a certain limit concerns the demand, because the value may be that of what is not
    excluded, or if a quantity of nearly any object (检测时间) is met and the texts have too few nouns in common.

    Verdict: fits if some are met, none is missed, not more have to be checked, and there is no limit; contradicts if
    more are missed than met; talk otherwise, and unknown if nothing could be compared.
    """
    offered, wanted = achievement.indicators, demand.indicators
    if not wanted:
        return _fact("indicators", "unknown", "需求未列技术指标" if offered else "双方未列技术指标")
    values = [value for place, text in achievement.texts for value in values_in_text(text, place)]
    values += [value for value in values_in_text(_originals(offered), "技术指标") if value.indicator.name == USE]
    rows = compare_indicator_lists(offered, wanted, values, _both_texts(achievement, demand))
    if any(row["result"] in {"met", "partial", "check"} for row in rows):
        rows = _with_doubts(rows, achievement, demand, limits)
    names = {result: [row["name"] for row in rows if row["result"] == result] for result in RESULT_WORDS}
    if not offered and len(names["unstated"]) == len(rows):
        sentence = f"需求列出 {len(rows)} 项指标，成果未列技术指标"
    else:
        counts = "，".join(f"{len(names[result])} 项{word}" for result, word in RESULT_WORDS.items() if names[result])
        sentence = f"需求列出 {len(rows)} 项指标：{counts}"
    brief = "，".join(
        named(names[result], word) for result, word in RESULT_WORDS.items() if names[result] and result in _IN_BRIEF
    )
    return {**_fact("indicators", _indicators_verdict(names, limits), sentence, brief), "rows": rows}


def _originals(indicators: Sequence[Indicator]) -> str:
    return "；".join(indicator.original for indicator in indicators)


def _both_texts(achievement: AchievementFacts, demand: DemandFacts) -> tuple[str, str] | None:
    """Return the normalised texts of both sides, or None if a side has none."""
    if not achievement.texts or not demand.text:
        return None
    own = "\n".join([achievement.title, *(text for _, text in achievement.texts)])
    return normalised(own), normalised(demand.text)


def _with_doubts(
    rows: list[IndicatorComparison], achievement: AchievementFacts, demand: DemandFacts, limits: Sequence[Limit]
) -> list[IndicatorComparison]:
    """Make results met 待核对 if the value may be that of another thing, and drop what is not worth a check."""
    if quote := next((limit.quote for limit in limits if limit.is_certain), ""):
        return [_doubted(row, f"成果写明“{quote}”，请核对") for row in rows]
    texts = _both_texts(achievement, demand)
    if texts is None:
        return rows
    common = common_noun_phrases(texts[0], [phrase for phrase in noun_phrases(texts[1]) if not is_generic(phrase)])
    titles = noun_phrases(achievement.title), noun_phrases(texts[1].partition("\n")[0])
    is_in_a_title = any(phrase in title for phrase in common for title in titles)
    has_subject = (
        len(common) >= (COMMON_NOUNS if is_in_a_title else COMMON_NOUNS_WITHOUT_TITLE)
        or any(not is_generic(phrase) for phrase in titles[0] & titles[1])
    )  # fmt: skip
    return [_with_doubt(row, has_subject, len(common)) for row in rows]


def _with_doubt(row: IndicatorComparison, has_subject: bool, common_nouns: int) -> IndicatorComparison:
    """Judge one row by what the texts have in common.

    A quantity of nearly any object (检测时间) is met only if the texts have a subject in common. Nor is a similar name
    (单件时间, 发现时间) or a value in the text worth a check if they have hardly a noun in common.
    """
    is_bare = is_bare_quantity(row["name"])
    if row["result"] == "check":
        is_from_text, has_other_name = "place" in row, row["note"].startswith("名称不同")
        is_idle = (is_from_text and not common_nouns) or (is_bare and has_other_name and common_nouns < MIN_NOUNS)
        return _unstated(row) if is_idle else row
    return _doubted(row, "双方说的未必是同一对象，请核对") if is_bare and not has_subject else row


def _unstated(row: IndicatorComparison) -> IndicatorComparison:
    return {"name": row["name"], "need": row["need"], "offer": "", "result": "unstated", "note": ""}


def _doubted(row: IndicatorComparison, doubt: str) -> IndicatorComparison:
    if row["result"] not in {"met", "partial"}:
        return row
    return {**row, "result": "check", "note": "；".join(filter(None, [doubt, row["note"]])), "leaning": "met"}


def _indicators_verdict(names: dict[str, list[str]], limits: Sequence[Limit]) -> Verdict:
    met, missed, unsure = len(names["met"]), len(names["missed"]), len(names["partial"]) + len(names["check"])
    if not met + missed:
        return "talk" if unsure else "unknown"
    if not missed:
        return "talk" if limits or names["partial"] or unsure > met else "fits"
    return "talk" if met + len(names["partial"]) >= missed else "contradicts"


RESULT_WORDS = {
    "met": "满足",
    "missed": "未达",
    "partial": "部分满足",
    "check": "待核对",
    "unstated": "未说明",
    "incomparable": "无法比较",
}
_IN_BRIEF = {"met", "missed", "partial", "check"}


def named(names: list[str], word: str) -> str:
    """耐温、拉伸强度满足; with more than MAX_NAMED_INDICATORS 耐温、拉伸强度等 4 项满足; without names 3 项指标满足."""
    shown = [name for name in names if name][:MAX_NAMED_INDICATORS]
    if not shown:
        return f"{len(names)} 项指标{word}"
    more = f"等 {len(names)} 项" if len(names) > len(shown) else ""
    return f"{'、'.join(shown)}{more}{word}"


def _money(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _fact(kind: str, verdict: Verdict, sentence: str, brief: str = "") -> Fact:
    return {"kind": kind, "verdict": verdict, "sentence": sentence, "brief": brief}
