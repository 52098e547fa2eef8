"""Marks the faulty cells in the uploaded workbook, which the user corrects and uploads again."""

import hashlib
import io
import zipfile
from collections.abc import Sequence

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell, MergedCell, WriteOnlyCell
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from .archive import MEGABYTE, Limits, detect_file_type
from .cells import ErrorValue, Formula, RawCell
from .checking import ERROR, SheetProblem, SheetReport
from .column_letters import column_number
from .columns import Header
from .reading import PROBLEMS_TITLE, Sheet, SheetRow, read_grids
from .workbooks import BORDER, HEADER_FILL, HEADER_FONT, WRAPPED, cell_comment, workbook_bytes
from .writing import safe_sheet_title, safe_text

_AUTHOR = "导入检查"
_FILLS = {
    ERROR: PatternFill("solid", fgColor="FFFFC7CE"),
    "warning": PatternFill("solid", fgColor="FFFFEB9C"),
}
# Excel opens a workbook with more comments slowly.
MAX_MARKS = 5_000
_MAX_LOADED_BYTES = 60 * MEGABYTE
MAX_STYLED_ROWS = 5_000
"""A longer worksheet is written anew row by row, in little memory, and without its styles."""
_LIST_HEADERS = ("行", "列", "字段", "填写的内容", "问题和改法", "程度")
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
        _mark(sheet, sheet.cell(row, column_number(letter)), cell_problems)
    _list_problems(book, problems)
    book.active = book.index(sheet)
    return workbook_bytes(book)


def mark_problems(original: bytes, filename: str, title: str, problems: Sequence[SheetProblem]) -> bytes:
    """`mark_workbook` for problems that an earlier check found in the worksheet `title`; nothing is checked."""
    grids = dict(read_grids(original, filename=filename, limits=Limits()))
    title = title if title in grids else next(iter(grids))
    sheet = Sheet(
        title=title,
        kind=detect_file_type(original, filename),
        filename=filename,
        size=len(original),
        sha256=hashlib.sha256(original).hexdigest(),
        columns=(),
        header=Header(row=1, last_row=1, texts={}, positions={}, units={}, missing=(), duplicates=(), unknown={}),
        rows=tuple(SheetRow(number, cells) for number, cells in sorted(grids[title].rows.items())),
    )
    if len(sheet.rows) > MAX_STYLED_ROWS:
        return _mark_long(sheet, problems)
    return mark_workbook(original, SheetReport(sheet, problems=list(problems)))


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


def _mark_long(source: Sheet, problems: Sequence[SheetProblem]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(safe_sheet_title(source.title))
    marks: dict[int, dict[int, list[SheetProblem]]] = {}
    for problem in problems[:MAX_MARKS]:
        places = marks.setdefault(problem.row, {})
        places.setdefault(column_number(problem.column or "A"), []).append(problem)
    number = 0
    for row in source.rows:
        for _blank in range(number + 1, row.number):
            sheet.append([])
        number = row.number
        marked = marks.get(number, {})
        width = max([*row.cells, *marked], default=0)
        cells: list[Cell | None] = [None] * width
        for at in sorted({*row.cells, *marked}):
            cell = cells[at - 1] = WriteOnlyCell(sheet)
            _write_raw_cell(cell, row.cells.get(at))
            if at in marked:
                _mark_cell(cell, marked[at])
        sheet.append(cells)
    listing = book.create_sheet(PROBLEMS_TITLE)
    _shape_list(listing)  # before its rows: a write-only worksheet is written as it is filled
    headers = [WriteOnlyCell(listing, text) for text in _LIST_HEADERS]
    for header in headers:
        header.font, header.fill, header.border = HEADER_FONT, HEADER_FILL, BORDER
    for listed in (headers, *map(_listed, problems)):
        listing.append(listed)
    return workbook_bytes(book)


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
    _mark_cell(cell, problems)


def _mark_cell(cell: Cell | MergedCell, problems: Sequence[SheetProblem]) -> None:
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
    sheet.append(_LIST_HEADERS)
    for problem in problems:
        sheet.append(_listed(problem))
    for cell in sheet[1]:
        cell.font, cell.fill, cell.border = HEADER_FONT, HEADER_FILL, BORDER
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment, cell.border = WRAPPED, BORDER
    _shape_list(sheet)


def _listed(problem: SheetProblem) -> list[object]:
    return [
        problem.row,
        problem.column,
        safe_text(problem.label),
        safe_text(problem.value),
        safe_text(problem.message),
        "必须改正" if problem.level == ERROR else "请留意",
    ]


def _shape_list(sheet: Worksheet | WriteOnlyWorksheet) -> None:
    for letter, width in zip("ABCDEF", (8, 8, 22, 32, 64, 12), strict=True):
        # The stubs lack column_dimensions of write-only worksheets.
        sheet.column_dimensions[letter].width = width  # type: ignore[union-attr]
    sheet.freeze_panes = "A2"
