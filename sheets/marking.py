"""Marks the faulty cells in the uploaded workbook, which the user corrects and uploads again."""

import hashlib
import io
import zipfile
from collections.abc import Sequence

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import column_index_from_string
from openpyxl.worksheet.worksheet import Worksheet

from .archive import MEGABYTE
from .cells import ErrorValue, Formula, RawCell
from .checking import ERROR, SheetProblem, SheetReport
from .reading import PROBLEMS_TITLE, Sheet
from .writing import (
    BORDER,
    HEADER_FILL,
    HEADER_FONT,
    WRAPPED,
    cell_comment,
    safe_sheet_title,
    safe_text,
    workbook_bytes,
)

_AUTHOR = "导入检查"
_FILLS = {
    ERROR: PatternFill("solid", fgColor="FFFFC7CE"),
    "warning": PatternFill("solid", fgColor="FFFFEB9C"),
}
# Excel opens a workbook with more comments slowly.
MAX_MARKS = 5_000
_MAX_LOADED_BYTES = 60 * MEGABYTE
_OLD_COMMENT = "\n\n原批注："


def mark_workbook(original: bytes, report: SheetReport) -> bytes:
    """The workbook `original`, the checked file, as an .xlsx with the problems of `report` marked.

    Faulty cells get a colour and a comment, and a worksheet 问题清单 lists all problems. Marks of an earlier check are
    removed. A csv file, or a workbook that openpyxl cannot load, is returned as a new workbook with the same cells.
    Raises ValueError if `report` is about another file.
    """
    original = bytes(original)
    if hashlib.sha256(original).hexdigest() != report.sheet.sha256:
        raise ValueError("the report is about another file")
    book, sheet = _load(original, report.sheet)
    _remove_marks(sheet)
    problems = [*report.errors, *report.warnings]
    cells: dict[tuple[int, str], list[SheetProblem]] = {}
    for problem in problems[:MAX_MARKS]:
        cells.setdefault((problem.row, problem.column or "A"), []).append(problem)
    for (row, letter), cell_problems in cells.items():
        _mark(sheet, sheet.cell(row, column_index_from_string(letter)), cell_problems)
    _list_problems(book, problems)
    book.active = book.index(sheet)
    return workbook_bytes(book)


def _load(original: bytes, source: Sheet) -> tuple[Workbook, Worksheet]:
    """The workbook and its worksheet, loaded by openpyxl or rebuilt from the read cells."""
    if source.kind == "xlsx" and _loadable(original):
        try:
            book = load_workbook(io.BytesIO(original), keep_links=False)
            return book, book[source.title]
        except Exception:  # noqa: S110
            # openpyxl is stricter than our reader and raises many kinds of errors on styles and drawings.
            pass
    return _rebuild(source)


def _loadable(original: bytes) -> bool:
    """Whether the workbook is small enough for openpyxl, which builds an object for each cell of every worksheet."""
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        return sum(entry.file_size for entry in archive.infolist()) <= _MAX_LOADED_BYTES


def _rebuild(source: Sheet) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = safe_sheet_title(source.title)
    for at, text in source.header.texts.items():
        _write_raw_cell(sheet.cell(source.header.row, at), text)
        sheet.cell(source.header.row, at).font = Font(bold=True)
    for row in source.rows:
        for at, value in row.cells.items():
            _write_raw_cell(sheet.cell(row.number, at), value)
    return book, sheet


def _write_raw_cell(cell: Cell | MergedCell, value: RawCell) -> None:
    """Write the raw cell. A formula is written as text."""
    if isinstance(value, Formula):
        value = value.text
    elif isinstance(value, ErrorValue):
        value = value.code
    if isinstance(value, str):
        cell.value = safe_text(value)
        cell.data_type, cell.number_format = "s", "@"
    else:
        cell.value = value


def _remove_marks(sheet: Worksheet) -> None:
    our_colours = {fill.fgColor.rgb for fill in _FILLS.values()}
    # Not iter_rows: it creates all cells up to the last row, which may be row 1,048,576.
    for cell in list(sheet._cells.values()):
        if not cell.comment or cell.comment.author != _AUTHOR:
            continue
        old_text = cell.comment.text.partition(_OLD_COMMENT)[2]
        cell.comment = cell_comment(old_text, author="") if old_text else None
        if cell.fill.fgColor.rgb in our_colours:
            cell.fill = PatternFill()


def _mark(sheet: Worksheet, cell: Cell | MergedCell, problems: Sequence[SheetProblem]) -> None:
    if isinstance(cell, MergedCell):  # only the first cell of a merged block can have a comment
        block = next(block for block in sheet.merged_cells.ranges if cell.coordinate in block)
        cell = sheet.cell(block.min_row, block.min_col)
    level = ERROR if any(problem.level == ERROR for problem in problems) else "warning"
    cell.fill = _FILLS[level]
    text = "\n".join(problem.message for problem in problems)
    if cell.comment:
        text += _OLD_COMMENT + cell.comment.text
    cell.comment = cell_comment(text, author=_AUTHOR)


def _list_problems(book: Workbook, problems: Sequence[SheetProblem]) -> None:
    if PROBLEMS_TITLE in book.sheetnames:
        del book[PROBLEMS_TITLE]
    sheet = book.create_sheet(PROBLEMS_TITLE)
    sheet.append(["行", "列", "字段", "填写的内容", "问题和改法", "程度"])
    for problem in problems:
        sheet.append(
            [
                problem.row,
                problem.column,
                safe_text(problem.label),
                safe_text(problem.value),
                safe_text(problem.message),
                "必须改正" if problem.level == ERROR else "请留意",
            ]
        )
    for cell in sheet[1]:
        cell.font, cell.fill, cell.border = HEADER_FONT, HEADER_FILL, BORDER
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment, cell.border = WRAPPED, BORDER
    for letter, width in zip("ABCDEF", (8, 8, 22, 32, 64, 12), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
