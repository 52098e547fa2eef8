"""Indicators in prose: the question to a model, and the check of what it found.

An indicator counts only if its quotation stands in one of the texts and its numbers and its unit in the quotation. What
counts is still a proposal: a person decides whether it enters the form.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matching.reader import prompt
from matching.reader.answers import Problem, folded, listed_rows, object_schema, one_line, stands_in
from matching.reader.embedded_orders import is_order
from matching.reader.masking import mask_contacts
from matching.reader.numbers import digits_written_out, numbers_in

COMPARISONS = ("ge", "le", "gt", "lt", "eq", "about", "between")
LONGEST = {"name": 100, "value": 60, "value_to": 60, "unit": 30, "condition": 200}
"""Characters that the form accepts."""
MAX_INDICATORS = 12
MAX_TEXT = 12_000
"""Characters that are sent of all texts together."""
_UPPER = ("不高于", "不大于", "不超过", "不多于", "小于", "低于", "少于", "至多", "以下", "以内", "≤", "<")
_LOWER = ("不低于", "不小于", "不少于", "不短于", "大于", "高于", "超过", "至少", "以上", "≥", ">")
_NEGATED_UPPER, _NEGATED_LOWER = ("不低于", "不小于", "不少于"), ("不高于", "不大于", "不超过")


@dataclass(frozen=True, slots=True)
class FoundIndicator:
    """One indicator as the form takes it. Values are texts; `comparison` is one of COMPARISONS."""

    name: str
    comparison: str
    value: str
    value_to: str
    unit: str
    condition: str
    quotation: str


@dataclass(frozen=True, slots=True)
class FoundIndicators:
    """`void`: number of statements that do not count. `problem`: why the whole answer does not count."""

    indicators: tuple[FoundIndicator, ...] = ()
    void: int = 0
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class IndicatorQuestion:
    """`texts`: (label, masked text) of each part of the form. Build it with `indicator_question`."""

    texts: tuple[tuple[str, str], ...]

    @property
    def messages(self) -> list[dict[str, str]]:
        data = {"texts": [{"label": label, "text": text} for label, text in self.texts]}
        return [
            {"role": "system", "content": prompt.instructions(prompt.INDICATORS)},
            {"role": "user", "content": json.dumps(data, ensure_ascii=False)},
        ]

    @property
    def name(self) -> str:
        return "indicators"

    @property
    def schema(self) -> dict[str, Any]:
        properties: dict[str, Any] = {field: {"type": "string"} for field in LONGEST}
        properties |= {"comparison": {"type": "string", "enum": list(COMPARISONS)}, "quotation": {"type": "string"}}
        return object_schema({"indicators": {"type": "array", "items": object_schema(properties)}})

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of the instructions and the texts."""
        return hashlib.sha256(
            json.dumps([prompt.version(prompt.INDICATORS), self.texts], ensure_ascii=False).encode()
        ).hexdigest()


def indicator_question(texts: Sequence[tuple[str, str]]) -> IndicatorQuestion:
    """The question about masked texts. What is more than MAX_TEXT characters of them together is not sent."""
    left, kept = MAX_TEXT, []
    for label, text in texts:
        text = text.encode("utf-8", "replace").decode().strip()[:left]
        if text:
            kept.append((label, text))
            left -= len(text)
    return IndicatorQuestion(tuple(kept))


def check_indicators(question: IndicatorQuestion, content: str) -> FoundIndicators:
    """Check the text that a model returned. Never raises."""
    rows = listed_rows(content, "indicators")
    if isinstance(rows, Problem):
        return FoundIndicators(problem=rows)
    by_key: dict[tuple[str, ...], FoundIndicator] = {}
    void = 0
    for row in rows[: 3 * MAX_INDICATORS]:
        indicator = _indicator(row, [text for _label, text in question.texts])
        if indicator is None:
            void += 1
        else:
            key = (folded(indicator.name), indicator.value, indicator.value_to, indicator.comparison)
            by_key.setdefault(key, indicator)
    return FoundIndicators(tuple(by_key.values())[:MAX_INDICATORS], void)


def _indicator(row: Any, texts: Sequence[str]) -> FoundIndicator | None:
    """The indicator of a row, or None if the texts do not cover it."""
    if not isinstance(row, dict):
        return None
    values = {name: row.get(name, "") for name in (*LONGEST, "comparison", "quotation")}
    if not all(isinstance(value, str) for value in values.values()):
        return None
    indicator = FoundIndicator(**{name: one_line(value) for name, value in values.items()})
    parts = (indicator.name, indicator.condition, indicator.unit, indicator.quotation)
    if not _fits_form(indicator) or any(
        is_order(part) or mask_contacts(part) != part or "〔" in part for part in parts
    ):
        return None
    if not any(stands_in(indicator.quotation, text) for text in texts) or not _is_covered(indicator):
        return None
    if indicator.condition and not any(folded(indicator.condition) in folded(text) for text in texts):
        return None
    return indicator


def _fits_form(indicator: FoundIndicator) -> bool:
    is_range = indicator.comparison == "between"
    return (
        indicator.comparison in COMPARISONS
        and all(len(getattr(indicator, name)) <= longest for name, longest in LONGEST.items())
        and bool(indicator.name and indicator.value)
        and bool(indicator.value_to) == is_range
    )


def _is_covered(indicator: FoundIndicator) -> bool:
    """Whether numbers, unit and direction of an indicator are those of its quotation."""
    quoted = digits_written_out(indicator.quotation)
    stated = numbers_in(indicator.quotation)
    for value in filter(None, (indicator.value, indicator.value_to)):
        numbers = numbers_in(value)
        if not numbers or not numbers <= stated:
            return False
    if indicator.unit and folded(indicator.unit) not in folded(quoted) + folded(indicator.quotation):
        return False
    has_upper = _says(quoted, _UPPER, _NEGATED_UPPER)
    has_lower = _says(quoted, _LOWER, _NEGATED_LOWER)
    if indicator.comparison in {"ge", "gt"}:
        return has_lower or not has_upper
    return has_upper or not has_lower if indicator.comparison in {"le", "lt"} else True


def _says(text: str, words: Sequence[str], without: Sequence[str]) -> bool:
    """Whether a text has one of the words outside of words with the opposite meaning (低于 in 不低于)."""
    for word in without:
        text = text.replace(word, " ")
    return any(word in text for word in words)
