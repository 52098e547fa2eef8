"""Raw cell values, and the cleaning of text before it is parsed."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite

# Excel keeps 15 significant digits: a longer whole number has already lost its tail.
EXACT_BELOW = 10**15
# The longest value that is not free text. Longer input is refused before it is normalized, which takes time.
MAX_NORMALIZED_LENGTH = 2_000

# Control characters, zero-width and direction marks (they hide or reorder text), lone surrogates, non-characters.
# U+200D is kept because it joins emoji.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SPACES = re.compile("[ \t\xa0\u2000-\u200a\u202f\u3000]+")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+?\d{1,3}")
# The apostrophe that our exports put before text which a spreadsheet would run as a formula (see writing.py).
_GUARD = re.compile(r"\A'(?=[=+\-@])")

SCIENTIFIC_MESSAGE = "像是被 Excel 转成了科学计数法，请把该列设为文本格式后重新填写完整号码"


class CellProblem(ValueError):
    """A cell that cannot be accepted. The message says in Chinese what is wrong and how to fix it."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell with a formula. It is not evaluated. cached: the result that was saved with it, which may be stale; the
    strict parsers refuse formulas, whatever it is.
    """

    text: str
    cached: "RawCell" = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """A cell with an Excel error such as #N/A."""

    code: str


type RawCell = str | bool | int | float | Decimal | date | datetime | time | Formula | ErrorValue | None


def clean_text(text: str, *, multiline: bool = True) -> str:
    """`text` without invisible characters, with blanks collapsed and ends trimmed. Punctuation is not changed."""
    text = _LINE_ENDS.sub("\n", text)
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    lines = [line.strip() for line in text.split("\n")]
    text = _GUARD.sub("", "\n".join(lines).strip())
    return re.sub("\n{3,}", "\n\n", text) if multiline else re.sub("\n+", " ", text)


def as_text(value: RawCell) -> str:
    """The raw cell as text. Raises `CellProblem` for formulas, errors and numbers that have lost digits."""
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


def _number_text(value: float | Decimal) -> str:
    if not isfinite(value):
        raise CellProblem("不是有效的数字，请重新填写")
    if not -EXACT_BELOW < value < EXACT_BELOW:
        raise CellProblem(SCIENTIFIC_MESSAGE)
    return str(int(value)) if value == int(value) else str(value)


def normalize_text(value: RawCell) -> str:
    """The raw cell as NFKC text on one line (full-width characters become half-width). Not for free text."""
    text = as_text(value)
    if len(text) > MAX_NORMALIZED_LENGTH:
        raise CellProblem(f"有 {len(text)} 个字，太长了，请检查是否填错了列")
    return clean_text(unicodedata.normalize("NFKC", text), multiline=False)


def is_scientific(text: str) -> bool:
    """Whether `text` looks like 9.12102E+17: a code that Excel has converted to a number."""
    return _SCIENTIFIC.fullmatch(text) is not None


def fold(text: str) -> str:
    """`text` for comparison: NFKC, without blanks, case folded. "ＴＲＬ 9" and "trl9" are equal after it."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def folded_words(text: str) -> frozenset[str]:
    """The folded words of `text`, which are separated by blanks."""
    return frozenset(fold(word) for word in text.split())


def display_text(value: RawCell, *, limit: int = 40) -> str:
    """The raw cell for a message: one line of at most `limit` characters; "" for a formula."""
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


def is_blank(value: RawCell) -> bool:
    """Whether the raw cell is empty or has invisible characters only."""
    if not isinstance(value, str):
        return value is None
    return not value[:1].isalnum() and not clean_text(value[:MAX_NORMALIZED_LENGTH])
