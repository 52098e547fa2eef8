"""Paragraphs and table rows of a .docx, read as a stream. Text that Word hides is left out."""

import io
import zipfile

from sheets.archive import ARCHIVE_ERRORS, UnreadableSheet
from sheets.xml_parts import local_name, parse_part

from .errors import UnreadableDocument
from .lines import Document, Line, clean

MAIN_PART = "word/document.xml"
MAX_INFLATED = 20 * 1024 * 1024
MAX_CHARS = 60_000
_BREAKS = {"br": "\n", "cr": "\n", "tab": " "}
_OFF = {"0", "false", "off"}
_TICKED, _BLANK = "☑", "☐"


def read_docx(content: bytes) -> Document:
    """Raises UnreadableDocument."""
    reader = _Reader()
    is_cut = False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if MAIN_PART not in archive.namelist():
                raise UnreadableDocument("不是 Word 文档，请另存为 .docx 再上传。")
            if archive.getinfo(MAIN_PART).file_size > MAX_INFLATED:
                raise UnreadableDocument("文字过多，请只保留成果的部分再上传。")
            parse_part(archive, MAIN_PART, start=reader.start, end=reader.end, text=reader.text)
    except _Enough:
        is_cut = True
    except (UnreadableSheet, *ARCHIVE_ERRORS) as error:
        raise UnreadableDocument("文件已损坏或含有不安全的内容，请新建文档、粘贴文字后再上传。") from error
    lines = tuple(reader.lines)
    return Document("docx", lines, lines, 1, is_scan=not any(line.text for line in lines), is_cut=is_cut)


class _Enough(Exception):
    """More characters were read than are used."""


class _Reader:
    """Collects lines; a table row is one line with cells. A table in a cell is part of the text of the cell."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._pieces: list[str] = []
        self._cells: list[str] = []
        self._tables = self._row = self._number = self._length = 0
        self._skipped = 0  # depth of elements whose text stands elsewhere, too
        self._is_text = self._is_hidden = False
        self._size = 0.0
        self._is_box = self._is_ticked = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        values = {local_name(key): value for key, value in attributes.items()}
        value = values.get("val", "1")
        match local_name(name):
            case "Fallback" | "moveFrom":
                self._skipped += 1
            case "tbl" | "tr":
                self._start_table_part(local_name(name))
            case "r":
                self._is_hidden = False
            case "vanish":
                self._is_hidden = value not in _OFF
            case "checkBox" | "checkbox" | "checked" | "default":
                self._start_box(local_name(name), value not in _OFF)
            case "sz" if value.isdecimal():
                self._size = max(self._size, min(int(value), 400) / 2)
            case "t":
                self._is_text = True
            case "sym":
                self._add(_SYMBOLS.get(values.get("char", "").upper(), ""))
            case "br" | "cr" | "tab":
                self._add(_BREAKS[local_name(name)])

    def _start_box(self, name: str, is_ticked: bool) -> None:
        if name in {"checkBox", "checkbox"}:
            self._is_box, self._is_ticked = True, False
        elif self._is_box:
            self._is_ticked = is_ticked

    def text(self, data: str) -> None:
        if self._is_text:
            self._add(data)

    def end(self, name: str) -> None:
        match local_name(name):
            case "Fallback" | "moveFrom":
                self._skipped -= 1
            case "t":
                self._is_text = False
            case "r":
                self._is_hidden = False
            case "checkBox":  # of a legacy form field; the box of a content control is its text
                self._add(_TICKED if self._is_ticked else _BLANK)
                self._is_box = False
            case "checkbox":
                self._is_box = False
            case "p" if not self._tables:
                self._end_line()
            case "p" | "tc" | "tr" | "tbl":
                self._end_table_part(local_name(name))

    def _start_table_part(self, name: str) -> None:
        if name == "tbl":
            self._tables += 1
            if self._tables == 1:
                self._end_line()
        elif self._tables == 1:
            self._row += 1
            self._cells = []

    def _end_table_part(self, name: str) -> None:
        if name == "p":
            self._add("\n")
        elif name == "tbl":
            self._tables -= 1
        elif self._tables == 1 and name == "tc":
            self._cells.append("\n".join(filter(None, map(clean, "".join(self._pieces).split("\n")))))
            self._pieces = []
        elif self._tables == 1:
            self._end_row()

    def _add(self, text: str) -> None:
        if self._skipped or self._is_hidden:
            return
        self._pieces.append(text)
        self._length += len(text)
        if self._length > MAX_CHARS:
            raise _Enough

    def _end_line(self) -> None:
        for part in "".join(self._pieces).split("\n"):
            if text := clean(part):
                self._number += 1
                self.lines.append(Line((text,), 1, self._number, self._size))
        self._pieces, self._size = [], 0.0

    def _end_row(self) -> None:
        if any(self._cells):
            self._number += 1
            self.lines.append(Line(tuple(self._cells), 1, self._number, row=self._row))
        self._cells, self._pieces, self._size = [], [], 0.0


_SYMBOLS = {"F0FE": _TICKED, "F052": _TICKED, "00FE": _TICKED, "F0A8": _BLANK, "F0A3": _BLANK, "F06F": _BLANK}
"""Characters of Wingdings that stand for boxes."""
