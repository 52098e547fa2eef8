"""Workbooks by openpyxl: styles, worksheets of exports and of import templates."""

import io
from collections.abc import Iterable, Sequence
from itertools import islice

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from .column_letters import column_letter
from .columns import Column
from .values import Choices
from .writing import cell_value, column_width, guidance, safe_sheet_title, safe_text

HEADER_FONT = Font(bold=True, color="FFFFFF")
HEADER_FILL = PatternFill("solid", fgColor="1F4E79")
REQUIRED_FILL = PatternFill("solid", fgColor="9C2F24")
_THIN = Side(style="thin", color="D0D5DD")
BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
WRAPPED = Alignment(wrap_text=True, vertical="top")
CENTERED = Alignment(wrap_text=True, vertical="center", horizontal="center")

_MEASURED_ROWS = 200
_TEMPLATE_ROWS = 2_000
_OPTIONS_TITLE = "选项"
GUIDE_TITLE = "填写说明"


def book_of_sheets(
    sheets: Iterable[tuple[str, Sequence[str], Iterable[Sequence[object]]]],
    watermark: str | None,
    notes: tuple[str, ...],
) -> bytes:
    """What `writing.write_sheets` returns."""
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
        sheet.column_dimensions[column_letter(at)].width = column_width([header, *texts])  # type: ignore[attr-defined]
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


def book_of_columns(sheet_title: str, columns: tuple[Column, ...], notes: Iterable[str]) -> bytes:
    """What `writing.write_template` returns."""
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
    letter = column_letter(at)
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


def workbook_bytes(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
