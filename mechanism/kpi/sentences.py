"""Numbers of the cockpit and the briefing as Chinese sentences. Nothing is said that was not counted."""

from decimal import Decimal

from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.forecast import Forecast
from mechanism.kpi.formatting import format_ends, format_number, format_value
from mechanism.kpi.lights import LightState
from mechanism.kpi.movement import Movement

NUMERALS = "零一两三四五六七八九十"


def numeral(number: int) -> str:
    """Before a measure word: 两项."""
    return NUMERALS[number] if number < len(NUMERALS) else str(number)


def signed(value: Decimal | int, figure: FigureDefinition) -> str:
    """+11.57, −0.44, 0."""
    if not value:
        return "0"
    sign = "+" if value > 0 else "−"
    return sign + format_value(abs(value), figure)


def unit_of_change(figure: FigureDefinition) -> str:
    return "个百分点" if figure.is_rate else figure.unit.label


def movement_text(movement: Movement) -> str:
    """ "+11.57 亿元", "没有变化", "有变化，影响算不出"."""
    if movement.is_still:
        return "没有变化"
    if movement.delta is None:
        return "有变化，影响算不出"
    return f"{signed(movement.delta, movement.figure)} {unit_of_change(movement.figure)}"


def movement_parts(movement: Movement) -> str:
    """What it consists of: "新增 8 份，补登记 2 份，退出 1 份"; empty if nothing moved."""
    word = row_word(movement.figure)
    parts = []
    if movement.came.rows:
        parts.append(f"新增 {format_number(movement.came.rows)} {word}")
    if movement.late:
        parts.append(f"补登记 {len(movement.late)} {word}")
    if movement.gone:
        parts.append(f"退出 {len(movement.gone)} {word}")
    if movement.changed:
        parts.append(f"更正 {len(movement.changed)} {word}")
    if movement.unclear:
        parts.append(f"另有 {movement.unclear} {word}改过，影响算不出")
    return "，".join(parts)


def row_word(figure: FigureDefinition) -> str:
    """The measure word of the rows of a figure."""
    words = {"contract": "份", "fund": "支", "agency": "家", "achievement": "项", "deal": "项", "payment": "笔"}
    return words.get(figure.model._meta.model_name or "", "条")


def direction(movement: Movement) -> str:
    """CSS class: up, dn, eq."""
    if not movement.delta:
        return "eq"
    return "up" if movement.delta > 0 else "dn"


def forecast_text(forecast: Forecast, figure: FigureDefinition) -> str:
    """ "486–508 亿元"; empty if there is no range."""
    if forecast.low is None or forecast.high is None:
        return ""
    gap = "" if figure.is_rate else " "
    return f"{format_ends(forecast.low, forecast.high)}{gap}{figure.unit.label}"


def verdict_text(counts: dict[LightState, int], total: int) -> str:
    """ "五项里两项已达到、一项有风险"."""
    parts = [f"{numeral(number)}项{state.word}" for state, number in counts.items() if number]
    return f"{numeral(total)}项里" + "、".join(parts)
