"""The XML parts of an .xlsx archive (ECMA-376), parsed as streams by expat.

Document types and entities are refused: workbooks do not use them, and they are the means of XML attacks.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from xml.parsers import expat
from zipfile import ZipFile

from .archive import ARCHIVE_ERRORS, UnreadableSheet, damaged_error, oversized_error

_CHUNK = 256 * 1024
# Date formats of Chinese, Japanese and Korean Excel. The standard has their numbers only.
_EAST_ASIAN_DATES = frozenset([*range(27, 37), *range(50, 59)])
_CURRENCY = frozenset({"5", "6", "7", "8", "42", "44"})  # ¥ in Chinese Excel
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_MAX_TEXT_LENGTH = 40_000  # Excel's limit is 32,767
_MAX_STRINGS_LENGTH = 50_000_000  # all cells together: 20,000 rows of 2,500 characters

type StartHandler = Callable[[str, dict[str, str]], None]


@dataclass(frozen=True)
class WorksheetPart:
    """A worksheet of the archive. path: of its part in the archive."""

    title: str
    path: str
    visible: bool


@dataclass(frozen=True)
class WorkbookStructure:
    """The content of the workbook part: worksheets in order, date system, paths of the other parts."""

    parts: tuple[WorksheetPart, ...]
    date1904: bool
    strings_path: str | None
    styles_path: str | None


def local_name(name: str) -> str:
    """The name of an element or attribute without its namespace prefix."""
    return name.rpartition(":")[2]


def parse_part(
    archive: ZipFile,
    path: str,
    *,
    start: StartHandler | None = None,
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Parse the entry `path` with the given handlers.

    Raises `UnreadableSheet` if the entry is missing, is not well-formed or has a document type declaration.
    """
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        with archive.open(path) as stream:
            while chunk := stream.read(_CHUNK):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
    except (*ARCHIVE_ERRORS, expat.ExpatError, UnicodeError) as error:
        raise damaged_error() from error


def _refuse(*_declaration: object) -> None:
    raise UnreadableSheet("文件里有不安全的内容（文档类型声明），不能接收，请在 Excel 中新建工作簿重新填写后上传。")


def read_structure(archive: ZipFile) -> WorkbookStructure:
    main = next(
        (target for kind, target, _ in _relations(archive, "") if kind == "officeDocument"),
        "xl/workbook.xml",
    )
    targets = _relations(archive, main)
    by_id = {identity: (kind, target) for kind, target, identity in targets}
    sheets: list[dict[str, str]] = []
    settings: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        match local_name(name):
            case "sheet":
                sheets.append({local_name(key): value for key, value in attributes.items()})
            case "workbookPr":
                settings.update(attributes)

    parse_part(archive, main, start=start)
    parts = []
    for sheet in sheets:
        kind, target = by_id.get(sheet.get("id", ""), ("", ""))
        if kind == "worksheet":
            parts.append(WorksheetPart(sheet.get("name", ""), target, sheet.get("state", "visible") == "visible"))
    paths = {kind: target for kind, target, _ in targets}
    return WorkbookStructure(
        tuple(parts),
        settings.get("date1904", "0") in {"1", "true"},
        paths.get("sharedStrings"),
        paths.get("styles"),
    )


def _relations(archive: ZipFile, path: str) -> list[tuple[str, str, str]]:
    """[(kind, target path, id)] of the internal relationships of the part `path` ("" for the archive itself)."""
    folder, name = posixpath.split(path)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in archive.namelist():
        return []
    relations: list[tuple[str, str, str]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if local_name(name) == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
            relations.append((attributes.get("Type", "").rpartition("/")[2], target, attributes.get("Id", "")))

    parse_part(archive, rels, start=start)
    return relations


def read_strings(archive: ZipFile, path: str | None) -> list[str]:
    """The shared strings in order, without phonetic guides."""
    reader = _StringReader()
    if path:
        parse_part(archive, path, start=reader.start, end=reader.end, text=reader.text)
    return reader.strings


class _StringReader:
    def __init__(self) -> None:
        self.strings: list[str] = []
        self.pieces: list[str] = []
        self.phonetic = self.collecting = False
        self.length = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        match local_name(name):
            case "si":
                self.pieces = []
            case "t":
                self.collecting = not self.phonetic
            case "rPh":
                self.phonetic = True

    def text(self, data: str) -> None:
        if self.collecting:
            self.length += len(data)
            if self.length > _MAX_STRINGS_LENGTH:
                raise oversized_error()
            self.pieces.append(data)

    def end(self, name: str) -> None:
        match local_name(name):
            case "si":
                self.strings.append(unescape("".join(self.pieces)))
            case "t":
                self.collecting = False
            case "rPh":
                self.phonetic = False


class NumberStyles(NamedTuple):
    """Cell styles by their index, as in the attribute `s` of a cell: those that show a date, and the units shown."""

    dates: set[str]
    units: dict[str, str]


def read_number_styles(archive: ZipFile, path: str | None) -> NumberStyles:
    """Which styles show a date, and {style: "元", "万元", "%" or "¥"} of those that show a unit with a number."""
    if not path:
        return NumberStyles(set(), {})
    formats: dict[str, str] = {}
    styles: list[str] = []
    inside = {"cells": False}

    def start(name: str, attributes: dict[str, str]) -> None:
        match local_name(name):
            case "numFmt":
                formats[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            case "cellXfs":
                inside["cells"] = True
            case "xf" if inside["cells"]:
                styles.append(attributes.get("numFmtId", "0"))

    def end(name: str) -> None:
        if local_name(name) == "cellXfs":
            inside["cells"] = False

    parse_part(archive, path, start=start, end=end)
    dates = {str(place) for place, number in enumerate(styles) if _shows_date(number, formats)}
    units = {str(place): unit for place, number in enumerate(styles) if (unit := _unit_shown(number, formats))}
    return NumberStyles(dates, {style: unit for style, unit in units.items() if style not in dates})


def _unit_shown(number: str, formats: dict[str, str]) -> str:
    """The unit that a format adds. 0!.0,"万" divides by 10,000 for display, so the number itself is in 元."""
    code = formats.get(number, "¥0" if number in _CURRENCY else "0%" if number in {"9", "10"} else "").partition(";")[0]
    if "万" in code:
        return "元" if re.search(r"!\.|0,+(?![#0])", code) else "万元"
    if "元" in code:
        return "元"
    if re.search("[¥￥]", code):
        return "¥"
    return "%" if "%" in code else ""


def _shows_date(number: str, formats: dict[str, str]) -> bool:
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format  # loads all of openpyxl and NumPy

    if number in formats:
        return is_date_format(formats[number])
    if not number.isdecimal():
        return False
    return int(number) in _EAST_ASIAN_DATES or is_date_format(BUILTIN_FORMATS.get(int(number)))


def unescape(text: str) -> str:
    """`text` with escapes such as _x000D_ replaced, cut to the length that a cell can have."""
    if len(text) > _MAX_TEXT_LENGTH:
        text = text[:_MAX_TEXT_LENGTH]
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda match: match[0] if match[1][0] in "dD" else chr(int(match[1], 16)), text)
