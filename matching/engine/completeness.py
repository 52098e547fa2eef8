"""What the text of a demand lacks to be matched well. A hint for its author, not an error."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from matching.engine.corpus import Item
from matching.engine.indicators import requirements_in_text
from matching.engine.indicators.units import COUNTED, parse_unit, unit_at
from matching.engine.noun_phrases import is_generic, noun_phrases
from matching.engine.tokeniser import HAN, normalise

READ_CHARS = 8000
"""Only this many characters are read, which bounds the time."""
MIN_PROBLEM_CHARS = 20
"""A text with fewer Han characters, or words of other scripts, cannot say what is to be solved."""

CHINESE, PROBLEM, OBJECT, VALUES = "中文说明", "要解决的问题", "对象或材料", "指标数值"

_WORD = re.compile(f"[{HAN}]|[a-z]{{2,}}")
_HAN = re.compile(f"[{HAN}]")
_LATIN = re.compile("[a-z]{3,}")
_NUMBER = re.compile(r"\d[\d,.]*|[一二两三四五六七八九十百千万半]+")


def missing_details(item: Item, *, has_indicators: bool = False) -> list[str]:
    """Return what a demand should say in addition, in the order of the form; [] if nothing is missing.

    中文说明 (only Latin text), 要解决的问题 (too short), 对象或材料 (no noun of a field), 指标数值 (no number with a
    unit).
    `has_indicators`: the demand has indicators in rows of their own. Any text is accepted: traditional characters and
    pasted tables count as other text, of a long text the beginning is read.
    """
    text = normalise(item.full_text[:READ_CHARS])
    if _LATIN.search(text) and not _HAN.search(text):
        return [CHINESE]
    missing = []
    if len(_WORD.findall(text)) < MIN_PROBLEM_CHARS:
        missing.append(PROBLEM)
    if all(is_generic(phrase) for phrase in noun_phrases(text)):
        missing.append(OBJECT)
    if not has_indicators and not _has_value(text):
        missing.append(VALUES)
    return missing


def industry_details(text: str, industry: str) -> list[str]:
    """Return what institutions of an industry (its slug) usually ask and a text does not say; [] for other slugs."""
    plain = normalise(text[:READ_CHARS])
    return [detail for detail, words in _industry_table().get(industry, ()) if not any(word in plain for word in words)]


@cache
def _industry_table() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Read industry_details.txt: the details of each industry with the words that answer them."""
    table: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for line in Path(__file__).with_name("industry_details.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            slug, detail, words = (part.strip() for part in line.split("|"))
            table.setdefault(slug, []).append((detail, tuple(normalise(word) for word in words.split())))
    return table


def industry_sentence(details: Sequence[str]) -> str:
    """Return the hint for the author, or "": 同行业的院校通常还会问：使用温度、用量。"""
    return f"这个产业的院校通常还会问：{'、'.join(details)}。" if details else ""


def missing_sentence(details: Sequence[str]) -> str:
    """Return the hint for the author, or "": 请补充：要解决的问题、指标数值。"""
    return f"请补充：{'、'.join(details)}。写得越具体，匹配越准。" if details else ""


def _has_value(text: str) -> bool:
    if requirements_in_text(text):
        return True
    units = (unit_at(text, number.end())[0] for number in _NUMBER.finditer(text))
    return any(unit and parse_unit(unit).dimension not in COUNTED for unit in units)
