"""Comparison of a demand's indicators with an achievement's, with both originals.

A result is 满足, 未达, 部分满足 (only in a part of the demanded condition), 待核对 (another name, another condition, or
a value in running text that a person has to read), 未说明 or 无法比较.
"""

import math
import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, NotRequired, TypedDict

from matching.engine.indicators.conditions import compare_conditions
from matching.engine.indicators.indicator import Indicator, base_bounds
from matching.engine.indicators.quantity_names import (
    SAME_QUANTITY_FROM,
    better_direction,
    contains_name,
    has_qualifier_in,
    have_same_head,
    may_be_one_quantity,
    name_similarity,
)
from matching.engine.indicators.text_values import TextValue, search_text_values
from matching.engine.indicators.units import COUNTED, Unit

Result = Literal["met", "missed", "partial", "check", "unstated", "incomparable"]
Leaning = Literal["", "met", "missed"]
type Bounds = tuple[float, float]
"""Lowest and highest value in base units."""

# Relative tolerance: of rounding in conversions, and of calendar units (a month has 28 to 31 days).
_TOLERANCE, _CALENDAR_TOLERANCE = 1e-9, 0.02
_CALENDAR_UNIT = re.compile("月|季|年|^(?:months?|years?|a|y)$")

CERTAIN_NAME = 0.85
"""From this name similarity on, indicators are paired even if their dimensions differ."""
SAME_DIMENSION_BONUS = 0.2
APPROXIMATE_TOLERANCE = 0.1
"""约 allows a deviation of this share."""
_VALUE_WORDS = {"met": "按数值满足", "missed": "按数值未达"}


class IndicatorComparison(TypedDict):
    """The comparison of one indicator of the demand, as stored with a match.

    `need` and `offer` are the originals of the demand and of the achievement; `note` is a remark for the reader.
    `place`: the text field in which `offer` stands, if it is no indicator of the achievement. `leaning`: what the
    numbers alone would say (met, missed), of partial and check.
    """

    name: str
    need: str
    offer: str
    result: Result
    note: str
    place: NotRequired[str]
    leaning: NotRequired[Leaning]


class _Comparison(NamedTuple):
    result: Result
    note: str = ""
    leaning: Leaning = ""


def compare_indicator_lists(
    offered: Sequence[Indicator],
    required: Sequence[Indicator],
    text_values: Sequence[TextValue] = (),
    texts: tuple[str, str] | None = None,
) -> list[IndicatorComparison]:
    """Compare each indicator of the demand, in its order, with at most one of the achievement's.

    An indicator without partner is compared with one of another name that may mean the same, then with `text_values`,
    the values in the achievement's running text. `texts`: the normalised texts of both sides; what a name says more
    than the other's has to stand in the other side's text, or a reader has to check.
    """
    partners = pair_indicators(offered, required)
    unsure = _pair_unsure(offered, required, partners)
    rows: list[IndicatorComparison] = []
    for position, requirement in enumerate(required):
        offer = partners.get(position)
        is_sure = offer is not None and (texts is None or _is_same_name(offer, requirement, texts))
        if offer and not is_sure and not _may_be_one(offer, requirement):
            offer = None
        offer = offer or unsure.get(position)
        if offer is None:
            rows.append(_row_from_text(requirement, text_values))
            continue
        compared = _compare(offer, requirement)
        if not is_sure:
            note, leads = _name_note(offer, requirement), _leads(offer, requirement)
            compared = _as_check(compared, note, leads=leads)
        rows.append(_row(requirement, offer, compared))
    return rows


def _row(requirement: Indicator, offer: Indicator | None, compared: _Comparison) -> IndicatorComparison:
    row: IndicatorComparison = {
        "name": requirement.name,
        "need": requirement.original,
        "offer": (offer.quote or offer.original) if offer else "",
        "result": compared.result,
        "note": compared.note,
    }
    if offer and offer.place:
        row["place"] = offer.place
    if compared.leaning:
        row["leaning"] = compared.leaning
    return row


def _row_from_text(requirement: Indicator, text_values: Sequence[TextValue]) -> IndicatorComparison:
    hit = search_text_values(requirement, text_values)
    if hit is None:
        return _row(requirement, None, _Comparison("unstated"))
    compared = _compare(hit.indicator, requirement)
    if hit.is_certain and compared.result in {"met", "missed", "partial"}:
        return _row(requirement, hit.indicator, compared)
    if hit.is_certain and compared.result == "incomparable":
        return _row(requirement, hit.indicator, compared)
    note = "原文中的数值，请核对是否同一指标"
    without_leaning = _Comparison(compared.result, compared.note if hit.is_certain else "")
    return _row(requirement, hit.indicator, _as_check(without_leaning, note, leads=False))


def _as_check(compared: _Comparison, note: str, *, leads: bool = True) -> _Comparison:
    """Return the comparison as one that a reader has to check. `leads`: whether the numbers say what to expect."""
    leaning = compared.leaning or (compared.result if compared.result in {"met", "missed"} else "")
    value = _VALUE_WORDS.get(leaning, "") if leads else ""
    joined = "；".join(filter(None, [note, value, compared.note]))
    return _Comparison("check", joined, leaning if leads else "")


def _name_note(offer: Indicator, requirement: Indicator) -> str:
    return f"名称不同（需求：{requirement.name}；成果：{offer.name}），请核对"


def _leads(offer: Indicator, requirement: Indicator) -> bool:
    is_per_same = _counted_in(offer.name) == _counted_in(requirement.name)
    return is_per_same and have_same_head(requirement.name, offer.name)


def _counted_in(name: str) -> list[str]:
    """单孔加工时间 is counted per 孔, and not to be compared with 单件加工 by its number."""
    return [_SAME_COUNT.sub("件", word) for word in re.findall(r"[单每](\w)", name)]


def _is_same_name(offer: Indicator, requirement: Indicator, texts: tuple[str, str]) -> bool:
    """Return whether two similar names mean one quantity: what one says more has to stand in the other's text."""
    if name_similarity(offer.name, requirement.name) >= CERTAIN_NAME or contains_name(requirement.name, offer.name):
        return True
    own_text = f"{texts[0]}\n{offer.condition}"
    return has_qualifier_in(requirement.name, offer.name, own_text) and has_qualifier_in(
        offer.name, requirement.name, texts[1]
    )


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


def _pair_unsure(
    offered: Sequence[Indicator], required: Sequence[Indicator], partners: dict[int, Indicator]
) -> dict[int, Indicator]:
    """Return for the other positions in `required` an unused indicator with the same unit that may mean the same.

    The pairs with the most similar names come first.
    """
    used = {id(partner) for partner in partners.values()}
    pairs = [
        (-name_similarity(offer.name, requirement.name), position, number)
        for position, requirement in enumerate(required)
        if position not in partners and requirement.values
        for number, offer in enumerate(offered)
        if id(offer) not in used and offer.values and _may_be_one(offer, requirement)
    ]
    unsure: dict[int, Indicator] = {}
    for _, position, number in sorted(pairs):
        if position not in unsure and id(offered[number]) not in used:
            unsure[position] = offered[number]
            used.add(id(offered[number]))
    return unsure


def _may_be_one(offer: Indicator, requirement: Indicator) -> bool:
    unit = requirement.measure
    if unit.dimension == "[money]" or not _have_same_dimension(unit, offer.measure):
        return False
    return may_be_one_quantity(requirement.name, offer.name, is_share=unit.dimension == "")


def compare_indicator(offer: Indicator, requirement: Indicator) -> tuple[Result, str]:
    """Return whether the achievement's indicator meets the demand's, and a note for the reader ("" if none)."""
    compared = _compare(offer, requirement)
    return compared.result, compared.note


def _compare(offer: Indicator, requirement: Indicator) -> _Comparison:
    if not requirement.values or not offer.values:
        is_equal = requirement.original == offer.original
        return _Comparison("met") if is_equal else _Comparison("incomparable", "有一方没有写数值")
    if requirement.change != offer.change or requirement.is_relative_change != offer.is_relative_change:
        return _Comparison("incomparable", _change_note(offer, requirement))
    offer_unit, requirement_unit = offer.measure, requirement.measure
    if not _have_same_dimension(offer_unit, requirement_unit):
        side = "成果" if not offer.unit else "需求" if not requirement.unit else ""
        return _Comparison("incomparable", f"{side}没有写单位" if side else "单位不同，不能换算")
    result, note = _compare_bounds(offer, requirement, base_bounds(offer), base_bounds(requirement))
    notes = [note]
    if per_item := _per_item_note(offer_unit, requirement_unit):
        return _as_check(_Comparison(result, note), per_item)
    if result == "incomparable":
        return _Comparison(result, note)
    if counted := _counted_note(offer.unit, requirement.unit):
        return _as_check(_Comparison(result, "；".join(filter(None, notes))), counted)
    agreement, condition_note = compare_conditions(offer.condition, requirement.condition, name=offer.name)
    notes.append(condition_note)
    joined = "；".join(filter(None, notes))
    if result == "met" and agreement in {"partial", "different"}:
        return _Comparison("partial" if agreement == "partial" else "check", joined, "met")
    return _Comparison(result, joined)


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
    """检测时间 ≤ 2 min and 检测节拍 40 s/只 may mean the same; a reader has to check, because 80 ms/幅 does not."""
    shorter, longer = sorted((unit.dimension, other.dimension), key=len)
    return "一方按每件计，请核对" if shorter and "".join(longer.split(" / [item]")) == shorter != longer else ""


_SPAN = re.compile("适[用应]|可用|允许")
"""Names of a span that has to be covered: 适应绳速 0.1–4 m/s covers 绳速 ≤ 2 m/s."""
_PER = re.compile("/(.*)$")
# 台, 套 and 件 count the same thing in most sheets; 车 and 只 (of a sensor) do not.
_SAME_COUNT = re.compile("[台套个件只支副]")


def _counted_note(unit: str, other: str) -> str:
    """次/(年·车) and 次/(年·只) have the same dimension, but a vehicle may have many pieces."""
    if unit == other:
        return ""
    counted = [
        {_SAME_COUNT.sub("件", word) for word in re.findall("[台套个件只支副车辆艘船罐箱炉线班人户亩]", match[1])}
        for match in (_PER.search(unit), _PER.search(other))
        if match
    ]
    if len(counted) == 2 and counted[0] and counted[1] and counted[0] != counted[1]:
        return f"计数单位不同（{other}；{unit}），请核对"
    return ""


def _compare_bounds(offer: Indicator, requirement: Indicator, offered: Bounds, required: Bounds) -> tuple[Result, str]:
    tolerance = _absolute_tolerance(offer, requirement, offered, required)
    direction = better_direction(requirement.name) or better_direction(offer.name)
    if _SPAN.match(requirement.name) or _SPAN.match(offer.name):
        direction = "="
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
