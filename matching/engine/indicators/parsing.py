"""Parser of indicators: from the columns of a row, and from free text (≥95%、由3%降至1%以下、-40℃至85℃、三个月内).

Text that cannot be parsed becomes an indicator of words with its original. Nothing raises.
"""

import re
from dataclasses import replace

from matching.engine.indicators.clause_parsing import parse_clause
from matching.engine.indicators.indicator import Indicator
from matching.engine.indicators.numerals import normalise_symbols, parse_number
from matching.engine.indicators.vocabulary import CONDITION_END, DIRECTION, NUMBERING

MAX_CHARS = 4000
"""A longer text is a document, not a list of indicators; the rest is ignored."""
MAX_INDICATORS = 60


def indicator_from_row(
    name: str, comparison: str, value: str, value_to: str = "", unit: str = "", condition: str = "", original: str = ""
) -> Indicator:
    """Return the indicator of a row with columns. `comparison`: ge le gt lt eq about between words."""
    original = original or f"{name} {value}{f'–{value_to}' if value_to else ''} {unit}".strip()
    low, high = parse_number(normalise_symbols(value)), parse_number(normalise_symbols(value_to))
    if comparison == "between" and low is not None and high is not None:
        indicator = Indicator(name, original, "between", (min(low, high), max(low, high)), unit, condition)
    elif comparison not in {"between", "words"} and low is not None:
        indicator = Indicator(name, original, comparison, (low,), unit, condition)
    else:
        cell = _parse_cell(name, comparison, value, unit)
        indicator = replace(
            cell, name=name, original=original, unit=cell.unit or unit, condition=condition or cell.condition
        )
    return _with_change_from_name(indicator)


def parse_indicators(text: str) -> list[Indicator]:
    """Return all indicators of a free text in order. A name may be empty (≥95%). Text without a number has none."""
    indicators: list[Indicator] = []
    for sentence in re.split(r"[\n;；。！!？?]+", text[:MAX_CHARS]):
        condition = ""
        for clause in _clauses(normalise_symbols(NUMBERING.sub("", sentence))):
            if (indicator := parse_clause(clause)) is not None:
                indicator = replace(indicator, condition=indicator.condition or condition)
                indicators.append(_with_change_from_name(indicator))
                condition = ""
            elif indicators and not condition and re.match(r"\(", clause):
                last = indicators[-1]
                indicators[-1] = replace(last, condition=last.condition or clause.strip("()"))
            elif CONDITION_END.search(clause):
                condition = clause
            if len(indicators) == MAX_INDICATORS:
                return indicators
    return indicators


def parse_indicator(text: str) -> Indicator:
    """Return the first indicator of a short text, or one of words if the text has no number."""
    indicators = parse_indicators(text)
    return replace(indicators[0], original=text.strip()) if indicators else Indicator(text.strip(), text.strip())


def _parse_cell(name: str, comparison: str, value: str, unit: str) -> Indicator:
    """Parse the cell of a value that is more than a number: ≥95, 2~5, 0.5 mm, 由3%降至1%, 三."""
    indicator = parse_clause(normalise_symbols(f"{value}{unit}")) or parse_clause(normalise_symbols(value))
    if indicator is None or indicator.name not in {"", normalise_symbols(name)}:
        return Indicator(name, value)
    is_plain_value = indicator.comparison == "eq" and len(indicator.values) == 1
    uses_column = is_plain_value and comparison not in {"words", "between"}
    return replace(indicator, comparison=comparison) if uses_column else indicator


_HIDE, _SHOW = str.maketrans("，、,", "\x03\x04\x05"), str.maketrans("\x03\x04\x05", "，、,")


def _clauses(sentence: str) -> list[str]:
    """Split at commas and enumeration commas, except inside brackets, conditions and lists of numbers."""
    kept = r"\([^()]*\)|在[^，]{2,40}?(?:条件|情况|工况|状态|环境)下"
    hidden = re.sub(kept, lambda match: match.group().translate(_HIDE), sentence)
    pieces = re.split(r"，|、(?!\s*(?:DN|φ)?[-+]?\d+(?:\.\d+)?\s*[^\d\s]{0,4}(?:、|$|等))|,(?!\d{3})", hidden)
    return [clause for piece in pieces if (clause := piece.translate(_SHOW).strip())]


def _with_change_from_name(indicator: Indicator) -> Indicator:
    """Set `change` if the name states it: 节电率≥12%, 张力降幅≥30%, 体温提高 ≥1.8 ℃."""
    if indicator.change or not indicator.values or indicator.before is not None:
        return indicator
    name = indicator.name
    if match := re.fullmatch(r"(.{2,}?)(提高|提升|增加|上升|降低|下降|减少|缩短)(?:率|幅度|比例|量|值)?", name):
        return replace(indicator, name=match.group(1), change=DIRECTION[match.group(2)])
    if match := re.fullmatch(r"(.{2,}?)(增幅|升幅|增长率|降幅|减幅)", name):
        return replace(indicator, name=match.group(1), change="down" if match.group(2)[0] in "降减" else "up")
    if match := re.fullmatch(r"(.*?)([节省][电能水油煤气]|降本|减重)率?", name):
        quantity = {"降本": "成本", "减重": "重量"}.get(match.group(2), f"{match.group(2)[1]}耗")
        return replace(indicator, name=match.group(1) + quantity, change="down")
    return indicator
