"""Comparison of the conditions under which two indicators hold: 10～35 ℃ wanted, 15～32 ℃ tested."""

import math
import re
from functools import lru_cache
from typing import Literal, NamedTuple

from matching.engine.indicators.indicator import Indicator, base_bounds
from matching.engine.indicators.numerals import NUMBER, normalise_symbols, parse_number
from matching.engine.indicators.quantity_names import shares_terms, term_coverage
from matching.engine.indicators.units import unit_at
from matching.engine.indicators.vocabulary import AFTER, TO
from matching.engine.tokeniser import HAN, normalise

Agreement = Literal["same", "worded", "unstated", "partial", "different"]
"""From best to worst. `worded`: remarks differ that change no test (单台, 折算后); `unstated`: the achievement states
no condition, or not this quantity; `partial`: it was tested in a part of the demanded range."""
_ORDER = ("same", "worded", "unstated", "partial", "different")

SAME_CONDITION = 0.6
"""Two conditions in words are the same if this share of the demand's terms occurs in the achievement's."""
MAX_RATIO = 10
"""Lengths are compared only within this ratio: 9 m is not the 4 mm of a plate."""
_TOLERANCE = 0.02
_ALIASES = {"ut": "超声", "rt": "射线", "mt": "磁粉", "pt": "渗透", "et": "涡流", "室温": "常温"}
# Words of a line are conditions of one kind: a test in one of them says nothing about another. Other words (单台,
# 折算后, 对照现坡口) are remarks on the account.
_KINDS = [
    frozenset(line.split())
    for line in """
海水 淡水 纯水 污水 废水 盐水 卤水 水介质 蒸汽 空气 氮气 氩气 真空 液氮 酸 碱 油
热态 冷态
干态 湿态 干膜 湿膜
静态 动态
空载 满载 半载 额定
水润滑 干摩擦 油润滑 无油
常温 低温 高温 液氮 深冷
水下 潮差 浸没 全浸 大气
室内 室外 户外 海上 陆上
夜间 白天
雨 雪 雾 冰 晴
冬 夏
""".splitlines()
    if line
]
_ROOM = re.compile("室温|常温")
_ROOM_RANGE = (273.15 + 10, 273.15 + 35)


class _Quantity(NamedTuple):
    """A quantity of a condition in base units, as written."""

    name: str
    dimension: str
    low: float
    high: float
    original: str


def compare_conditions(offered: str, required: str, *, name: str = "") -> tuple[Agreement, str]:
    """Return how the condition of the achievement agrees with that of the demand, and a sentence for the reader.

    `name`: name of the achievement's indicator, which may state a condition (干摩擦系数).
    """
    if not required.strip() or normalise(required) in normalise(offered):
        return "same", ""
    if not offered.strip():
        return "unstated", f"成果未写测试条件（需求：{required}）"
    both = f"需求：{required}；成果：{offered}"
    agreement, part = _compare_quantities(f"{name}，{offered}", required)
    if agreement == "partial":
        return "partial", f"只在{part}下测得（{both}）"
    if agreement == "different":
        return "different", f"条件不同（{both}）"
    words = _words(required)
    if _is_at_room_temperature(_quantities(offered)):
        words = _ROOM.sub("", words).strip("，")
    if words and term_coverage(_with_aliases(words), _with_aliases(f"{name}，{offered}")) < SAME_CONDITION:
        agreement = max(agreement, _compare_kinds(f"{name}，{offered}", words), key=_ORDER.index)
    if agreement == "same":
        return "same", ""
    lead = {"different": "条件不同", "unstated": "成果未写明同样的条件", "worded": "条件写法不同"}[agreement]
    return agreement, f"{lead}（{both}）"


def _compare_quantities(offered: str, required: str) -> tuple[Agreement, str]:
    """Return the worst agreement of the demand's quantities, and the part that was tested if it is only a part."""
    worst: Agreement = "same"
    part = ""
    own = _quantities(offered)
    for wanted in _quantities(required):
        partners = [other for other in own if other.dimension == wanted.dimension and _may_be_same(other, wanted)]
        agreements = [_agreement(other, wanted) for other in partners] or [("unstated", "")]
        best = min(agreements, key=lambda pair: _ORDER.index(pair[0]))
        if _ORDER.index(best[0]) > _ORDER.index(worst):
            worst, part = best[0], best[1]
    if _ROOM.search(required) and worst == "same" and _is_at_room_temperature(own) is False:
        return "different", ""
    return worst, part


def _is_at_room_temperature(quantities: tuple[_Quantity, ...]) -> bool | None:
    """Return whether a stated temperature is that of a room; None if there is none."""
    temperatures = [quantity for quantity in quantities if quantity.dimension == "[temperature]"]
    low, high = _ROOM_RANGE
    return any(low <= own.low and own.high <= high for own in temperatures) if temperatures else None


def _agreement(other: _Quantity, wanted: _Quantity) -> tuple[Agreement, str]:
    finite = [abs(value) for value in (wanted.low, wanted.high) if math.isfinite(value)]
    is_limit = len(finite) == 1 and other.low == other.high
    # 9 m 以内 and 9.6 m; 5000 r/min 以上 and 5500 r/min
    if is_limit and (abs(other.low - finite[0]) <= 0.1 * finite[0] or other.low >= wanted.low > -math.inf):
        return "same", ""
    is_temperature = wanted.dimension == "[temperature]"
    slack = 1.0 if is_temperature else max(finite, default=0.0) * _TOLERANCE
    if other.low - slack <= wanted.low and wanted.high <= other.high + slack:
        return "same", ""
    is_range = wanted.low != wanted.high
    if is_range and other.low <= wanted.high + slack and wanted.low - slack <= other.high:
        return "partial", other.original
    return "different", ""


def _may_be_same(other: _Quantity, wanted: _Quantity) -> bool:
    """Two lengths are compared only if their names agree (行程 10 m is not 板厚 10 mm), temperatures always."""
    if wanted.dimension == "[temperature]":
        return True
    limits = (other.low, other.high, wanted.low, wanted.high)
    values = [abs(value) for value in limits if math.isfinite(value) and value]
    if wanted.dimension == "[length]" and values and max(values) > MAX_RATIO * min(values):
        return False
    if not other.name or not wanted.name:
        return True
    return other.name in wanted.name or wanted.name in other.name or shares_terms(other.name, wanted.name)


@lru_cache(maxsize=20_000)
def _quantities(condition: str) -> tuple[_Quantity, ...]:
    """Return all numbers with a unit, or ranges of them, in a condition."""
    text = normalise_symbols(condition)
    quantities, end = [], 0
    for match in re.finditer(rf"(?<![\d.A-Za-z])[-+]?(?:{NUMBER})", text):
        if match.start() < end or (first := parse_number(match.group())) is None:
            continue
        unit, end = unit_at(text, match.end())
        second = first
        if further := re.match(rf"\s*{TO}\s*([-+]?(?:{NUMBER}))", text[end:]):
            other = parse_number(further[1])
            own_unit, end = unit_at(text, end + further.end())
            second, unit = (first if other is None else other), own_unit or unit
        if unit:
            before, after = text[: match.start()], text[end : end + 3]
            quantities.append(_quantity(before, first, second, unit, after))
    return tuple(quantities)


def _quantity(before: str, first: float, second: float, unit: str, after: str) -> _Quantity:
    name = re.search(rf"([{HAN}]*)\s*[≥≤<>±]?$", before)
    ending = next((word for word in sorted(AFTER, key=len, reverse=True) if after.startswith(word)), "")
    low, high = sorted((first, second))
    values: tuple[float, ...]
    if low == high:
        sign = {"≥": "ge", ">": "ge", "≤": "le", "<": "le"}.get(before.rstrip()[-1:], "")
        comparison, values, shown = sign or AFTER.get(ending, "eq"), (low,), f"{low:g}"
    else:
        comparison, values, shown = "between", (low, high), f"{low:g}–{high:g}"
    indicator = Indicator(name[1] if name else "", "", comparison, values, unit)
    return _Quantity(indicator.name, indicator.measure.dimension, *base_bounds(indicator), f" {shown} {unit}{ending} ")


def _words(condition: str) -> str:
    """Return the parts of a condition without a number."""
    parts = re.split(r"[，、,；;]", normalise_symbols(condition))
    return "，".join(part.strip() for part in parts if part.strip() and not re.search(r"\d", part))


def _with_aliases(condition: str) -> str:
    text = normalise(condition)
    return "，".join([text, *(alias for word, alias in _ALIASES.items() if word in text)])


def _compare_kinds(offered: str, required: str) -> Agreement:
    """Return "different" if both name different conditions of one kind (海水, 淡水), "unstated" if only the demand
    names one."""
    agreement: Agreement = "worded"
    own, wanted = _with_aliases(offered), _with_aliases(required)
    for kind in _KINDS:
        named = {word for word in kind if word in wanted}
        if named and not any(word in own for word in named):
            if any(word in own for word in kind):
                return "different"
            agreement = "unstated"
    return agreement
