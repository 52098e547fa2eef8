"""The same workbook back, with faulty cells coloured and commented, ready to be repaired and sent in again."""

import hashlib
import io
import zipfile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import column_index_from_string

from .archive import MEGABYTE
from .cells import ErrorValue, Formula
from .checking import ERROR
from .reading import PROBLEMS_TITLE
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
# Beyond this a sheet is not repaired cell by cell, and Excel opens comments slowly.
MOST_MARKS = 5_000
_MOST_LOADED = 60 * MEGABYTE
_FORMER_NOTE = "\n\n原批注："


def mark_workbook(original, report):
    """An .xlsx (bytes): the workbook `original` (bytes, the file that `report` is about) with its problems marked.

    Faulty cells get a colour and a comment, and a sheet 问题清单 lists all problems; marks of an earlier check are
    taken off. A csv, and a workbook that openpyxl cannot load, comes back as a new workbook with the same cells.
    """
    original = bytes(original)
    if hashlib.sha256(original).hexdigest() != report.sheet.sha256:
        raise ValueError("the report is about another file")
    book, sheet = _opened(original, report.sheet)
    _take_off_marks(sheet)
    problems = [*report.errors, *report.warnings]
    cells = {}
    for problem in problems[:MOST_MARKS]:
        cells.setdefault((problem.row, problem.column or "A"), []).append(problem)
    for (row, letter), found in cells.items():
        _mark(sheet.cell(row, column_index_from_string(letter)), found)
    _list_problems(book, problems)
    book.active = book.index(sheet)
    return workbook_bytes(book)


def _opened(original, source):
    """(workbook, worksheet) of the original, or rebuilt from what was read of it."""
    if source.kind == "xlsx" and _loadable(original):
        try:
            book = load_workbook(io.BytesIO(original), keep_links=False)
            return book, book[source.title]
        except Exception:  # noqa: S110
            # openpyxl is stricter than our reading and fails in many ways on styles and drawings of other programs.
            pass
    return _rebuilt(source)


def _loadable(original):
    """Whether openpyxl, which builds an object for each cell of every sheet, may load the workbook."""
    with zipfile.ZipFile(io.BytesIO(original)) as archive:
        return sum(entry.file_size for entry in archive.infolist()) <= _MOST_LOADED


def _rebuilt(source):
    book = Workbook()
    sheet = book.active
    sheet.title = safe_sheet_title(source.title)
    for at, text in source.header.texts.items():
        _put(sheet.cell(source.header.row, at), text)
        sheet.cell(source.header.row, at).font = Font(bold=True)
    for row in source.rows:
        for at, value in row.cells.items():
            _put(sheet.cell(row.number, at), value)
    return book, sheet


def _put(cell, value):
    """Write a raw cell; what looks like a formula stays text and stays visible as what it was."""
    if isinstance(value, Formula):
        value = value.text
    elif isinstance(value, ErrorValue):
        value = value.code
    if isinstance(value, str):
        cell.value = safe_text(value)
        cell.data_type, cell.number_format = "s", "@"
    else:
        cell.value = value


def _take_off_marks(sheet):
    ours = {fill.fgColor.rgb for fill in _FILLS.values()}
    # Not iter_rows: it makes a cell for each place up to the last row, and a stray cell may stand in row 1,048,576.
    for cell in list(sheet._cells.values()):
        if not cell.comment or cell.comment.author != _AUTHOR:
            continue
        former = cell.comment.text.partition(_FORMER_NOTE)[2]
        cell.comment = cell_comment(former, author="") if former else None
        if cell.fill.fgColor.rgb in ours:
            cell.fill = PatternFill()


def _mark(cell, problems):
    sheet = cell.parent
    if isinstance(cell, MergedCell):  # only the first cell of a merged block can be marked
        block = next(block for block in sheet.merged_cells.ranges if cell.coordinate in block)
        cell = sheet.cell(block.min_row, block.min_col)
    level = ERROR if any(problem.level == ERROR for problem in problems) else "warning"
    cell.fill = _FILLS[level]
    text = "\n".join(problem.message for problem in problems)
    if cell.comment:
        text += _FORMER_NOTE + cell.comment.text
    cell.comment = cell_comment(text, author=_AUTHOR)


def _list_problems(book, problems):
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
