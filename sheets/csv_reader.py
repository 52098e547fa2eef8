"""Reads .csv files in UTF-8 (with or without BOM), GB18030 (includes GBK and GB2312) and UTF-16 with BOM."""

import codecs
import csv
import io
import re

from .archive import Limits, UnreadableSheet, too_many_rows_error
from .cells import RawCell
from .grid import Grid

_DELIMITERS = ",\t;|"
_FULL_WIDTH = "，"  # divides the cells only where no other mark does, because texts have it too
# ="00123" keeps Excel from converting a text to a number when it opens a csv file.
_QUOTED_TEXT = re.compile('="([^"]*)"')
_USUAL = re.compile(r"[\t\r\n -~\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\u2010-\u2030]")
_MAX_FIELD_LENGTH = 1_000_000


def decode(data: bytes) -> str:
    """`data` as text. Raises `UnreadableSheet` if it is not text in one of the encodings."""
    has_bom = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    encodings = ("utf-16",) if has_bom else ("utf-8-sig", "gb18030", "utf-16-le", "utf-16-be")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and (not encoding.startswith("utf-16-") or _is_plausible(text)):
            return text
    raise UnreadableSheet("文件不是可以识别的文本，请在 Excel 中另存为 .xlsx，或“CSV UTF-8”格式再上传。")


def _is_plausible(text: str) -> bool:
    """Whether `text`, decoded by a guess, has almost only characters of Chinese sheets."""
    head = text[:2000]
    return len(_USUAL.findall(head)) >= 0.95 * len(head)


def read_csv(data: bytes, limits: Limits) -> Grid:
    """The cells of a csv file. A record counts as one row, also if a quoted cell has line breaks, as in Excel."""
    text = decode(data)
    head = text[:20_000].splitlines()[: limits.header_depth]
    delimiter = max(_DELIMITERS, key=lambda mark: sum(line.count(mark) for line in head))
    if not any(delimiter in line for line in head):
        delimiter = _FULL_WIDTH
    grid = Grid()
    csv.field_size_limit(_MAX_FIELD_LENGTH)
    try:
        for number, fields in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            cells: dict[int, RawCell] = {
                at: _QUOTED_TEXT.sub(r"\1", field) for at, field in enumerate(fields, 1) if field.strip()
            }
            if not cells:
                continue
            if max(cells) > limits.columns:
                raise UnreadableSheet(f"表格超过 {limits.columns} 列，请删去多余的列再上传。")
            if len(grid.rows) >= limits.rows + limits.header_depth:
                raise too_many_rows_error(limits)
            grid.rows[number] = cells
    except csv.Error as error:
        raise UnreadableSheet("文件的引号或换行不完整，请在 Excel 中打开后另存为 .xlsx 再上传。") from error
    return grid
