"""Writes exports and import templates. No text in them is run as a formula.

What is written with openpyxl is in `workbooks.py`, which is loaded with the first workbook: openpyxl and NumPy, which
it imports, are 260 modules that most processes never need.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from .cells import clean_text
from .columns import Column

_MAX_CELL_LENGTH = 32_767  # Excel's own limit


def safe_text(text: str) -> str:
    """`text` for a workbook: without invisible characters and leading blanks, with an apostrophe before = + - @.

    The apostrophe prevents formula injection, also after the sheet has been saved as csv (OWASP, "CSV Injection").
    `cells.clean_text` removes it when the sheet is read.
    """
    text = clean_text(text)
    if text[:1] in ("=", "+", "-", "@"):
        text = "'" + text
    return text if len(text) <= _MAX_CELL_LENGTH else text[: _MAX_CELL_LENGTH - 1] + "…"


def cell_value(value: object) -> tuple[Any, str]:
    """(value, number format) of a workbook cell. Texts are made safe, lists joined by ；, datetimes made naive."""
    match value:
        case None:
            return None, "General"
        case bool():
            return ("是" if value else "否"), "@"
        case int():
            return (value, "0") if abs(value) < 10**15 else (str(value), "@")
        case float() | Decimal():
            return value, "#,##0.00"
        case datetime():
            return value.replace(tzinfo=None), "yyyy-mm-dd hh:mm"
        case date():
            return value, "yyyy-mm-dd"
        case list() | tuple() | set() | frozenset():
            return safe_text("；".join(str(part) for part in value)), "@"
    return safe_text(str(value)), "@"


def write_workbook(
    sheet_title: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    watermark: str | None = None,
    notes: Iterable[str] = (),
) -> bytes:
    """An .xlsx file with one worksheet. `rows` is streamed; its values are those of `cell_value`.

    watermark: who exported the file and when; written above the header and in the footer of printed pages.
    notes: lines above the header. Datetimes must be in local time. Codes must be str to stay text.
    """
    return write_sheets([(sheet_title, headers, rows)], watermark=watermark, notes=notes)


def write_sheets(
    sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[object]]]],
    *,
    watermark: str | None = None,
    notes: Iterable[str] = (),
) -> bytes:
    """An .xlsx file with a worksheet for each (title, headers, rows) of `sheets`; see `write_workbook`."""
    from .workbooks import book_of_sheets

    return book_of_sheets(sheets, watermark, tuple(notes))


def write_template(sheet_title: str, columns: Iterable[Column], *, notes: Iterable[str] = ()) -> bytes:
    """An .xlsx import template: a header with comments and drop-down lists, and a worksheet with instructions.

    The examples are in the instructions, not among the rows, so that they are not uploaded by mistake.
    notes: sentences at the top of the instructions.
    """
    from .workbooks import book_of_columns

    return book_of_columns(sheet_title, tuple(columns), notes)


def guidance(column: Column) -> str:
    """The instructions for a column: its help text and the hint of its parser."""
    parts = ["必填" if column.required else "选填", column.help, getattr(column.parse, "hint", "")]
    return "。".join(part.rstrip("。") for part in parts if part) + "。"


def column_width(texts: Iterable[str], *, minimum: int = 8, maximum: int = 50) -> int:
    """The column width in characters for `texts`. A Chinese character counts as two."""
    lengths = [sum(2 if ord(character) > 0x2E7F else 1 for character in text[:maximum]) for text in texts]
    return min(max(minimum, max(lengths, default=0) + 2), maximum)


def safe_sheet_title(text: str) -> str:
    """`text` as a worksheet title: without the characters that Excel forbids, at most 31 characters."""
    return clean_text(re.sub(r"[\[\]:*?/\\']", " ", text), multiline=False)[:31].strip() or "Sheet1"
