"""Which columns a sheet should have, and which of its headers mean them."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from .values import Text

# Ways of writing "nothing to say"; in a column that may stay empty they mean an empty cell.
BLANK_WORDS = frozenset({"-", "--", "—", "——", "/", "\\", "无", "暂无", "N/A", "n/a", "NA", "空"})
# Running numbers carry no meaning; nobody needs to be told that they are not read.
_NOISE = frozenset({"序号", "编号", "行号", "no", "#"})

_CIRCLED = re.compile("^[\u2460-\u249b\u2776-\u2793]")
_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕")
_NUMBERING = re.compile(r"^\s*(\d{1,2}[.、)]|[一二三四五六七八九十]{1,3}[、.])(?!\d)")
_UNIT = re.compile(r"[(\[【]\s*(?:单位|人民币)?[:\s]*(亿元|万元|千元|元|亿|万)")


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column that a sheet may have.

    key: name of the value in a checked row. label: the header as people should write it.
    aliases: other headers that mean the same (compared after `normal_header`).
    parse: called with the raw cell, returns the value or raises `CellProblem`; see values.py, money.py, dates.py.
    required: the column must exist and no cell of it may be empty.
    help, example: shown in the template. empty: the value of an empty cell. width: in characters.
    """

    key: str
    label: str
    aliases: tuple[str, ...] = ()
    parse: Callable = field(default_factory=Text)
    required: bool = False
    help: str = ""
    example: str = ""
    empty: object = None
    blank_words: frozenset[str] = BLANK_WORDS
    width: int | None = None


@dataclass(frozen=True)
class Header:
    """The header row of a sheet, understood. Column numbers start at 1, as in Excel."""

    row: int
    last_row: int
    texts: dict[int, str]
    positions: dict[str, int]
    units: dict[str, str]
    missing: tuple[Column, ...]
    doubled: tuple[tuple[Column, tuple[int, ...]], ...]
    unknown: dict[int, str]

    @property
    def notices(self):
        """What a person should know about the header, as sentences."""
        if not self.unknown:
            return []
        names = "、".join(f"“{text}”（{get_column_letter(at)} 列）" for at, text in self.unknown.items())
        return [f"以下列不在模板中，未读取：{names}"]


def normalize_header(text):
    """`text` of a header for comparing: without stars, numbering, bracketed hints, blanks and punctuation.

    "★ 2. 意向价格\\n（万元，可填“面议”）" and "意向价格" come out alike.
    """
    text = unicodedata.normalize("NFKC", _CIRCLED.sub("", text.strip(" \t\r\n★☆*＊※●◆")))
    text = _NUMBERING.sub("", text.strip("★☆*※●◆ "))
    while (inner := _BRACKETS.sub("", text)) != text and _letters(inner):
        text = inner
    return _letters(text) or text.strip().casefold()


def _letters(text):
    return "".join(character for character in text if character.isalnum()).casefold()


def unit_of(text):
    """The unit of money that a header names ("拟投入资金（元）" gives "元"), or None."""
    found = _UNIT.search(unicodedata.normalize("NFKC", text))
    return found[1] if found else None


def match_header(texts, columns, *, row=1, last_row=None):
    """Find the columns behind header `texts` ({column number: text}); returns a `Header`.

    Two headers that mean the same column are reported in `doubled`; the first one is used.
    """
    meaning = header_meanings(columns)
    found, unknown, units = {}, {}, {}
    for at, text in sorted(texts.items()):
        normal = normalize_header(text)
        column = meaning.get(normal)
        if column:
            found.setdefault(column.key, []).append(at)
            if unit := unit_of(text):
                units.setdefault(column.key, unit)
        elif normal and normal not in _NOISE:
            unknown[at] = text
    return Header(
        row=row,
        last_row=last_row or row,
        texts=texts,
        positions={key: places[0] for key, places in found.items()},
        units=units,
        missing=tuple(column for column in columns if column.required and column.key not in found),
        doubled=tuple((column, tuple(found[column.key])) for column in columns if len(found.get(column.key, ())) > 1),
        unknown=unknown,
    )


def header_meanings(columns):
    """{normal header: column}; ValueError when two columns claim one header, for that is a mistake in the program."""
    meaning = {}
    for column in columns:
        for name in (column.label, *column.aliases):
            other = meaning.setdefault(normalize_header(name), column)
            if other is not column:
                raise ValueError(f"header {name!r} is claimed by {other.key} and {column.key}")
    return meaning
