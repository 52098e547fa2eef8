"""Parser of technical indicators, separated by line breaks or semicolons: 循环寿命≥2000 次；粒径 10~20 μm."""

import re
import unicodedata

from django.db import models

from taxonomy.models import Comparison, IndicatorBase

_WORDS = {
    Comparison.AT_LEAST: "≥|>=|≧|不低于|不小于|不少于|大于等于|大于或等于|至少|达到|可达|达",
    Comparison.AT_MOST: "≤|<=|≦|不高于|不大于|不超过|不多于|小于等于|小于或等于|至多|控制在",
    Comparison.MORE_THAN: ">|大于|高于|超过|优于",
    Comparison.LESS_THAN: "<|小于|低于|少于",
    Comparison.ABOUT: "≈|约为|大约|约",
    Comparison.EQUAL: "=|:|为",
}
_COMPARISONS = {word: comparison for comparison, words in _WORDS.items() for word in words.split("|")}
_SIGN = "|".join(sorted(map(re.escape, _COMPARISONS), key=len, reverse=True))
_NUMBER = r"[-+±]?\d+(?:\.\d+)?(?:×10\^?-?\d+)?"
_SINGLE = re.compile(
    rf"(?P<name>\S.*?)\s*:?\s*(?P<sign>{_SIGN})\s*(?P<value>{_NUMBER})\s*(?P<unit>[^\d\s,，。、()（）]*)"
)
_RANGE = re.compile(
    rf"(?P<name>\S.*?)(?:\s*(?:{_SIGN})\s*|\s+)(?P<value>{_NUMBER})\s*(?P<first_unit>[^\d\s,，。、()（）~—–至-]*)\s*"
    rf"(?:~|—+|–|至|-)\s*(?P<value_to>{_NUMBER})\s*(?P<unit>[^\d\s,，。、()（）]*)"
)
_ITEMS = re.compile(r"[\n；;]+|。(?!\d)")
_NUMBERING = re.compile(r"^\s*(?:[(（]?\d{1,2}[)）.、](?!\d)|[①-⑳]|[-•·●])\s*")


_USUAL = re.compile(
    r"\s*[(（]\s*(?:行业|同行|业内)(?:常见|一般|通常|平均|现有)?(?:水平)?\s*(?:为|是)?\s*[:：]?\s*(?P<today>[^()（）]{1,60}?)\s*[)）]\s*$"
)


def parse_indicators(text: str, *, with_usual: bool = False) -> tuple[list[dict], str]:
    """Split a text into indicators and the other lines.

    with_usual: what stands in brackets behind an indicator as the usual level of its industry becomes its `today`:
    循环寿命≥2000 次（行业常见 1200 次）.

    An indicator has one name, one comparison and one number or range: a dict of name, comparison, value, value_to and
    unit. All other lines are returned unchanged.
    """
    indicators: list[dict[str, str]] = []
    rest: list[str] = []
    for item in _ITEMS.split(text):
        if not item.strip():
            continue
        line = _NUMBERING.sub("", item).strip()
        usual = _USUAL.search(line) if with_usual else None
        indicator = _indicator(line[: usual.start()] if usual else line)
        if indicator:
            if usual:
                indicator["today"] = usual["today"]
            indicators.append(indicator)
        else:
            rest.append(item.strip())
    return indicators, "\n".join(rest)


def _indicator(item: str) -> dict[str, str] | None:
    text = _half_width(item)
    match = _RANGE.fullmatch(text) or _SINGLE.fullmatch(text)
    if not match:
        return None
    parts = match.groupdict()
    is_range = "value_to" in parts
    indicator = {
        "name": parts["name"].strip(" :"),
        "comparison": Comparison.BETWEEN if is_range else _COMPARISONS[parts["sign"]],
        "value": parts["value"],
        "value_to": parts.get("value_to") or "",
        "unit": parts["unit"] or parts.get("first_unit") or "",
    }
    return indicator if all(_fits(field, value) for field, value in indicator.items()) else None


def _fits(field: str, value: str) -> bool:
    column = IndicatorBase._meta.get_field(field)
    longest = column.max_length if isinstance(column, models.CharField) else None
    return (longest is None or len(value) <= longest) and (bool(value) or field in {"value_to", "unit"})


def _half_width(text: str) -> str:
    """`text` with full-width characters made half-width. ℃ and μ are kept, which NFKC would replace."""
    return "".join(unicodedata.normalize("NFKC", c) if "！" <= c <= "～" else c for c in text)
