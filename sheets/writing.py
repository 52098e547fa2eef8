"""Workbooks that go out: exports, and templates to be filled in. What goes out must not run as a formula."""

import io
import re
from datetime import date, datetime
from decimal import Decimal
from itertools import islice

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from .cells import clean_text
from .values import Choices

HEADER_FONT = Font(bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor="1F4E79")
REQUIRED_FILL = PatternFill("solid", fgColor="9C2F24")
_LINE = Side(style="thin", color="D0D5DD")
BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
WRAPPED = Alignment(wrap_text=True, vertical="top")
CENTERED = Alignment(wrap_text=True, vertical="center", horizontal="center")

_LONGEST_CELL = 32_767  # Excel's own limit
_MEASURED_ROWS = 200
_TEMPLATE_ROWS = 2_000
_OPTIONS_TITLE = "选项"
GUIDE_TITLE = "填写说明"


def safe_text(text):
    """`text` (str) as it may stand in a workbook: visible characters only, no leading tab or return, an apostrophe
    before = + - @. A spreadsheet would otherwise run it as a formula, also after the sheet is saved again as csv
    (OWASP, "CSV injection"). Reading takes that apostrophe off again.
    """
    text = clean_text(text)
    if text[:1] in ("=", "+", "-", "@"):
        text = "'" + text
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - 1] + "…"


def cell_value(value):
    """(value, number format) for a workbook cell; texts are guarded, lists joined by ；, aware times made naive."""
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


def write_workbook(sheet_title, headers, rows, *, watermark=None, notes=()):
    """An .xlsx (bytes) of `headers` (str) and `rows` (iterable of sequences of plain values, streamed).

    watermark: who exported when; stands above the header and on each printed page. notes: lines above the header.
    Aware datetimes must already be in local time. Codes are passed as str and stay text.
    """
    return write_sheets([(sheet_title, headers, rows)], watermark=watermark, notes=notes)


def write_sheets(sheets, *, watermark=None, notes=()):
    """An .xlsx (bytes) with several sheets, each (title, headers, rows) as `write_workbook` takes them."""
    book = Workbook(write_only=True)
    for title, headers, rows in sheets:
        _fill_sheet(book.create_sheet(safe_sheet_title(title)), headers, rows, watermark, notes)
    return workbook_bytes(book)


def _fill_sheet(sheet, headers, rows, watermark, notes):
    above = [safe_text(line) for line in (*([watermark] if watermark else []), *notes)]
    rows = iter(rows)
    first = list(islice(rows, _MEASURED_ROWS))
    for at, header in enumerate(headers, 1):
        texts = [str(row[at - 1]) for row in first if at <= len(row) and row[at - 1] is not None]
        sheet.column_dimensions[get_column_letter(at)].width = column_width([header, *texts])
    sheet.freeze_panes = f"A{len(above) + 2}"
    if watermark:
        sheet.oddFooter.center.text = safe_text(watermark).replace("&", "&&")
    for line in above:
        sheet.append([_styled(sheet, line, font=Font(italic=True, color="667085"))])
    sheet.append([_styled(sheet, safe_text(str(header)), font=HEADER_FONT, fill=HEADER_FILL) for header in headers])
    for part in (first, rows):
        for row in part:
            sheet.append([_data_cell(sheet, value) for value in row])


def _styled(sheet, value, **styles):
    cell = WriteOnlyCell(sheet, value)
    for name, style in styles.items():
        setattr(cell, name, style)
    return cell


def _data_cell(sheet, value):
    value, number_format = cell_value(value)
    if value is None:
        return None
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = number_format
    return cell


def write_template(sheet_title, columns, *, notes=()):
    """An .xlsx (bytes) to be filled in: a header with notes and drop-down lists, and a guide with an example.

    The examples stand in the guide, not among the rows, so that nobody sends them in by mistake.
    columns: `Column`s. notes: sentences shown at the top of the guide.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = safe_sheet_title(sheet_title)
    guide, options = book.create_sheet(GUIDE_TITLE), book.create_sheet(_OPTIONS_TITLE)
    options.sheet_state = "hidden"
    for at, column in enumerate(columns, 1):
        _template_column(sheet, options, at, column)
    sheet.row_dimensions[1].height = 32
    sheet.freeze_panes = "A2"
    _fill_guide(guide, columns, notes)
    return workbook_bytes(book)


def _template_column(sheet, options, at, column):
    letter = get_column_letter(at)
    header = sheet.cell(1, at, ("★" if column.required else "") + column.label)
    header.font, header.alignment, header.border = HEADER_FONT, CENTERED, BORDER
    header.fill = REQUIRED_FILL if column.required else HEADER_FILL
    header.comment = cell_comment(guidance(column), author=GUIDE_TITLE)
    # The whole column is text: codes and telephone numbers keep their digits.
    sheet.column_dimensions[letter].number_format = "@"
    sheet.column_dimensions[letter].width = column.width or column_width([header.value, column.example])
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


def guidance(column):
    """What to write in a column: its own help and what its parser accepts."""
    parts = ["必填" if column.required else "选填", column.help, getattr(column.parse, "hint", "")]
    return "。".join(part.rstrip("。") for part in parts if part) + "。"


def _fill_guide(guide, columns, notes):
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


def cell_comment(text, *, author):
    """A cell comment large enough for `text`."""
    comment = Comment(text, author)
    comment.width, comment.height = 320, 40 + 20 * (len(text) // 22 + text.count("\n") + 1)
    return comment


def column_width(texts, *, least=8, most=50):
    """A column width in characters that shows `texts`; a Chinese character takes two."""
    lengths = [sum(2 if ord(sign) > 0x2E7F else 1 for sign in text[:most]) for text in texts]
    return min(max(least, max(lengths, default=0) + 2), most)


def safe_sheet_title(text):
    """`text` without what Excel forbids in the title of a worksheet, at most 31 characters."""
    return clean_text(re.sub(r"[\[\]:*?/\\']", " ", text), multiline=False)[:31].strip() or "Sheet1"


def workbook_bytes(book):
    """The bytes of an openpyxl workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
