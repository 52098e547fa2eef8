"""Comparison of a demand's indicators with an achievement's: 满足, 未达, 未说明 or 无法比较, with both originals."""

import math
import re
from collections.abc import Sequence
from typing import Literal, TypedDict

from matching.engine.indicators.indicator import Indicator, bounds
from matching.engine.indicators.quantity_names import (
    SAME_QUANTITY_FROM,
    better_direction,
    name_similarity,
    term_coverage,
)
from matching.engine.indicators.units import COUNTED, Unit

Result = Literal["met", "missed", "unstated", "incomparable"]
type Bounds = tuple[float, float]
"""Lowest and highest value in base units."""

# Relative tolerance: of rounding in conversions, and of calendar units (a month has 28 to 31 days).
_TOLERANCE, _CALENDAR_TOLERANCE = 1e-9, 0.02
_CALENDAR_UNIT = re.compile("月|季|年|^(?:months?|years?|a|y)$")

SAME_CONDITION = 0.6
"""Two conditions are the same if this share of the demand's terms occurs in the achievement's."""
CERTAIN_NAME = 0.85
"""From this name similarity on, indicators are paired even if their dimensions differ."""
SAME_DIMENSION_BONUS = 0.2
APPROXIMATE_TOLERANCE = 0.1
"""约 allows a deviation of this share."""


class IndicatorComparison(TypedDict):
    """The comparison of one indicator of the demand, as stored with a match.

    `need` and `offer` are the originals of the demand and of the achievement; `note` is a remark for the reader.
    """

    name: str
    need: str
    offer: str
    result: Result
    note: str


def compare_indicator_lists(offered: Sequence[Indicator], required: Sequence[Indicator]) -> list[IndicatorComparison]:
    """Compare each indicator of the demand, in its order, with at most one of the achievement's."""
    partners = pair_indicators(offered, required)
    rows: list[IndicatorComparison] = []
    for position, requirement in enumerate(required):
        offer = partners.get(position)
        result: Result = "unstated"
        note = original = ""
        if offer is not None:
            result, note = compare_indicator(offer, requirement)
            original = offer.original
        rows.append(
            {
                "name": requirement.name,
                "need": requirement.original,
                "offer": original,
                "result": result,
                "note": note,
            }
        )
    return rows


def pair_indicators(offered: Sequence[Indicator], required: Sequence[Indicator]) -> dict[int, Indicator]:
    """Return the achievement's indicator for each position in `required`, the most similar names first."""
    pairs = [
        (similarity, position, number)
        for position, requirement in enumerate(required)
        for number, offer in enumerate(offered)
        if (similarity := name_similarity(offer.name, requirement.name)) >= SAME_QUANTITY_FROM
    ]

    def order(pair: tuple[float, int, int]) -> tuple[float, int, int]:
        similarity, position, number = pair
        bonus = SAME_DIMENSION_BONUS * _have_same_dimension(offered[number].measure, required[position].measure)
        return -(similarity + bonus), position, number

    partners: dict[int, Indicator] = {}
    used: set[int] = set()
    for similarity, position, number in sorted(pairs, key=order):
        is_certain = (
            similarity >= CERTAIN_NAME
            or _have_same_dimension(offered[number].measure, required[position].measure)
            or not required[position].values
        )
        if position not in partners and number not in used and is_certain:
            partners[position] = offered[number]
            used.add(number)
    return partners


def compare_indicator(offer: Indicator, requirement: Indicator) -> tuple[Result, str]:
    """Return whether the achievement's indicator meets the demand's, and a note for the reader ("" if none)."""
    if not requirement.values or not offer.values:
        return ("met", "") if requirement.original == offer.original else ("incomparable", "有一方没有写数值")
    if requirement.change != offer.change or requirement.is_relative_change != offer.is_relative_change:
        return "incomparable", _change_note(offer, requirement)
    offer_unit, requirement_unit = offer.measure, requirement.measure
    if not _have_same_dimension(offer_unit, requirement_unit):
        side = "成果" if not offer.unit else "需求" if not requirement.unit else ""
        return "incomparable", f"{side}没有写单位" if side else "单位不同，不能换算"
    result, note = _compare_bounds(
        offer, requirement, _base_bounds(offer, offer_unit), _base_bounds(requirement, requirement_unit)
    )
    if per_item := _per_item_note(offer_unit, requirement_unit):
        note = "；".join(filter(None, [note, per_item]))
    if (
        offer.condition
        and requirement.condition
        and term_coverage(requirement.condition, offer.condition) < SAME_CONDITION
    ):
        different = f"条件不同（需求：{requirement.condition}；成果：{offer.condition}）"
        note = "；".join(filter(None, [note, different]))
    return result, note


def _change_note(offer: Indicator, requirement: Indicator) -> str:
    if requirement.change and offer.change:
        return "改善的方向或写法不同"
    if requirement.change:
        return "需求写的是改善幅度，成果写的是数值"
    return "成果写的是改善幅度，需求写的是数值"


def _have_same_dimension(unit: Unit, other: Unit) -> bool:
    if unit.dimension == other.dimension or _per_item_note(unit, other):
        return True
    dimensions = {unit.dimension, other.dimension}
    return dimensions <= COUNTED | {""} and "" in dimensions and (unit.factor == 1 or other.factor == 1)


def _per_item_note(unit: Unit, other: Unit) -> str:
    """检测时间 ≤ 2 min and 检测节拍 40 s/只 are comparable; the note tells the reader."""
    shorter, longer = sorted((unit.dimension, other.dimension), key=len)
    return "一方按每件计" if shorter and "".join(longer.split(" / [item]")) == shorter != longer else ""


def _base_bounds(indicator: Indicator, unit: Unit) -> Bounds:
    """Return the bounds in base units. A difference of temperatures is converted without offset."""
    is_difference = (
        bool(indicator.change)
        or unit.offset == 0
        or any(word in indicator.name for word in ("差", "波动", "精度", "变化", "升"))
    )
    low, high = (
        value if math.isinf(value) else unit.in_base(value, difference=is_difference) for value in bounds(indicator)
    )
    return low, high


def _compare_bounds(offer: Indicator, requirement: Indicator, offered: Bounds, required: Bounds) -> tuple[Result, str]:
    tolerance = _absolute_tolerance(offer, requirement, offered, required)
    direction = better_direction(requirement.name) or better_direction(offer.name)
    if requirement.change:
        direction = "+"  # a greater change is always better
    if direction == "=" and (result := _compare_coverage(offer, offered, required, tolerance)):
        return result
    required = _acceptable_range(requirement, required, direction)
    if required[0] - tolerance <= offered[0] and offered[1] <= required[1] + tolerance:
        if _is_excluded_limit(offer, requirement, offered, required, tolerance):
            return "missed", "刚好在界上，需求不含此值"
        return "met", ""
    if offered[1] < required[0] - tolerance or required[1] + tolerance < offered[0]:
        return "missed", ""
    return _compare_overlap(offered, required)


def _acceptable_range(requirement: Indicator, required: Bounds, direction: str) -> Bounds:
    """Widen the range of a plain value: if more is better (寿命 5 年), it is a minimum; 约 adds a tolerance."""
    if requirement.comparison not in {"eq", "about"} or len(requirement.values) != 1:
        return required
    tolerance = abs(required[0]) * APPROXIMATE_TOLERANCE if requirement.comparison == "about" else 0.0
    if direction == "+":
        return required[0] - tolerance, math.inf
    if direction == "-":
        return -math.inf, required[1] + tolerance
    return required[0] - tolerance, required[1] + tolerance


def _compare_overlap(offered: Bounds, required: Bounds) -> tuple[Result, str]:
    """Judge an offered range that is partly inside and partly outside the required range."""
    is_one_sided = required[0] == -math.inf or required[1] == math.inf
    if math.isinf(offered[0]) and math.isinf(offered[1]):
        return "incomparable", "成果没有写数值"
    if not is_one_sided:
        if math.isinf(offered[0]) or math.isinf(offered[1]):
            return "incomparable", "成果只写了一侧的界限"
        return "missed", "只有一部分落在需求范围内"
    if required[1] == math.inf:
        if offered[0] == -math.inf:
            return "incomparable", "成果只写了上限"
        return "missed", "" if offered[1] == math.inf else "只有一部分落在需求范围内"
    if offered[1] == math.inf:
        return "incomparable", "成果只写了下限"
    return "missed", "" if offered[0] == -math.inf else "只有一部分落在需求范围内"


def _compare_coverage(
    offer: Indicator, offered: Bounds, required: Bounds, tolerance: float
) -> tuple[Result, str] | None:
    """Judge a span (适用直径, 工作温度): the offered range has to cover the required one.

    None if a single offered value has to be judged like other quantities.
    """
    is_one_sided = math.isinf(required[0]) or math.isinf(required[1])
    if is_one_sided and math.isinf(offered[0]) and offered[0] == required[0]:  # both state only a maximum
        return ("met", "") if offered[1] >= required[1] - tolerance else ("missed", "")
    if is_one_sided and math.isinf(offered[1]) and offered[1] == required[1]:  # both state only a minimum
        if offered[0] >= required[0] - tolerance:
            return "met", ""
        return "incomparable", "双方都只写了下限，含义可能不同"
    low = required[1] if math.isinf(required[0]) else required[0]
    high = required[0] if math.isinf(required[1]) else required[1]
    if offered[0] - tolerance <= low and high <= offered[1] + tolerance:
        return "met", ""
    if len(offer.values) == 1 and offer.comparison == "eq":
        return None
    return "missed", "没有覆盖需求的范围" if low != high or not is_one_sided else ""


def _is_excluded_limit(
    offer: Indicator, requirement: Indicator, offered: Bounds, required: Bounds, tolerance: float
) -> bool:
    """Return whether the offered range includes a limit that the requirement excludes: < 5 against ≤ 5 or = 5."""
    if requirement.comparison == "lt" and offer.comparison not in {"lt", "about"}:
        return offered[1] >= required[1] - tolerance
    if requirement.comparison == "gt" and offer.comparison not in {"gt", "about"}:
        return offered[0] <= required[0] + tolerance
    return False


def _absolute_tolerance(offer: Indicator, requirement: Indicator, offered: Bounds, required: Bounds) -> float:
    """Return the difference below which two values are equal, in base units."""
    largest = max((abs(value) for value in (*offered, *required) if math.isfinite(value)), default=0.0)
    is_calendar = requirement.measure.dimension == "[time]" and any(
        _CALENDAR_UNIT.search(indicator.unit) for indicator in (offer, requirement)
    )
    return largest * (_CALENDAR_TOLERANCE if is_calendar and offer.unit != requirement.unit else _TOLERANCE)
