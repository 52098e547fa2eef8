"""Cells of a .csv file in UTF-8 (with or without mark), GB18030 (so also GBK and GB2312) or UTF-16 with mark."""

import codecs
import csv
import io
import re

from .archive import UnreadableSheet
from .grid import Grid
from .xlsx_reader import too_many_rows_error

_DELIMITERS = ",\t;"
# ="00123" is how a text is kept from becoming a number when Excel opens a csv.
_KEPT_TEXT = re.compile('="([^"]*)"')
_LONGEST_FIELD = 1_000_000


def decode(data):
    """`data` as str; `UnreadableSheet` when it is no text."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encodings = ("utf-16",) if marked else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableSheet("文件不是可以识别的文本，请在 Excel 中另存为 .xlsx，或“CSV UTF-8”格式再上传。")


def read_csv(data, limits):
    """The `Grid` of a csv file; a line counts as a row of Excel, also where a quoted cell has line breaks."""
    text = decode(data)
    head = text[:20_000].splitlines()[: limits.header_depth]
    delimiter = max(_DELIMITERS, key=lambda mark: sum(line.count(mark) for line in head))
    grid = Grid()
    csv.field_size_limit(_LONGEST_FIELD)
    try:
        for number, fields in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            cells = {at: _KEPT_TEXT.sub(r"\1", field) for at, field in enumerate(fields, 1) if field.strip()}
            if not cells:
                continue
            if max(cells) > limits.columns:
                raise UnreadableSheet(f"表格超过 {limits.columns} 列，请删去多余的列再上传。")
            if len(grid.rows) >= limits.rows + limits.header_depth:
                raise too_many_rows_error(limits)
            grid.rows[number] = cells
    except csv.Error as fault:
        raise UnreadableSheet("文件的引号或换行不完整，请在 Excel 中打开后另存为 .xlsx 再上传。") from fault
    return grid
