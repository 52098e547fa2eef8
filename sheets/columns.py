"""The columns that a sheet may have, and how header texts are matched to them."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from .column_letters import column_letter
from .values import Text

# Texts that mean "nothing"; in an optional column they count as an empty cell.
BLANK_WORDS = frozenset({"-", "--", "—", "——", "/", "\\", "无", "暂无", "N/A", "n/a", "NA", "空"})
# Headers of row numbers: not read, and not reported as unknown columns.
_ROW_NUMBER_HEADERS = frozenset({"序号", "编号", "行号", "no", "#"})

_CIRCLED = re.compile("^[\u2460-\u249b\u2776-\u2793]")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_NUMBERING = re.compile(r"^\s*(\d{1,2}[.、)]|[一二三四五六七八九十]{1,3}[、.])(?!\d)")
_UNIT = re.compile(r"[(\[【]\s*(?:单位|人民币)?[:\s]*(亿元|万元|千元|元|亿|万)")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column that a sheet may have.

    key: name of the value in a checked row. label: the expected header.
    aliases: other headers with the same meaning (compared after `normalize_header`).
    parse: called with the raw cell, returns the value or raises `CellProblem`; see values.py, money.py, dates.py.
    required: the column must exist and its cells must not be empty.
    help, example: shown in the template. empty: the value of an empty cell. width: in characters.
    """

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    parse: Callable[[Any], Any] = field(default_factory=Text)
    required: bool = False
    help: str = ""
    example: str = ""
    empty: Any = None
    blank_words: frozenset[str] = BLANK_WORDS
    width: int | None = None


@dataclass(frozen=True)
class Header:
    """The matched header of a sheet, in the rows `row` to `last_row`. Column numbers start at 1, as in Excel.

    texts: {column number: header text}. positions: {column key: column number}. units: {column key: unit of money}.
    missing: required columns that are not there. duplicates: columns with several headers. unknown: like `texts`.
    """

    row: int
    last_row: int
    texts: dict[int, str]
    positions: dict[str, int]
    units: dict[str, str]
    missing: tuple[Column, ...]
    duplicates: tuple[tuple[Column, tuple[int, ...]], ...]
    unknown: dict[int, str]

    @property
    def notices(self) -> list[str]:
        """Chinese sentences about the header for the user."""
        if not self.unknown:
            return []
        names = "、".join(f"“{text}”（{column_letter(at)} 列）" for at, text in self.unknown.items())
        return [f"以下列不在模板中，未读取：{names}"]


def normalize_header(text: str) -> str:
    """The header `text` for comparison: without stars, numbering, bracketed hints, blanks and punctuation.

    "★ 2. 意向价格\\n（万元，可填“面议”）" and "意向价格" give the same result.
    """
    text = unicodedata.normalize("NFKC", _CIRCLED.sub("", text.strip(" \t\r\n★☆*＊※●◆")))
    text = _NUMBERING.sub("", text.strip("★☆*※●◆ "))
    while (inner := _BRACKETS.sub("", text)) != text and _letters(inner):
        text = inner
    return _letters(text) or text.strip().casefold()


_normalized_label = lru_cache(maxsize=1024)(normalize_header)
"""For the labels of columns, which are compared with each row that could be the header."""


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum()).casefold()


def unit_of(text: str) -> str | None:
    """The unit of money in a header ("元" in "拟投入资金（元）"), or None."""
    match = _UNIT.search(unicodedata.normalize("NFKC", text))
    return match[1] if match else None


def match_header(
    texts: dict[int, str], columns: Sequence[Column], *, row: int = 1, last_row: int | None = None
) -> Header:
    """Match header `texts` ({column number: text}) to `columns`.

    If several headers match one column, the first one is used and all are listed in `duplicates`.
    """
    columns_by_header = header_index(columns)
    matched: dict[str, list[int]] = {}
    unknown: dict[int, str] = {}
    units: dict[str, str] = {}
    for at, text in sorted(texts.items()):
        normal = normalize_header(text)
        column = columns_by_header.get(normal)
        if column:
            matched.setdefault(column.key, []).append(at)
            if unit := unit_of(text):
                units.setdefault(column.key, unit)
        elif normal and normal not in _ROW_NUMBER_HEADERS:
            unknown[at] = text
    return Header(
        row=row,
        last_row=last_row or row,
        texts=texts,
        positions={key: places[0] for key, places in matched.items()},
        units=units,
        missing=tuple(column for column in columns if column.required and column.key not in matched),
        duplicates=tuple(
            (column, tuple(matched[column.key])) for column in columns if len(matched.get(column.key, ())) > 1
        ),
        unknown=unknown,
    )


def header_index(columns: Iterable[Column]) -> dict[str, Column]:
    """{normalized header: column}. Raises ValueError if two columns have the same header, which is a bug."""
    index: dict[str, Column] = {}
    for column in columns:
        for name in (column.label, *column.aliases):
            other = index.setdefault(_normalized_label(name), column)
            if other is not column:
                raise ValueError(f"header {name!r} is claimed by {other.key} and {column.key}")
    return index
