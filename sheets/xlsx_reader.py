"""Cells of an .xlsx worksheet, read as a stream so that a too large sheet is refused long before its end."""

import re
from math import isfinite

from openpyxl.utils import column_index_from_string

from .archive import UnreadableSheet, damaged_error
from .cells import EXACT_BELOW, ErrorValue, Formula
from .dates import from_serial
from .grid import Grid
from .xml_parts import parse_part, unescape

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_MOST_MERGES = 50_000
_MOST_PIECES = 100  # expat hands out text in pieces of up to 8 KB; no honest cell has more


class _StringNumber(int):
    """Place of a shared string; the strings are loaded only for a sheet that is worth it."""


class SheetReader:
    """Collects a `Grid` from the events of one worksheet part."""

    def __init__(self, *, limits, date_styles, date1904):
        self.grid = Grid(date1904=date1904)
        self.limits = limits
        self.date_styles = date_styles
        self.row = self.column = self.cells = 0
        self.cell = None
        self.tags = None
        self.columns = {}
        self.piece = None
        self.phonetic = False

    def read(self, archive, path, strings):
        """The `Grid` of the worksheet at `path`; `strings` is called once to get the shared strings."""
        parse_part(archive, path, start=self.start, end=self.end, text=self.text)
        self._fill_strings(strings)
        return self.grid

    def start(self, name, attributes):
        if self.tags is None:  # the first element tells the prefix that all others carry
            prefix = name[: name.rfind(":") + 1]
            self.tags = {prefix + tag: tag for tag in ("row", "c", "v", "f", "t", "is", "rPh", "mergeCell")}
        match self.tags.get(name):
            case "c":
                self._start_cell(attributes)
            case "v" | "f":
                self.piece = []
            case "t" if self.cell is not None and not self.phonetic:
                self.piece = []
            case "rPh":
                self.phonetic = True
            case "row":
                self._start_row(attributes)
            case "mergeCell":
                self._merge(attributes.get("ref", ""))

    def text(self, data):
        if self.piece is not None and len(self.piece) < _MOST_PIECES:
            self.piece.append(data)

    def end(self, name):
        match self.tags.get(name):
            case "v" | "f" | "t" as tag if self.piece is not None:
                if self.cell is not None:
                    self.cell[tag] = self.cell.get(tag, "") + "".join(self.piece)
                self.piece = None
            case "rPh":
                self.phonetic = False
            case "c" if self.cell is not None:
                self._end_cell()

    def _start_row(self, attributes):
        self.row = _whole(attributes.get("r"), self.row + 1)
        self.column = 0
        if not 1 <= self.row <= _LAST_ROW:
            raise damaged_error()
        if attributes.get("hidden") in {"1", "true"}:
            self.grid.hidden.add(self.row)

    def _start_cell(self, attributes):
        self.cells += 1
        if self.cells > self.limits.cells:
            raise UnreadableSheet("工作表里设过格式的单元格太多，请删除数据下方和右侧的空白行列，保存后再上传。")
        reference = attributes.get("r")
        self.column = self._column_of(reference) if reference else self.column + 1
        self.cell = {"type": attributes.get("t", "n"), "style": attributes.get("s")}

    def _column_of(self, reference):
        letters = reference.rstrip("0123456789")
        if letters not in self.columns:
            try:
                self.columns[letters] = column_index_from_string(letters)
            except ValueError as fault:
                raise damaged_error() from fault
        return self.columns[letters]

    def _end_cell(self):
        cell, self.cell = self.cell, None
        value = self._value(cell)
        if value is None or value == "":
            return
        if self.column > self.limits.columns:
            raise UnreadableSheet(f"表格超过 {self.limits.columns} 列，请删去右侧多余的列再上传。")
        rows = self.grid.rows
        if self.row not in rows:
            if len(rows) >= self.limits.rows + self.limits.header_depth:
                raise too_many_rows_error(self.limits)
            rows[self.row] = {}
        rows[self.row][self.column] = value

    def _value(self, cell):
        if "f" in cell:
            return Formula("=" + unescape(cell["f"])[:200])
        raw = cell.get("v", "")
        match cell["type"]:
            case "s":
                return _StringNumber(_whole(raw, -1)) if raw else None
            case "inlineStr":
                return unescape(cell.get("t", ""))
            case "str" | "d":
                return unescape(raw)
            case "b":
                return raw.strip() in {"1", "true"}
            case "e":
                return ErrorValue(raw[:20])
        return self._number(raw.strip(), cell["style"])

    def _number(self, raw, style):
        if not raw:
            return None
        try:
            number = float(raw)
        except ValueError:
            return raw
        if not isfinite(number):
            return raw
        if style in self.date_styles and number >= 1 and (day := from_serial(number, date1904=self.grid.date1904)):
            return day
        return int(number) if number.is_integer() and abs(number) < EXACT_BELOW else number

    def _merge(self, reference):
        found = _RANGE.fullmatch(reference)
        if not found or not found[3]:
            return
        left, right = self._column_of(found[1]), self._column_of(found[3])
        if len(self.grid.merges) >= _MOST_MERGES:
            raise UnreadableSheet("合并单元格太多，请取消合并后再上传。")
        self.grid.merges.append((int(found[2]), left, int(found[4]), right))

    def _fill_strings(self, strings):
        shared = None
        for cells in self.grid.rows.values():
            for column, value in cells.items():
                if type(value) is _StringNumber:
                    shared = strings() if shared is None else shared
                    if not 0 <= value < len(shared):
                        raise damaged_error()
                    cells[column] = shared[value]


def too_many_rows_error(limits):
    """The error for a sheet of more data rows than `limits` allows."""
    return UnreadableSheet(f"数据超过 {limits.rows} 行的上限，请拆成几个文件分别上传。")


def _whole(text, otherwise):
    return int(text) if text and text.isdecimal() and len(text) < 10 else otherwise
