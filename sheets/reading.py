"""Finds the worksheet, its header and its data rows in an uploaded file."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from zipfile import ZipFile

from .archive import (
    ARCHIVE_ERRORS,
    FileSource,
    Limits,
    UnreadableSheet,
    damaged_error,
    detect_file_type,
    open_archive,
    read_bytes,
    too_many_rows_error,
)
from .cells import RawCell, clean_text, is_blank
from .columns import Column, Header, header_index, match_header, normalize_header
from .csv_reader import read_csv
from .grid import Grid
from .xlsx_reader import SheetReader
from .xml_parts import read_number_styles, read_strings, read_structure

# The worksheet that marking.py adds. It is not read.
PROBLEMS_TITLE = "问题清单"

_EXAMPLE = re.compile(
    r"(?:填写|填表|字段)?(?:示例|样例|范例|举例|例如|例|说明|注意事项|合计|总计|小计)(?:行)?\d{0,2}(?:[：:].*)?|注[：:].*|[（(【]\s*(?:示例|样例|范例).*",
    re.DOTALL,
)


type _ReadSheet = tuple[str, Grid, Header, list[str]]
"""Title, cells, header, notices."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A data row: its number in Excel and {column number: raw cell}."""

    number: int
    cells: dict[int, RawCell]


@dataclass(frozen=True)
class Sheet:
    """The data of one worksheet. filename, size (bytes) and sha256 identify the file."""

    title: str
    kind: str
    filename: str
    size: int
    sha256: str
    columns: tuple[Column, ...]
    header: Header
    rows: tuple[SheetRow, ...]
    date1904: bool = False
    notices: list[str] = field(default_factory=list)


def read_workbook(
    source: FileSource, columns: Sequence[Column], *, filename: str, limits: Limits | None = None
) -> Sheet:
    """Read a .csv file, or the first visible worksheet of an .xlsx file whose header matches `columns`.

    source: bytes or a binary file. Raises `UnreadableSheet` with a message for the user.
    """
    limits = limits or Limits()
    data = read_bytes(source, limits)
    file_type = detect_file_type(data, filename)
    title, grid, header, notices = (
        _read_csv(data, columns, limits) if file_type == "csv" else _read_xlsx(data, columns, limits)
    )
    rows, skipped = _data_rows(grid, header, limits)
    if not rows:
        raise UnreadableSheet(f"“{title}”的表头（第 {header.row} 行）下面没有数据，请填写后再上传。")
    return Sheet(
        title=title,
        kind=file_type,
        filename=filename,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        columns=tuple(columns),
        header=header,
        rows=rows,
        date1904=grid.date1904,
        notices=[*notices, *header.notices, *skipped, *_hidden_row_notices(grid, rows)],
    )


def _read_csv(data: bytes, columns: Sequence[Column], limits: Limits) -> _ReadSheet:
    grid = read_csv(data, limits)
    if not grid.rows:
        raise UnreadableSheet("文件里没有任何内容，请填写后再上传。")
    header = find_header(grid, columns, depth=limits.header_depth)
    if not header:
        raise no_header_error(columns)
    return "csv", grid, header, []


def _read_xlsx(data: bytes, columns: Sequence[Column], limits: Limits) -> _ReadSheet:
    with open_archive(data, limits) as archive:
        try:
            return _first_matching_sheet(archive, columns, limits)
        except ARCHIVE_ERRORS as error:
            raise damaged_error() from error


def _first_matching_sheet(archive: ZipFile, columns: Sequence[Column], limits: Limits) -> _ReadSheet:
    structure = read_structure(archive)
    parts = [part for part in structure.parts if part.visible and part.title != PROBLEMS_TITLE]
    if not parts:
        raise UnreadableSheet("工作簿里没有可见的工作表，请取消隐藏后再上传。")
    styles = read_number_styles(archive, structure.styles_path).dates
    strings = cache(lambda: read_strings(archive, structure.strings_path))
    has_content = False
    for part in parts:
        reader = SheetReader(limits=limits, date_styles=styles, date1904=structure.date1904)
        grid = reader.read(archive, part.path, strings)
        has_content = has_content or bool(grid.rows)
        if header := find_header(grid, columns, depth=limits.header_depth):
            several = [f"工作簿有 {len(parts)} 个工作表，读取的是“{part.title}”"] if len(parts) > 1 else []
            return part.title, grid, header, several
    raise no_header_error(columns) if has_content else UnreadableSheet("工作表里没有任何内容，请填写后再上传。")


def read_grids(source: FileSource, *, filename: str, limits: Limits) -> list[tuple[str, Grid]]:
    """[(title, cells)] of the visible worksheets with content; a csv file is one. Raises `UnreadableSheet`.

    A number whose format shows a unit is a text with this unit.
    """
    data = read_bytes(source, limits)
    if detect_file_type(data, filename) == "csv":
        return [("csv", read_csv(data, limits))]
    with open_archive(data, limits) as archive:
        try:
            structure = read_structure(archive)
            styles = read_number_styles(archive, structure.styles_path)
            strings = cache(lambda: read_strings(archive, structure.strings_path))
            parts = [part for part in structure.parts if part.visible and part.title != PROBLEMS_TITLE]
            grids = [
                (
                    part.title,
                    SheetReader(
                        limits=limits, date_styles=styles.dates, date1904=structure.date1904, units=styles.units
                    ).read(archive, part.path, strings),
                )
                for part in parts
            ]
        except ARCHIVE_ERRORS as error:
            raise damaged_error() from error
    if not parts:
        raise UnreadableSheet("工作簿里没有可见的工作表，请取消隐藏后再上传。")
    return [(title, grid) for title, grid in grids if grid.rows]


def no_header_error(columns: Sequence[Column]) -> UnreadableSheet:
    """The error for a file without a row of known headers."""
    names = "、".join(f"“{column.label}”" for column in columns if column.required) or "模板中的列名"
    return UnreadableSheet(f"没有找到表头，应有一行写着{names}，请使用导入模板，不要改动列名。")


def find_header(grid: Grid, columns: Sequence[Column], *, depth: int) -> Header | None:
    """The header that matches most columns among the first `depth` rows; None if no row matches two columns.

    A header may have two rows (联系方式 above 联系人 and 电话): the lower row then adds columns to the upper one.
    """
    known = header_index(columns)
    numbers = sorted(grid.rows)[:depth]
    texts = {number: _header_texts(grid.rows[number]) for number in numbers}
    hits = {
        number: {at for at, text in row.items() if normalize_header(text) in known} for number, row in texts.items()
    }
    best: Header | None = None
    best_hits = min(2, len(columns)) - 1
    for number in numbers:
        for last in (number, number + 1):
            if last != number and not _continues(hits, texts, number, last):
                continue
            row = texts[number] if last == number else texts[number] | texts[last]
            header = match_header(row, columns, row=number, last_row=last)
            if len(header.positions) > best_hits:
                best, best_hits = header, len(header.positions)
    return best


def _header_texts(cells: dict[int, RawCell]) -> dict[int, str]:
    texts = {at: clean_text(value[:200], multiline=False) for at, value in cells.items() if isinstance(value, str)}
    return {at: text for at, text in texts.items() if text}


def _continues(hits: dict[int, set[int]], texts: dict[int, dict[int, str]], upper: int, lower: int) -> bool:
    """Whether row `lower` is the second row of the header `upper`: it has no text below a matched header."""
    return bool(hits.get(lower)) and bool(hits[upper]) and not hits[upper] & texts[lower].keys()


def _data_rows(grid: Grid, header: Header, limits: Limits) -> tuple[tuple[SheetRow, ...], list[str]]:
    """The data rows, and notices about the rows that are left out."""
    grid.fill_merged_rows(below=header.last_row)
    places = sorted(header.positions.values())
    rows: list[SheetRow] = []
    examples: list[SheetRow] = []
    for number in sorted(grid.rows):
        cells = grid.rows[number]
        if number <= header.last_row or all(is_blank(cells.get(at)) for at in places):
            continue
        (examples if _is_example(cells) else rows).append(SheetRow(number, cells))
    if len(rows) > limits.rows:
        raise too_many_rows_error(limits)
    notices = []
    if examples:
        notices.append(f"第 {_numbers(row.number for row in examples)} 行是示例、说明或合计，未读取")
    return tuple(rows), notices


def _is_example(cells: dict[int, RawCell]) -> bool:
    first = next((value for _, value in sorted(cells.items()) if not is_blank(value)), None)
    return isinstance(first, str) and _EXAMPLE.fullmatch(clean_text(first[:500])) is not None


def _hidden_row_notices(grid: Grid, rows: Sequence[SheetRow]) -> list[str]:
    hidden = [row.number for row in rows if row.number in grid.hidden]
    return [f"第 {_numbers(hidden)} 行是隐藏行，也一并读取了"] if hidden else []


def _numbers(numbers: Iterable[int], *, limit: int = 10) -> str:
    numbers = list(numbers)
    return "、".join(map(str, numbers[:limit])) + (f" 等 {len(numbers)}" if len(numbers) > limit else "")
