"""Writes exports and import templates. No text in them is run as a formula."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from .cells import clean_text
from .columns import Column
from .values import Choices

HEADER_FONT = Font(bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor="1F4E79")
REQUIRED_FILL = PatternFill("solid", fgColor="9C2F24")
_THIN = Side(style="thin", color="D0D5DD")
BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
WRAPPED = Alignment(wrap_text=True, vertical="top")
CENTERED = Alignment(wrap_text=True, vertical="center", horizontal="center")

_MAX_CELL_LENGTH = 32_767  # Excel's own limit
_MEASURED_ROWS = 200
_TEMPLATE_ROWS = 2_000
_OPTIONS_TITLE = "选项"
GUIDE_TITLE = "填写说明"


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
    notes = tuple(notes)
    book = Workbook(write_only=True)
    for title, headers, rows in sheets:
        _fill_sheet(book.create_sheet(safe_sheet_title(title)), headers, rows, watermark, notes)
    return workbook_bytes(book)


def _fill_sheet(
    sheet: WriteOnlyWorksheet,
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    watermark: str | None,
    notes: Iterable[str],
) -> None:
    above = [safe_text(line) for line in (*([watermark] if watermark else []), *notes)]
    rows = iter(rows)
    first = list(islice(rows, _MEASURED_ROWS))
    for at, header in enumerate(headers, 1):
        texts = [str(row[at - 1]) for row in first if at <= len(row) and row[at - 1] is not None]
        # The stubs lack column_dimensions of write-only worksheets.
        sheet.column_dimensions[get_column_letter(at)].width = column_width([header, *texts])  # type: ignore[attr-defined]
    sheet.freeze_panes = f"A{len(above) + 2}"
    if watermark:
        sheet.oddFooter.center.text = safe_text(watermark).replace("&", "&&")  # type: ignore[union-attr]
    for line in above:
        sheet.append([_styled(sheet, line, font=Font(italic=True, color="667085"))])
    sheet.append([_styled(sheet, safe_text(str(header)), font=HEADER_FONT, fill=HEADER_FILL) for header in headers])
    for part in (first, rows):
        for row in part:
            sheet.append([_data_cell(sheet, value) for value in row])


def _styled(sheet: WriteOnlyWorksheet, value: str, **styles: object) -> Cell:
    cell = WriteOnlyCell(sheet, value)
    for name, style in styles.items():
        setattr(cell, name, style)
    return cell


def _data_cell(sheet: WriteOnlyWorksheet, value: object) -> Cell | None:
    content, number_format = cell_value(value)
    if content is None:
        return None
    cell = WriteOnlyCell(sheet, content)
    cell.number_format = number_format
    return cell


def write_template(sheet_title: str, columns: Iterable[Column], *, notes: Iterable[str] = ()) -> bytes:
    """An .xlsx import template: a header with comments and drop-down lists, and a worksheet with instructions.

    The examples are in the instructions, not among the rows, so that they are not uploaded by mistake.
    notes: sentences at the top of the instructions.
    """
    columns = tuple(columns)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = safe_sheet_title(sheet_title)
    guide, options = book.create_sheet(GUIDE_TITLE), book.create_sheet(_OPTIONS_TITLE)
    options.sheet_state = "hidden"
    for at, column in enumerate(columns, 1):
        _template_column(sheet, options, at, column)
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "A2"
    _fill_guide(guide, columns, notes)
    return workbook_bytes(book)


def _template_column(sheet: Worksheet, options: Worksheet, at: int, column: Column) -> None:
    letter = get_column_letter(at)
    title = ("★" if column.required else "") + column.label
    header = sheet.cell(1, at, title)
    header.font, header.alignment, header.border = HEADER_FONT, CENTERED, BORDER
    header.fill = REQUIRED_FILL if column.required else HEADER_FILL
    header.comment = cell_comment(guidance(column), author=GUIDE_TITLE)
    # The whole column is text, so that codes and telephone numbers keep their digits.
    sheet.column_dimensions[letter].number_format = "@"
    sheet.column_dimensions[letter].width = column.width or column_width([title, column.example])
    labels = getattr(column.parse, "labels", ())
    if not labels or isinstance(column.parse, Choices):
        return
    for row, label in enumerate(labels, 1):
        options.cell(row, at, safe_text(label))
    rule = DataValidation(
        "list",
        formula1=f"'{_OPTIONS_TITLE}'!${letter}$1:${letter}${len(labels)}",
        allow_blank=True,
        showErrorMessage=True,
    )
    rule.errorTitle, rule.error = "不在可选项中", "请从下拉列表中选择"
    rule.add(f"{letter}2:{letter}{_TEMPLATE_ROWS + 1}")
    sheet.add_data_validation(rule)


def guidance(column: Column) -> str:
    """The instructions for a column: its help text and the hint of its parser."""
    parts = ["必填" if column.required else "选填", column.help, getattr(column.parse, "hint", "")]
    return "。".join(part.rstrip("。") for part in parts if part) + "。"


def _fill_guide(guide: Worksheet, columns: Iterable[Column], notes: Iterable[str]) -> None:
    for line in notes:
        guide.append([safe_text(line)])
    guide.append(["列名", "怎样填写", "示例"])
    for cell in guide[guide.max_row]:
        cell.font, cell.fill, cell.border = HEADER_FONT, HEADER_FILL, BORDER
    for column in columns:
        guide.append([safe_text(text) for text in (column.label, guidance(column), column.example)])
        for cell in guide[guide.max_row]:
            cell.alignment, cell.border, cell.number_format = WRAPPED, BORDER, "@"
    for letter, width in zip("ABC", (24, 70, 40), strict=True):
        guide.column_dimensions[letter].width = width


def cell_comment(text: str, *, author: str) -> Comment:
    """A cell comment that is large enough for `text`."""
    comment = Comment(text, author)
    comment.width, comment.height = 320, 40 + 20 * (len(text) // 22 + text.count("\n") + 1)
    return comment


def column_width(texts: Iterable[str], *, minimum: int = 8, maximum: int = 50) -> int:
    """The column width in characters for `texts`. A Chinese character counts as two."""
    lengths = [sum(2 if ord(character) > 0x2E7F else 1 for character in text[:maximum]) for text in texts]
    return min(max(minimum, max(lengths, default=0) + 2), maximum)


def safe_sheet_title(text: str) -> str:
    """`text` as a worksheet title: without the characters that Excel forbids, at most 31 characters."""
    return clean_text(re.sub(r"[\[\]:*?/\\']", " ", text), multiline=False)[:31].strip() or "Sheet1"


def workbook_bytes(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
