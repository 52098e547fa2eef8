"""Parsers of cell values. A parser is a frozen dataclass that is called with a raw cell.

It returns the value, or raises `CellProblem` with a message that says how to fix the cell. `hint` tells in an import
template what may be written. `check_rows` does not call parsers for empty cells. Money: money.py; dates: dates.py.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, NamedTuple

from .cells import (
    SCIENTIFIC_MESSAGE,
    CellProblem,
    RawCell,
    as_text,
    clean_text,
    fold,
    folded_words,
    is_scientific,
    normalize_text,
)
from .credit_code import normalize_credit_code

_SEPARATORS = re.compile(r"[；;、,，/\n]+")
_KEYWORD_SEPARATORS = re.compile(r"[；;、,，\n]+")
_ITEM_SEPARATORS = re.compile(r"[；;\n]+")
_BRACKETED = re.compile(r"[(（][^()（）]*[)）]")

YES = folded_words("是 √ ✓ ✔ ☑ Y yes true 1 1.0 愿意 同意 对 有 可 可以 需要 允许 已确认 确认")
NO = folded_words("否 × ✗ ✘ x 不 N no false 0 0.0 不愿意 不同意 无 没有 不可 不可以 不需要 不允许 无意愿")


@dataclass(frozen=True)
class Text:
    """Free text or a name. Punctuation, emoji and traditional characters are kept. Returns str.

    max_length, min_length: in characters. multiline: keeps line breaks.
    """

    max_length: int = 200
    multiline: bool = False
    min_length: int = 1

    @property
    def hint(self) -> str:
        return f"不超过 {self.max_length} 字"

    def __call__(self, value: RawCell) -> str:
        raw = as_text(value)
        # Cleaning takes time in proportion to the length, so text that is far too long is refused uncleaned.
        text = raw if len(raw) > 10 * self.max_length + 1000 else clean_text(raw, multiline=self.multiline)
        if len(text) > self.max_length:
            raise CellProblem(f"有 {len(text)} 个字，超过 {self.max_length} 字的上限，请精简")
        if len(text) < self.min_length:
            raise CellProblem(f"至少要写 {self.min_length} 个字，请补充")
        return text


@dataclass(frozen=True)
class Code:
    """An identifier such as a registration or certificate number. Returns str: half-width, upper case, no blanks."""

    max_length: int = 40
    pattern: str = ""
    form: str = ""

    @property
    def hint(self) -> str:
        return self.form or "请用文本格式填写，避免变成科学计数法"

    def __call__(self, value: RawCell) -> str:
        text = "".join(normalize_text(value).upper().split())
        if is_scientific(text):
            raise CellProblem(SCIENTIFIC_MESSAGE)
        if len(text) > self.max_length:
            raise CellProblem(f"有 {len(text)} 位，超过 {self.max_length} 位的上限，请核对")
        if self.pattern and not re.fullmatch(self.pattern, text):
            raise CellProblem(f"格式不对，应为{self.form}，请核对" if self.form else "格式不对，请核对")
        return text


@dataclass(frozen=True)
class CreditCode:
    """统一社会信用代码, including its check character. Returns str of 18 characters."""

    hint = "18 位，请用文本格式填写"

    def __call__(self, value: RawCell) -> str:
        text = normalize_text(value)
        if is_scientific(text):
            raise CellProblem(SCIENTIFIC_MESSAGE)
        try:
            return normalize_credit_code(text)
        except ValueError as error:
            raise CellProblem(str(error)) from error


@dataclass(frozen=True)
class Choice:
    """One of several options. options: {value: label}. synonyms: {other wording: value}. Returns the value."""

    options: Mapping[Any, Any]
    synonyms: Mapping[str, Any] = field(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        return [str(label) for label in self.options.values()]

    @property
    def hint(self) -> str:
        return "填其一：" + _some(self.labels)

    def __call__(self, value: RawCell) -> Any:
        return self.find(normalize_text(value))

    def find(self, text: str) -> Any:
        """The value for `text`. If there is none, remarks in brackets are ignored. Raises `CellProblem`."""
        values = _values_by_wording(
            tuple((value, str(label)) for value, label in self.options.items()), tuple(self.synonyms.items())
        )
        for wording in (fold(text), fold(_BRACKETED.sub("", text))):
            if wording in values:
                return values[wording]
        near = get_close_matches(fold(text)[:60], [fold(label) for label in self.labels], n=1, cutoff=0.6)
        guess = next((label for label in self.labels if near and fold(label) == near[0]), None)
        raise CellProblem(f"不在可选项中，{f'是不是“{guess}”？' if guess else ''}请填其一：{_some(self.labels)}")


@lru_cache(maxsize=256)
def _values_by_wording(options: tuple[tuple[Any, str], ...], synonyms: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    """{folded wording: value}. Cached, because building it for each cell took a third of the time of a check.

    The labels are part of the cache key because they depend on the active language.
    """
    # The label "中试（小批量）" may be written without its remark, unless it is then ambiguous.
    bare = [(_BRACKETED.sub("", label), value) for value, label in options]
    counts = Counter(word for word, _ in bare)
    bare = [pair for pair in bare if counts[pair[0]] == 1]
    named = [(str(value), value) for value, _ in options]
    labelled = [(label, value) for value, label in options]
    return {fold(word): value for word, value in [*bare, *named, *synonyms, *labelled]}


@dataclass(frozen=True)
class Choices(Choice):
    """Several options, separated by ；;、,，/ or line breaks. Returns a tuple of distinct values."""

    max_count: int | None = None

    @property
    def hint(self) -> str:
        return "可多选，用“；”分隔：" + _some(self.labels)

    def __call__(self, value: RawCell) -> tuple[Any, ...]:
        text = normalize_text(as_text(value).replace("\n", ";"))
        try:
            return (self.find(text),)  # a label may itself contain a separator
        except CellProblem:
            parts = [part.strip() for part in _SEPARATORS.split(text) if part.strip()]
        if not parts:
            raise CellProblem(f"没有选项，请从中选择：{_some(self.labels)}")
        chosen = tuple(dict.fromkeys(self._find_part(part) for part in parts))
        if self.max_count and len(chosen) > self.max_count:
            raise CellProblem(f"选了 {len(chosen)} 项，最多 {self.max_count} 项，请删去几项")
        return chosen

    def _find_part(self, part: str) -> Any:
        try:
            return self.find(part)
        except CellProblem as problem:
            raise CellProblem(f"其中“{part[:40]}”{problem}") from problem


@dataclass(frozen=True)
class YesNo:
    """是 or 否 in their various spellings. Returns bool."""

    labels = ("是", "否")
    hint = "填“是”或“否”"

    def __call__(self, value: RawCell) -> bool:
        word = fold(normalize_text(value))
        if word in YES:
            return True
        if word in NO:
            return False
        raise CellProblem("看不出是或否，请填“是”或“否”")


@dataclass(frozen=True)
class WholeNumber:
    """A whole number from `low` to `high`; `affixes` such as "TRL" and "级" are ignored. Returns int."""

    low: int = 0
    high: int = 1_000_000
    affixes: tuple[str, ...] = ()

    @property
    def hint(self) -> str:
        return f"{self.low} 到 {self.high} 的整数"

    def __call__(self, value: RawCell) -> int:
        text = normalize_text(value).casefold().replace(",", "").replace(" ", "")
        for affix in self.affixes:
            text = text.removeprefix(affix.casefold()).removesuffix(affix.casefold())
        if not re.fullmatch(r"[+-]?[0-9]{1,18}(\.0+)?", text):
            raise CellProblem(f"不是整数，请填 {self.low} 到 {self.high} 的整数")
        number = int(text.split(".")[0])
        if not self.low <= number <= self.high:
            raise CellProblem(f"超出范围，请填 {self.low} 到 {self.high} 的整数")
        return number


_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9})")
_LANDLINE = re.compile(r"(?:(0[0-9]{2,3})-?)?([0-9]{7,8})(?:(?:-|转|ext\.?)([0-9]{1,6}))?", re.IGNORECASE)
_SERVICE = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})")


@dataclass(frozen=True)
class Phone:
    """Mobile or landline numbers, several separated by ；、/. Returns str: "13800000000；0411-84700000-12"."""

    hint = "手机号，或带区号的座机号如 0411-84700000；请用文本格式填写"

    def __call__(self, value: RawCell) -> str:
        text = normalize_text(value)
        if is_scientific(text):
            raise CellProblem(SCIENTIFIC_MESSAGE)
        parts = [part for part in _SEPARATORS.split(text) if part.strip()]
        if not 1 <= len(parts) <= 3:
            raise CellProblem("请填一至三个电话号码，用“；”分隔")
        return "；".join(dict.fromkeys(self._number(part) for part in parts))

    def _number(self, part: str) -> str:
        # Brackets, blanks and dashes vary; only the digits and the extension matter.
        digits = re.sub(r"[-‐-―−]+", "-", re.sub(r"\s+", "", part.replace("(", "").replace(")", "-"))).strip("-")
        if mobile := _MOBILE.fullmatch(digits.replace("-", "")):
            return mobile[1]
        if service := _SERVICE.fullmatch(digits):
            return "-".join(service.groups())
        if landline := _LANDLINE.fullmatch(digits):
            return "-".join(group for group in landline.groups() if group)
        raise CellProblem(f"“{part.strip()[:40]}”不像电话号码，请填 11 位手机号或带区号的座机号，如 0411-84700000")


@dataclass(frozen=True)
class Email:
    """An e-mail address. Returns str."""

    hint = "如 name@example.com"

    def __call__(self, value: RawCell) -> str:
        text = "".join(normalize_text(value).split())
        if len(text) > 254 or not re.fullmatch(r"[A-Za-z0-9._%+'-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,24}", text):
            raise CellProblem("不像电子邮箱地址，请写成 name@example.com 的样子")
        return text


@dataclass(frozen=True)
class Keywords:
    """Short words separated by ；、，or line breaks. Returns a tuple of distinct str."""

    max_count: int = 5
    max_length: int = 40

    @property
    def hint(self) -> str:
        return f"1 到 {self.max_count} 个，用“；”分隔"

    def __call__(self, value: RawCell) -> tuple[str, ...]:
        text = clean_text(as_text(value)[: 100 * self.max_length])
        # "船舶、舰船工程；船型": if there is a semicolon, 、 and ， are parts of the words.
        separators = _ITEM_SEPARATORS if re.search("[；;]", text) else _KEYWORD_SEPARATORS
        parts = [part.strip() for part in separators.split(text) if part.strip()]
        # "数控机床 主轴 热误差": blanks separate if there is no other separator and, in English terms, if the text is
        # too long for one keyword.
        if len(parts) == 1 and (not re.search("[A-Za-z]", parts[0]) or len(parts[0]) > self.max_length):
            parts = parts[0].split()
        first_spelling: dict[str, str] = {}
        for part in parts:
            first_spelling.setdefault(fold(part), part)
        folded_words = tuple(first_spelling.values())
        if not folded_words:
            raise CellProblem("没有关键词，请填写并用“；”分隔")
        if len(folded_words) > self.max_count:
            raise CellProblem(f"有 {len(folded_words)} 个，最多 {self.max_count} 个，请删去几个")
        if long := next((word for word in folded_words if len(word) > self.max_length), None):
            raise CellProblem(f"“{long[:20]}…”有 {len(long)} 个字，每个最多 {self.max_length} 字，请用“；”分开")
        return folded_words


class PropertyRight(NamedTuple):
    """An intellectual property right. kind: a value of `PropertyRights.kinds`. number: "" if there is none."""

    kind: str
    number: str


@dataclass(frozen=True)
class PropertyRights:
    """知识产权 as "类型:号；类型:号". kinds: a `Choice` of types. Returns a tuple of `PropertyRight`."""

    kinds: Choice
    max_length: int = 60

    hint = "写成“发明专利:ZL202210000000.1”，多项用“；”分隔"

    def __call__(self, value: RawCell) -> tuple[PropertyRight, ...]:
        text = normalize_text(as_text(value).replace("\n", ";"))
        parts = [part.strip() for part in _ITEM_SEPARATORS.split(text) if part.strip()]
        if not parts:
            raise CellProblem("没有内容，请写成“类型:号”")
        return tuple(dict.fromkeys(self._right(part) for part in parts))

    def _right(self, part: str) -> PropertyRight:
        kind, colon, number = part.partition(":")
        number = "".join(number.upper().split())
        if not colon:
            raise CellProblem(f"“{part[:40]}”缺少类型或号码，请写成“发明专利:ZL202210000000.1”，多项用“；”分隔")
        if is_scientific(number):
            raise CellProblem(SCIENTIFIC_MESSAGE)
        if len(number) > self.max_length:
            raise CellProblem(f"“{part[:40]}”的号码有 {len(number)} 位，太长了，请用“；”分开各项")
        try:
            return PropertyRight(self.kinds.find(kind), number)
        except CellProblem as problem:
            raise CellProblem(f"其中“{part[:40]}”的类型{problem}") from problem


def _some(labels: Sequence[str], *, limit: int = 15) -> str:
    return "、".join(labels[:limit]) + (f" 等 {len(labels)} 项" if len(labels) > limit else "")
