"""A need's indicators against an achievement's: 满足, 未达, 未说明 or 无法比较, each with both originals."""

import math
import re
from collections.abc import Sequence
from typing import Literal, TypedDict

from matching.engine.indicators import naming
from matching.engine.indicators.reading import Indicator, bounds
from matching.engine.indicators.units import COUNTED, Unit

Result = Literal["met", "missed", "unstated", "incomparable"]

# Rounding in conversions must not decide, nor whether a month has 30 days.
_SLACK, _CALENDAR_SLACK = 1e-9, 0.02
_OF_THE_CALENDAR = re.compile("月|季|年|^(?:months?|years?|a|y)$")


# A condition of the need of which this share stands in the achievement's condition is the same condition.
SAME_CONDITION = 0.6


class Row(TypedDict):
    """One indicator of the need. `need` and `offer` as their sides wrote them; `note` says what else to look at."""

    name: str
    need: str
    offer: str
    result: Result
    note: str


def compare_all(offered: Sequence[Indicator], wanted: Sequence[Indicator]) -> list[Row]:
    """One row for each indicator of the need, in its order. Each indicator of the achievement answers at most one."""
    partners = pair(offered, wanted)
    rows: list[Row] = []
    for place, need in enumerate(wanted):
        offer = partners.get(place)
        result, note = ("unstated", "") if offer is None else compare(offer, need)
        offer_text = "" if offer is None else offer.original
        rows.append({"name": need.name, "need": need.original, "offer": offer_text, "result": result, "note": note})
    return rows


def pair(offered: Sequence[Indicator], wanted: Sequence[Indicator]) -> dict[int, Indicator]:
    """Which of the achievement's indicators answers which of the need's (by place): the likest names first."""
    pairs = [
        (alike, place, number)
        for place, need in enumerate(wanted)
        for number, offer in enumerate(offered)
        if (alike := naming.likeness(offer.name, need.name)) >= naming.SAME_FROM
    ]
    pairs.sort(key=lambda one: (-(one[0] + 0.2 * _measures_alike(offered[one[2]], wanted[one[1]])), one[1], one[2]))
    partners: dict[int, Indicator] = {}
    used: set[int] = set()
    for alike, place, number in pairs:
        sure = alike >= 0.85 or _measures_alike(offered[number], wanted[place]) or not wanted[place].values
        if place not in partners and number not in used and sure:
            partners[place] = offered[number]
            used.add(number)
    return partners


def compare(offer: Indicator, need: Indicator) -> tuple[Result, str]:
    """Whether what the achievement states reaches what the need asks, and a note for the reader ("" if none)."""
    if not need.values or not offer.values:
        same = need.original == offer.original or (need.name, need.condition) == (offer.name, offer.condition) != (
            "",
            "",
        )
        return ("met", "") if same and need.original == offer.original else ("incomparable", "有一方没有写数值")
    if need.change != offer.change or need.is_share != offer.is_share:
        return "incomparable", _kind_note(offer, need)
    ours, theirs = offer.measure, need.measure
    if not _same_dimension(ours, theirs):
        missing = "成果" if not offer.unit else "需求" if not need.unit else ""
        return "incomparable", f"{missing}没有写单位" if missing else "单位不同，不能换算"
    result, note = _reach(offer, need, _bounds(offer, ours, theirs), _bounds(need, theirs, ours))
    if per_item := _per_item(ours, theirs):
        note = "；".join(filter(None, [note, per_item]))
    if offer.condition and need.condition and naming.contained(need.condition, offer.condition) < SAME_CONDITION:
        note = "；".join(filter(None, [note, f"条件不同（需求：{need.condition}；成果：{offer.condition}）"]))
    return result, note


def _kind_note(offer: Indicator, need: Indicator) -> str:
    if need.change and offer.change:
        return "改善的方向或写法不同"
    return "需求写的是改善幅度，成果写的是数值" if need.change else "成果写的是改善幅度，需求写的是数值"


def _same_dimension(ours: Unit, theirs: Unit) -> bool:
    if ours.dimension == theirs.dimension or _per_item(ours, theirs):
        return True
    return (
        {ours.dimension, theirs.dimension} <= COUNTED | {""}
        and "" in {ours.dimension, theirs.dimension}
        and (ours.factor == 1 or theirs.factor == 1)
    )


def _per_item(ours: Unit, theirs: Unit) -> str:
    """检测时间 ≤ 2 min and 检测节拍 40 s/只 mean one thing; the reader is told."""
    shorter, longer = sorted((ours.dimension, theirs.dimension), key=len)
    return "一方按每件计" if shorter and "".join(longer.split(" / [item]")) == shorter != longer else ""


def _measures_alike(offer: Indicator, need: Indicator) -> bool:
    return _same_dimension(offer.measure, need.measure)


def _bounds(one: Indicator, unit: Unit, other: Unit) -> tuple[float, float]:
    """The span of values in base units. A difference of temperatures has no zero point."""
    difference = (
        bool(one.change) or unit.offset == 0 or any(word in one.name for word in ("差", "波动", "精度", "变化", "升"))
    )
    low, high = bounds(one)
    return tuple(
        math.copysign(math.inf, v) if math.isinf(v) else unit.in_base(v, difference=difference) for v in (low, high)
    )


def _reach(offer: Indicator, need: Indicator, ours: tuple, theirs: tuple) -> tuple[Result, str]:
    slack = _slack(offer, need, ours, theirs)
    way = naming.direction(need.name) or naming.direction(offer.name)
    if need.change:
        way = "+"  # 提高 or 降低 by how much: more is always better
    if way == "=" and (answer := _covers(offer, need, ours, theirs, slack)):
        return answer
    theirs = _wish(need, theirs, way)
    if theirs[0] - slack <= ours[0] and ours[1] <= theirs[1] + slack:
        edge = _open_edge(offer, need, ours, theirs, slack)
        return ("missed", "刚好在界上，需求不含此值") if edge else ("met", "")
    if ours[1] < theirs[0] - slack or theirs[1] + slack < ours[0]:
        return "missed", ""
    return _overlap(offer, ours, theirs, slack, way)


def _wish(need: Indicator, theirs: tuple, way: str) -> tuple:
    """A bare figure of a quantity that is better large (寿命 5 年) asks for at least that; 约 gives a tenth."""
    if need.comparison not in {"eq", "about"} or len(need.values) != 1:
        return theirs
    room = abs(theirs[0]) * 0.1 if need.comparison == "about" else 0.0
    if way == "+":
        return theirs[0] - room, math.inf
    if way == "-":
        return -math.inf, theirs[1] + room
    return theirs[0] - room, theirs[1] + room


def _overlap(offer: Indicator, ours: tuple, theirs: tuple, slack: float, way: str) -> tuple[Result, str]:
    """Some of what the achievement states lies within the wish and some without."""
    one_sided = theirs[0] == -math.inf or theirs[1] == math.inf
    if math.isinf(ours[0]) and math.isinf(ours[1]):
        return "incomparable", "成果没有写数值"
    if not one_sided:
        if math.isinf(ours[0]) or math.isinf(ours[1]):
            return "incomparable", "成果只写了一侧的界限"
        return "missed", "只有一部分落在需求范围内"
    if theirs[1] == math.inf:
        if ours[0] == -math.inf:
            return "incomparable", "成果只写了上限"
        return "missed", "" if ours[1] == math.inf else "只有一部分落在需求范围内"
    if ours[1] == math.inf:
        return "incomparable", "成果只写了下限"
    return "missed", "" if ours[0] == -math.inf else "只有一部分落在需求范围内"


def _covers(offer: Indicator, need: Indicator, ours: tuple, theirs: tuple, slack: float) -> tuple[Result, str] | None:
    """适用直径, 工作温度: what is asked for has to lie within what is offered. None: judge it as any other figure."""
    one_sided = math.isinf(theirs[0]) or math.isinf(theirs[1])
    if one_sided and math.isinf(ours[0]) and ours[0] == theirs[0]:  # both say up to
        return ("met", "") if ours[1] >= theirs[1] - slack else ("missed", "")
    if one_sided and math.isinf(ours[1]) and ours[1] == theirs[1]:  # both say from: from where it works, or up to what?
        return ("met", "") if ours[0] >= theirs[0] - slack else ("incomparable", "双方都只写了下限，含义可能不同")
    low = theirs[1] if math.isinf(theirs[0]) else theirs[0]
    high = theirs[0] if math.isinf(theirs[1]) else theirs[1]
    if ours[0] - slack <= low and high <= ours[1] + slack:
        return "met", ""
    if len(offer.values) == 1 and offer.comparison == "eq":
        return None
    return "missed", "没有覆盖需求的范围" if low != high or not one_sided else ""


def _open_edge(offer: Indicator, need: Indicator, ours: tuple, theirs: tuple, slack: float) -> bool:
    """Need < 5, offer ≤ 5 or = 5: not quite. Need < 5 and offer < 5 is enough."""
    if need.comparison == "lt" and offer.comparison not in {"lt", "about"}:
        return ours[1] >= theirs[1] - slack
    if need.comparison == "gt" and offer.comparison not in {"gt", "about"}:
        return ours[0] <= theirs[0] + slack
    return False


def _slack(offer: Indicator, need: Indicator, ours: tuple, theirs: tuple) -> float:
    """How far two values may lie apart and still be one: rounding, or months against days."""
    largest = max((abs(v) for v in (*ours, *theirs) if math.isfinite(v)), default=0.0)
    calendar = need.measure.dimension == "[time]" and any(_OF_THE_CALENDAR.search(one.unit) for one in (offer, need))
    return largest * (_CALENDAR_SLACK if calendar and offer.unit != need.unit else _SLACK)
