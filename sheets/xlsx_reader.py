"""Reads the cells of an .xlsx worksheet as a stream, so that an oversized sheet is refused before its end."""

import re
from collections.abc import Callable, Mapping, Set
from math import isfinite
from zipfile import ZipFile

from .archive import Limits, UnreadableSheet, damaged_error, too_many_rows_error
from .cells import EXACT_BELOW, ErrorValue, Formula, RawCell
from .column_letters import column_number
from .dates import from_serial
from .grid import Grid
from .xml_parts import parse_part, unescape

_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})(?::\$?([A-Z]{1,3})\$?([0-9]{1,7}))?")
_LAST_ROW = 1_048_576
_MAX_MERGES = 50_000
_REPEATED_LENGTH = 20
_MAX_PIECES = 100  # expat passes text in pieces of up to 8 KB; the text of a cell has fewer


class _StringIndex(int):
    """Index of a shared string. Shared strings are loaded only after the sheet has been accepted."""


class SheetReader:
    """Builds a `Grid` from the XML events of one worksheet part."""

    def __init__(
        self, *, limits: Limits, date_styles: Set[str], date1904: bool, units: Mapping[str, str] | None = None
    ) -> None:
        """units: {style: unit} of numbers that are read as texts with the unit that their format shows."""
        self.grid = Grid(date1904=date1904)
        self.limits = limits
        self.date_styles = date_styles
        self.units = units or {}
        self.row = self.column = self.cells = 0
        self.cell: dict[str, str] | None = None
        self.tags: dict[str, str] | None = None
        self.columns: dict[str, int] = {}
        self.pieces: list[str] | None = None
        self.phonetic = False
        self.texts: dict[str, str] = {}  # one object for the short texts that many cells repeat

    def read(self, archive: ZipFile, path: str, strings: Callable[[], list[str]]) -> Grid:
        """The cells of the worksheet at `path`. `strings` returns the shared strings; it is called when needed."""
        parse_part(archive, path, start=self.start, end=self.end, text=self.text)
        self._fill_strings(strings)
        return self.grid

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if self.tags is None:  # the first element shows the namespace prefix of all elements
            prefix = name[: name.rfind(":") + 1]
            self.tags = {prefix + tag: tag for tag in ("row", "c", "v", "f", "t", "is", "rPh", "mergeCell")}
        match self.tags.get(name):
            case "c":
                self._start_cell(attributes)
            case "v" | "f":
                self.pieces = []
            case "t" if self.cell is not None and not self.phonetic:
                self.pieces = []
            case "rPh":
                self.phonetic = True
            case "row":
                self._start_row(attributes)
            case "mergeCell":
                self._merge(attributes.get("ref", ""))

    def text(self, data: str) -> None:
        if self.pieces is not None and len(self.pieces) < _MAX_PIECES:
            self.pieces.append(data)

    def end(self, name: str) -> None:
        match (self.tags or {}).get(name):
            case "v" | "f" | "t" as tag if self.pieces is not None:
                if self.cell is not None:
                    self.cell[tag] = self.cell.get(tag, "") + "".join(self.pieces)
                self.pieces = None
            case "rPh":
                self.phonetic = False
            case "c" if self.cell is not None:
                self._end_cell()

    def _start_row(self, attributes: dict[str, str]) -> None:
        self.row = _whole(attributes.get("r"), self.row + 1)
        self.column = 0
        if not 1 <= self.row <= _LAST_ROW:
            raise damaged_error()
        if attributes.get("hidden") in {"1", "true"}:
            self.grid.hidden.add(self.row)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self.cells += 1
        if self.cells > self.limits.cells:
            raise UnreadableSheet("工作表里设过格式的单元格太多，请删除数据下方和右侧的空白行列，保存后再上传。")
        reference = attributes.get("r")
        self.column = self._column_of(reference) if reference else self.column + 1
        self.cell = {"type": attributes.get("t", "n"), "style": attributes.get("s", "")}

    def _column_of(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        if letters not in self.columns:
            try:
                self.columns[letters] = column_number(letters)
            except ValueError as error:
                raise damaged_error() from error
        return self.columns[letters]

    def _end_cell(self) -> None:
        value = self._value(self.cell or {})
        self.cell = None
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

    def _value(self, cell: dict[str, str]) -> RawCell:
        if "f" in cell:
            return Formula("=" + unescape(cell["f"])[:200], self._plain_value(cell))
        return self._plain_value(cell)

    def _plain_value(self, cell: dict[str, str]) -> RawCell:
        raw = cell.get("v", "")
        match cell["type"]:
            case "s":
                return _StringIndex(_whole(raw, -1)) if raw else None
            case "inlineStr":
                text = unescape(cell.get("t", ""))
                return self.texts.setdefault(text, text) if len(text) <= _REPEATED_LENGTH else text
            case "str" | "d":
                return unescape(raw)
            case "b":
                return raw.strip() in {"1", "true"}
            case "e":
                return ErrorValue(raw[:20])
        return self._number(raw.strip(), cell["style"])

    def _number(self, raw: str, style: str) -> RawCell:
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
        exact = int(number) if number.is_integer() and abs(number) < EXACT_BELOW else number
        unit = self.units.get(style)
        return _with_unit(exact, unit) if unit else exact

    def _merge(self, reference: str) -> None:
        match = _RANGE.fullmatch(reference)
        if not match or not match[3]:
            return
        left, right = self._column_of(match[1]), self._column_of(match[3])
        if len(self.grid.merges) >= _MAX_MERGES:
            raise UnreadableSheet("合并单元格太多，请取消合并后再上传。")
        self.grid.merges.append((int(match[2]), left, int(match[4]), right))

    def _fill_strings(self, strings: Callable[[], list[str]]) -> None:
        shared: list[str] | None = None
        for cells in self.grid.rows.values():
            for column, value in cells.items():
                if isinstance(value, _StringIndex):
                    shared = strings() if shared is None else shared
                    if not 0 <= value < len(shared):
                        raise damaged_error()
                    cells[column] = shared[value]


def _with_unit(number: float, unit: str) -> str:
    """8000 with a format such as 0"元" as "8000元", 0.05 with 0% as "5%"."""
    if unit == "%":
        return f"{round(number * 100, 6):g}%"
    return f"¥{number}" if unit == "¥" else f"{number}{unit}"


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else otherwise
