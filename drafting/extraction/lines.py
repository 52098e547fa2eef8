"""Lines of a document with their places, and the joining of lines to sentences."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

HAN = r"\u2e80-\u2fdf\u3007\u3400-\u9fff\uf900-\ufaff"
_HAN_GAP = re.compile(rf"(?<=[{HAN}，。、；：（）《》“”]) +(?=[{HAN}，。、；：（）《》“”])")
_RADICALS = re.compile(r"[\u2e80-\u2fdf\uf900-\ufaff]")
_WIDE = re.compile(r"[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff0e\u3000]")
_SPACES = re.compile(r"[ \t\u00a0\u2000-\u200a\u202f]+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd\ud800-\udfff]"
)
_ITEM = re.compile(r"(?:[（(]?\d{1,2}[)）.、．](?!\d)|[①-⑳]|[●•·■◆▪➢\-—]\s|[一二三四五六七八九十]+、)")

_BULLET = re.compile(r"^[●•·■◆▪➢►▶✓]\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """cells: parts that stand apart on the line. page, number: place, both from 1. size: of the letters, 0 if unknown.

    row: number of the row of a table, 0 outside. is_full: the line ends at the right margin.
    """

    cells: tuple[str, ...]
    page: int
    number: int
    size: float = 0.0
    row: int = 0
    is_full: bool = False

    @property
    def text(self) -> str:
        return " ".join(self.cells)


@dataclass(frozen=True, slots=True)
class Document:
    """lines: in the order of reading, columns one after the other. rows: the same in rows, for forms; may be equal.

    kind: pdf, docx or text. page_count: of the whole file. is_scan: pages without text. is_cut: not all was read.
    """

    kind: str
    lines: tuple[Line, ...]
    rows: tuple[Line, ...] = ()
    page_count: int = 1
    is_scan: bool = False
    is_cut: bool = False
    by_ocr: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    def place(self, page: int, number: int) -> str:
        """Where a line stands, for people."""
        if self.kind == "pdf":
            return f"第 {page} 页第 {number} 行"
        return f"第 {number} 段" if self.kind == "docx" else f"第 {number} 行"


def clean(text: str) -> str:
    """One line without invisible characters; radicals and wide letters as usual ones, no blanks between Han characters
    of a letter-spaced text."""
    text = _INVISIBLE.sub("", text)
    text = _RADICALS.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _WIDE.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    return _SPACES.sub(" ", text).strip()


def fold(text: str) -> str:
    """For comparison: NFKC, lower case, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def close_gaps(text: str) -> str:
    """Prose without the blanks that PDF files put between Han characters."""
    return _HAN_GAP.sub("", text)


def join_lines(lines: Iterable[Line]) -> str:
    """Prose of lines that end at the margin: a new line where one ends before the margin or an item begins."""
    text = ""
    previous: Line | None = None
    for line in lines:
        piece = close_gaps(line.text)
        is_item = bool(_ITEM.match(piece))
        piece = _BULLET.sub("", piece)
        if not piece:
            continue
        if not text or previous is None:
            text = piece
        elif is_item or not (previous.is_full or text.endswith(("，", "、"))):
            text += "\n" + piece
        else:
            text = _joined(text, piece)
        previous = line
    return text


def _joined(text: str, piece: str) -> str:
    if re.search(r"[A-Za-z]-$", text) and re.match(r"[a-z]", piece):
        return text[:-1] + piece
    if re.search(r"[A-Za-z,.;]$", text) and re.match(r"[A-Za-z(]", piece):
        return f"{text} {piece}"
    return text + piece


def to_json(document: Document) -> dict[str, Any]:
    return {
        "kind": document.kind,
        "lines": [_line_values(line) for line in document.lines],
        "rows": [_line_values(line) for line in document.rows],
        "page_count": document.page_count,
        "is_scan": document.is_scan,
        "is_cut": document.is_cut,
        "by_ocr": document.by_ocr,
        "notes": list(document.notes),
    }


def from_json(values: dict[str, Any]) -> Document:
    return Document(
        values["kind"],
        tuple(_line(row) for row in values["lines"]),
        tuple(_line(row) for row in values["rows"]),
        values["page_count"],
        values["is_scan"],
        values["is_cut"],
        values["by_ocr"],
        tuple(values["notes"]),
    )


def _line_values(line: Line) -> list[Any]:
    return [list(line.cells), line.page, line.number, line.size, line.row, line.is_full]


def _line(values: Sequence[Any]) -> Line:
    return Line(tuple(values[0]), *values[1:])
