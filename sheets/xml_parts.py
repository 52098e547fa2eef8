"""Parts of an .xlsx archive (ECMA-376), parsed as a stream by expat. Document types and entities are refused:
no workbook needs them, and they are how XML attacks its reader.
"""

import posixpath
import re
from dataclasses import dataclass
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from .archive import ARCHIVE_ERRORS, UnreadableSheet, damaged_error, oversized_error

_CHUNK = 256 * 1024
# Date formats of Chinese, Japanese and Korean Excel, which the standard numbers but does not spell out.
_EAST_ASIAN_DATES = frozenset([*range(27, 37), *range(50, 59)])
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_LONGEST_TEXT = 40_000  # Excel itself stops at 32,767
_LONGEST_STRINGS = 50_000_000  # of all cells together: 20,000 rows of 2,500 characters


@dataclass(frozen=True)
class WorksheetPart:
    """A worksheet in the archive: its title, path and whether it is visible."""

    title: str
    path: str
    visible: bool


@dataclass(frozen=True)
class WorkbookStructure:
    """What the workbook part says: worksheets in order, date system, and where its other parts are."""

    parts: tuple[WorksheetPart, ...]
    date1904: bool
    strings_path: str | None
    styles_path: str | None


def local_name(name):
    """An element or attribute name without its prefix."""
    return name.rpartition(":")[2]


def parse_part(archive, path, *, start=None, end=None, text=None):
    """Feed the entry `path` through expat; `UnreadableSheet` when it is missing, broken or brings a DTD."""
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
    except (*ARCHIVE_ERRORS, expat.ExpatError, UnicodeError) as fault:
        raise damaged_error() from fault


def _refuse(*_declaration):
    raise UnreadableSheet("文件里有不安全的内容（文档类型声明），不能接收，请在 Excel 中新建工作簿重新填写后上传。")


def read_structure(archive):
    """The `Book` of the archive."""
    main = next(
        (target for kind, target, _ in _relations(archive, "") if kind == "officeDocument"),
        "xl/workbook.xml",
    )
    targets = _relations(archive, main)
    by_id = {identity: (kind, target) for kind, target, identity in targets}
    sheets, settings = [], {}

    def start(name, attributes):
        match local_name(name):
            case "sheet":
                sheets.append({local_name(key): value for key, value in attributes.items()})
            case "workbookPr":
                settings.update(attributes)

    parse_part(archive, main, start=start)
    parts = []
    for sheet in sheets:
        kind, target = by_id.get(sheet.get("id"), ("", ""))
        if kind == "worksheet":
            parts.append(WorksheetPart(sheet.get("name", ""), target, sheet.get("state", "visible") == "visible"))
    paths = {kind: target for kind, target, _ in targets}
    return WorkbookStructure(
        tuple(parts),
        settings.get("date1904", "0") in {"1", "true"},
        paths.get("sharedStrings"),
        paths.get("styles"),
    )


def _relations(archive, path):
    """[(kind, target path, id)] of the internal relations of the part `path` ("" for the archive itself)."""
    folder, name = posixpath.split(path)
    rels = posixpath.join(folder, "_rels", f"{name}.rels")
    if rels not in archive.namelist():
        return []
    found = []

    def start(name, attributes):
        if local_name(name) == "Relationship" and attributes.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", ""))).lstrip("/")
            found.append((attributes.get("Type", "").rpartition("/")[2], target, attributes.get("Id")))

    parse_part(archive, rels, start=start)
    return found


def read_strings(archive, path):
    """The shared strings, in order; phonetic guides are left out."""
    reader = _StringReader()
    if path:
        parse_part(archive, path, start=reader.start, end=reader.end, text=reader.text)
    return reader.strings


class _StringReader:
    def __init__(self):
        self.strings, self.pieces = [], []
        self.phonetic = self.collecting = False
        self.length = 0

    def start(self, name, _attributes):
        match local_name(name):
            case "si":
                self.pieces = []
            case "t":
                self.collecting = not self.phonetic
            case "rPh":
                self.phonetic = True

    def text(self, data):
        if self.collecting:
            self.length += len(data)
            if self.length > _LONGEST_STRINGS:
                raise oversized_error()
            self.pieces.append(data)

    def end(self, name):
        match local_name(name):
            case "si":
                self.strings.append(unescape("".join(self.pieces)))
            case "t":
                self.collecting = False
            case "rPh":
                self.phonetic = False


def read_date_styles(archive, path):
    """The numbers of the cell styles that show a date."""
    formats, styles, inside = {}, [], {"cells": False}

    def start(name, attributes):
        match local_name(name):
            case "numFmt":
                formats[attributes.get("numFmtId")] = attributes.get("formatCode", "")
            case "cellXfs":
                inside["cells"] = True
            case "xf" if inside["cells"]:
                styles.append(attributes.get("numFmtId", "0"))

    def end(name):
        if local_name(name) == "cellXfs":
            inside["cells"] = False

    if path:
        parse_part(archive, path, start=start, end=end)
    return {str(place) for place, number in enumerate(styles) if _shows_date(number, formats)}


def _shows_date(number, formats):
    if number in formats:
        return is_date_format(formats[number])
    if not number.isdecimal():
        return False
    return int(number) in _EAST_ASIAN_DATES or is_date_format(BUILTIN_FORMATS.get(int(number)))


def unescape(text):
    """`text` with _x000D_ and the like as the characters they stand for, cut where no cell could hold more."""
    if len(text) > _LONGEST_TEXT:
        text = text[:_LONGEST_TEXT]
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: found[0] if found[1][0] in "dD" else chr(int(found[1], 16)), text)
