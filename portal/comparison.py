"""Two to four achievements side by side: their facts, and their indicators aligned by quantity and unit."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.http import QueryDict

from achievements.models import Achievement, Indicator
from core.comparison_table import ComparisonCell, ComparisonRow
from core.public_id import is_public_id
from favourites.public_facts import maturity_text
from matching.engine import indicators as engine
from matching.engine.indicators.comparison import CERTAIN_NAME
from matching.engine.indicators.indicator import base_bounds
from matching.engine.indicators.quantity_names import SAME_QUANTITY_FROM, better_direction, name_similarity
from portal.product_page import limits_of
from portal.templatetags.display import ip_summary

MIN_ITEMS, MAX_ITEMS = 2, 4
SUMMARY_LENGTH = 160
NOTHING = "没有填写"


@dataclass
class _Quantity:
    """One measured quantity: the name that is shown, and the indicator of each achievement that states it."""

    name: str
    offers: dict[int, tuple[Indicator, engine.Indicator]]


def chosen_ids(params: QueryDict) -> list[str]:
    """The public ids of ?id=…&id=…, each once, at most MAX_ITEMS."""
    return [value for value in dict.fromkeys(params.getlist("id")) if is_public_id(value)][:MAX_ITEMS]


def fact_rows(achievements: Sequence[Achievement]) -> list[ComparisonRow]:
    """Reads `institution`, `industry`, `indicators`, `intellectual_property`: select and prefetch them."""
    facts: dict[str, Callable[[Achievement], ComparisonCell]] = {
        "解决什么问题": lambda row: _cell(_excerpt(row.summary)),
        "完成单位": lambda row: _cell(row.institution.name),
        "产业链": lambda row: _cell(row.industry.name),
        "状态": lambda row: _cell(row.get_status_display()),
        "成熟度": _maturity,
        "适用边界": _limits,
        "意向价格": lambda row: ComparisonCell(row.price_text, "可先使用后付费" if row.pay_later else ""),
        "转化方式": lambda row: _cell("、".join(row.way_labels)),
        "知识产权": lambda row: _cell(ip_summary(row.intellectual_property.all()), nothing="未填写"),
    }
    return [ComparisonRow(label, [fact(row) for row in achievements]) for label, fact in facts.items()]


def missing_row(achievements: Sequence[Achievement]) -> ComparisonRow:
    """What each does not say and a firm will ask for."""
    return ComparisonRow("还没有写的", [ComparisonCell("、".join(_missing(row)) or "都写了") for row in achievements])


def indicator_rows(achievements: Sequence[Achievement]) -> list[ComparisonRow]:
    """A row for each quantity; those that most achievements state come first, then as the first one lists them."""
    quantities: list[_Quantity] = []
    for number, achievement in enumerate(achievements):
        for indicator in achievement.indicators.all():
            parsed = _parsed(indicator)
            place = _same_quantity(quantities, number, parsed)
            if place is None:
                quantities.append(_Quantity(indicator.name, {number: (indicator, parsed)}))
            else:
                place.offers[number] = (indicator, parsed)
    quantities.sort(key=lambda quantity: -len(quantity.offers))  # stable
    return [_indicator_row(quantity, len(achievements)) for quantity in quantities]


def _same_quantity(quantities: list[_Quantity], number: int, parsed: engine.Indicator) -> _Quantity | None:
    """The quantity with the most similar name that this achievement has not stated yet.

    Names that are only similar have to have units that can be converted.
    """
    best, best_similarity = None, 0.0
    for quantity in quantities:
        if number in quantity.offers:
            continue
        for _row, other in quantity.offers.values():
            similarity = name_similarity(other.name, parsed.name)
            is_same_unit = other.measure.dimension == parsed.measure.dimension
            if similarity < SAME_QUANTITY_FROM or not (is_same_unit or similarity >= CERTAIN_NAME):
                continue
            if similarity > best_similarity:
                best, best_similarity = quantity, similarity
    return best


def _indicator_row(quantity: _Quantity, count: int) -> ComparisonRow:
    best, bars = _best(quantity), _bars(quantity)
    cells = []
    for number in range(count):
        offer = quantity.offers.get(number)
        if offer is None:
            cells.append(ComparisonCell("没有写", is_missing=True))
            continue
        row, _parsed_row = offer
        name = row.name if row.name != quantity.name else ""
        notes = [name, row.condition, f"依据：{row.basis}" if row.basis else "", "数值最优" if number == best else ""]
        cells.append(
            ComparisonCell(row.text, "；".join(filter(None, notes)), bar=bars.get(number), is_best=number == best)
        )
    return ComparisonRow(quantity.name, cells)


def _best(quantity: _Quantity) -> int | None:
    """The achievement with the best value, if the values can be compared: one dimension, one condition, a direction
    in which more or less is better, and no draw."""
    direction = better_direction(quantity.name)
    if direction not in {"+", "-"} or not _are_comparable(quantity):
        return None
    values = {number: _value(parsed, direction) for number, (_row, parsed) in quantity.offers.items()}
    best = max(values.values()) if direction == "+" else min(values.values())
    winners = [number for number, value in values.items() if value == best]
    return winners[0] if len(winners) == 1 and abs(best) != float("inf") else None


def _are_comparable(quantity: _Quantity) -> bool:
    """Whether at least two state numbers of one dimension, under one condition, all as values or all as changes."""
    offers = list(quantity.offers.values())
    units = {parsed.measure.dimension for _row, parsed in offers}
    conditions = {row.condition.strip() for row, _parsed in offers}
    changes = {parsed.change for _row, parsed in offers}
    agree = len(units) == len(conditions) == len(changes) == 1
    return agree and len(offers) >= MIN_ITEMS and all(parsed.values for _row, parsed in offers)


def _bars(quantity: _Quantity) -> dict[int, float]:
    """Lengths to one scale that begins at zero. None for ranges, for equal values, and where zero
    means nothing: temperatures, grades."""
    direction = better_direction(quantity.name)
    offers = {number: parsed for number, (_row, parsed) in quantity.offers.items()}
    dimension = next(iter(offers.values())).measure.dimension
    means_more_or_less = direction in {"+", "-"} or (dimension and direction != "=")
    if not _are_comparable(quantity) or dimension == "[temperature]" or not means_more_or_less:
        return {}
    if any(parsed.comparison in {"between", "list", "words"} for parsed in offers.values()):
        return {}
    values = {number: _value(parsed, direction or "+") for number, parsed in offers.items()}
    most = max(values.values())
    if min(values.values()) < 0 or not 0 < most < float("inf") or len(set(values.values())) == 1:
        return {}
    return {number: round(100 * value / most, 1) for number, value in values.items()}


def _value(parsed: engine.Indicator, direction: str) -> float:
    """The value that is promised: of ≥ 95 or 95–98 the least, of ≤ 3 the greatest."""
    low, high = base_bounds(parsed)
    if direction == "+":
        return low if low != float("-inf") else high
    return high if high != float("inf") else low


def _parsed(indicator: Indicator) -> engine.Indicator:
    return engine.indicator_from_row(
        indicator.name,
        indicator.comparison,
        indicator.value,
        indicator.value_to,
        indicator.unit,
        indicator.condition,
    )


def _missing(achievement: Achievement) -> list[str]:
    checks = {
        "技术指标": bool(achievement.indicators.all()),
        "成熟度等级": achievement.maturity_level is not None,
        "成熟度依据": bool(achievement.maturity_evidence),
        "意向价格": achievement.price_min_wan is not None or achievement.price_max_wan is not None,
        "转化方式": bool(achievement.transfer_ways),
        "知识产权": bool(achievement.intellectual_property.all()),
        "应用场景": bool(achievement.scenario),
        "适用边界": bool(limits_of(achievement).sentences),
    }
    return [label for label, is_said in checks.items() if not is_said]


def _maturity(achievement: Achievement) -> ComparisonCell:
    is_own = bool(achievement.maturity_level) and not achievement.maturity_evidence
    return ComparisonCell(maturity_text(achievement), "自评" if is_own else "")


def _limits(achievement: Achievement) -> ComparisonCell:
    limits = limits_of(achievement)
    text = _excerpt(" ".join(limits.sentences))
    return ComparisonCell(
        text or NOTHING, "" if limits.is_registered or not text else "摘自单位写的简介", is_missing=not text
    )


def _cell(text: str, nothing: str = "") -> ComparisonCell:
    return ComparisonCell(text or NOTHING, is_missing=not text or text == nothing)


def _excerpt(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SUMMARY_LENGTH else f"{flat[:SUMMARY_LENGTH]}…"
