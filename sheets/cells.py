"""What may stand in a cell, and how it is cleaned before anyone tries to understand it.

A raw cell is one of: None, str, bool, int, float, Decimal, date, datetime, `Formula`, `ErrorValue`.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite

# Excel keeps 15 significant digits: a longer whole number has already lost its tail.
EXACT_BELOW = 10**15
# Whatever is not free text fits in this; longer input is refused before any costly work on it.
MAX_NORMALIZED_LENGTH = 2_000

# Control characters, zero-width and direction marks (they hide or reorder text), lone surrogates, non-characters.
# U+200D stays: emoji are joined with it.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SPACES = re.compile("[ \t\xa0\u2000-\u200a\u202f\u3000]+")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+?\d{1,3}")
# Written by our own exports before text that a spreadsheet would run as a formula (see writing.py).
_GUARD = re.compile(r"\A'(?=[=+\-@])")

SCIENTIFIC_MESSAGE = "像是被 Excel 转成了科学计数法，请把该列设为文本格式后重新填写完整号码"


class CellProblem(ValueError):
    """A cell that cannot be accepted. Its text says, in plain Chinese, what is wrong and how to mend it."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that holds a formula. It is never evaluated and its cached result is not trusted."""

    text: str


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """A cell that shows an Excel error such as #N/A."""

    code: str


def clean_text(text, *, multiline=True):
    """`text` (str) without what cannot be seen, blanks collapsed, ends trimmed; punctuation stays as written."""
    text = _LINE_ENDS.sub("\n", text)
    text = _SPACES.sub(" ", _UNSEEN.sub("", text))
    lines = [line.strip() for line in text.split("\n")]
    text = _GUARD.sub("", "\n".join(lines).strip())
    return re.sub("\n{3,}", "\n\n", text) if multiline else re.sub("\n+", " ", text)


def as_text(value):
    """Any raw cell as str; formulas, error values and numbers that lost digits raise `CellProblem`."""
    match value:
        case None:
            return ""
        case str():
            return value
        case Formula():
            raise CellProblem("是公式，请改为数值粘贴")
        case ErrorValue(code=code):
            raise CellProblem(f"是错误值 {code}，请改成实际内容")
        case bool():
            return "是" if value else "否"
        case datetime():
            return value.strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00")
        case date() | time():
            return value.isoformat()
        case int() | float() | Decimal():
            return _number_text(value)
    return str(value)


def _number_text(value):
    if not isfinite(value):
        raise CellProblem("不是有效的数字，请重新填写")
    if abs(value) >= EXACT_BELOW:
        raise CellProblem(SCIENTIFIC_MESSAGE)
    return str(int(value)) if value == int(value) else str(value)


def normalize_text(value):
    """A raw cell as NFKC text on one line (full-width digits and letters made half-width), for everything but prose."""
    text = as_text(value)
    if len(text) > MAX_NORMALIZED_LENGTH:
        raise CellProblem(f"有 {len(text)} 个字，太长了，请检查是否填错了列")
    return clean_text(unicodedata.normalize("NFKC", text), multiline=False)


def is_scientific(text):
    """Whether `text` looks like 9.12102E+17, the trace of a code that Excel took for a number."""
    return _SCIENTIFIC.fullmatch(text) is not None


def fold(text):
    """`text` for comparing: NFKC, no blanks, lower case. "ＴＲＬ 9" and "trl9" fold to the same."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def folded_words(text):
    """The words of `text` folded, as a set to look things up in."""
    return frozenset(fold(word) for word in text.split())


def display_text(value, *, limit=40):
    """A raw cell as a person may be shown it in a message: one line, at most `limit` characters; "" for a formula."""
    if value is None or isinstance(value, Formula):
        return ""
    if isinstance(value, ErrorValue):
        return value.code
    try:
        text = as_text(value)
    except CellProblem:
        text = str(value)
    text = clean_text(text[: limit * 10], multiline=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def is_blank(value):
    """Whether nothing visible stands in the raw cell."""
    return value is None or (isinstance(value, str) and not clean_text(value[:MAX_NORMALIZED_LENGTH]))
