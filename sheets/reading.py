"""Is this file readable, and what stands in it? `read_workbook` finds the sheet, its header and its data rows."""

import hashlib
import re
from dataclasses import dataclass, field
from functools import cache

from .archive import ARCHIVE_ERRORS, Limits, UnreadableSheet, damaged_error, detect_file_type, open_archive, read_bytes
from .cells import clean_text, is_blank
from .columns import Column, Header, header_meanings, match_header, normalize_header
from .csv_reader import read_csv
from .xlsx_reader import SheetReader, too_many_rows_error
from .xml_parts import read_date_styles, read_strings, read_structure

# The sheet that marking.py adds; it is never read back.
PROBLEMS_TITLE = "问题清单"

_EXAMPLE = re.compile(
    r"(?:填写|填表|字段)?(?:示例|样例|范例|举例|例如|例|说明|注意事项|合计|总计|小计)(?:行)?\d{0,2}(?:[：:].*)?|注[：:].*|[（(【]\s*(?:示例|样例|范例).*",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A data row: its number in Excel and its raw cells, {column number: raw cell}."""

    number: int
    cells: dict[int, object]


@dataclass(frozen=True)
class Sheet:
    """The data of one worksheet. size (bytes) and sha256 tell later where its rows came from."""

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


def read_workbook(source, columns, *, filename, limits=None):
    """Read the first visible worksheet of an .xlsx or the .csv in `source` whose header is recognised.

    source: bytes or a binary file. columns: `Column`s to look for. Returns a `Sheet`.
    Raises `UnreadableSheet`, whose text is a sentence for the person who sent the file.
    """
    limits = limits or Limits()
    data = read_bytes(source, limits)
    kind = detect_file_type(data, filename)
    title, grid, header, notices = (
        _read_csv(data, columns, limits) if kind == "csv" else _read_xlsx(data, columns, limits)
    )
    rows, skipped = _data_rows(grid, header, limits)
    if not rows:
        raise UnreadableSheet(f"“{title}”的表头（第 {header.row} 行）下面没有数据，请填写后再上传。")
    return Sheet(
        title=title,
        kind=kind,
        filename=filename,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        columns=tuple(columns),
        header=header,
        rows=rows,
        date1904=grid.date1904,
        notices=[*notices, *header.notices, *skipped, *_hidden(grid, rows)],
    )


def _read_csv(data, columns, limits):
    grid = read_csv(data, limits)
    if not grid.rows:
        raise UnreadableSheet("文件里没有任何内容，请填写后再上传。")
    header = find_header(grid, columns, depth=limits.header_depth)
    if not header:
        raise _no_header(columns)
    return "csv", grid, header, []


def _read_xlsx(data, columns, limits):
    with open_archive(data, limits) as archive:
        try:
            return _first_recognised(archive, columns, limits)
        except ARCHIVE_ERRORS as fault:
            raise damaged_error() from fault


def _first_recognised(archive, columns, limits):
    book = read_structure(archive)
    parts = [part for part in book.parts if part.visible and part.title != PROBLEMS_TITLE]
    if not parts:
        raise UnreadableSheet("工作簿里没有可见的工作表，请取消隐藏后再上传。")
    styles = read_date_styles(archive, book.styles_path)
    strings = cache(lambda: read_strings(archive, book.strings_path))
    seen_content = False
    for part in parts:
        reader = SheetReader(limits=limits, date_styles=styles, date1904=book.date1904)
        grid = reader.read(archive, part.path, strings)
        seen_content = seen_content or bool(grid.rows)
        if header := find_header(grid, columns, depth=limits.header_depth):
            several = [f"工作簿有 {len(parts)} 个工作表，读取的是“{part.title}”"] if len(parts) > 1 else []
            return part.title, grid, header, several
    raise _no_header(columns) if seen_content else UnreadableSheet("工作表里没有任何内容，请填写后再上传。")


def _no_header(columns):
    names = "、".join(f"“{column.label}”" for column in columns if column.required) or "模板中的列名"
    return UnreadableSheet(f"没有找到表头，应有一行写着{names}，请使用导入模板，不要改动列名。")


def find_header(grid, columns, *, depth):
    """The `Header` among the first `depth` rows that matches most columns, or None when no row matches two.

    A header may take two rows (联系方式 above 联系人 and 电话): then the lower one fills what the upper left open.
    """
    meanings = header_meanings(columns)
    numbers = sorted(grid.rows)[:depth]
    texts = {number: _header_texts(grid.rows[number]) for number in numbers}
    hits = {
        number: {at for at, text in row.items() if normalize_header(text) in meanings} for number, row in texts.items()
    }
    best, best_hits = None, min(2, len(columns)) - 1
    for number in numbers:
        for last in (number, number + 1):
            if last != number and not _continues(hits, texts, number, last):
                continue
            row = texts[number] if last == number else texts[number] | texts[last]
            found = match_header(row, columns, row=number, last_row=last)
            if len(found.positions) > best_hits:
                best, best_hits = found, len(found.positions)
    return best


def _header_texts(cells):
    texts = {at: clean_text(value[:200], multiline=False) for at, value in cells.items() if isinstance(value, str)}
    return {at: text for at, text in texts.items() if text}


def _continues(hits, texts, upper, lower):
    """Whether row `lower` is a second line of the header `upper`: it says nothing below what is already understood."""
    return bool(hits.get(lower)) and bool(hits[upper]) and not hits[upper] & texts[lower].keys()


def _data_rows(grid, header, limits):
    """(data rows, notices about rows left out)."""
    grid.spread_merges(below=header.last_row)
    places = sorted(header.positions.values())
    rows, examples = [], []
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


def _is_example(cells):
    first = next((value for _, value in sorted(cells.items()) if not is_blank(value)), None)
    return isinstance(first, str) and _EXAMPLE.fullmatch(clean_text(first[:500])) is not None


def _hidden(grid, rows):
    hidden = [row.number for row in rows if row.number in grid.hidden]
    return [f"第 {_numbers(hidden)} 行是隐藏行，也一并读取了"] if hidden else []


def _numbers(numbers, *, limit=10):
    numbers = list(numbers)
    return "、".join(map(str, numbers[:limit])) + (f" 等 {len(numbers)}" if len(numbers) > limit else "")
