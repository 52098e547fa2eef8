"""Small workbooks for the tests, made by openpyxl and patched where Excel writes other XML."""

import io
import re
import zipfile

from openpyxl import Workbook

from sheets.columns import Column
from sheets.money import Amount
from sheets.reading import read_workbook
from sheets.values import Code, Text

COLUMNS = (
    Column(key="title", label="成果名称", aliases=("名称", "项目名称"), required=True),
    Column(key="unit", label="第一完成单位", aliases=("单位",), required=True),
    Column(key="price", label="意向价格", aliases=("拟交易价格",), parse=Amount()),
    Column(key="summary", label="成果简介", parse=Text(500, multiline=True)),
    Column(key="code", label="登记号", parse=Code()),
)
HEADER = ["成果名称", "第一完成单位", "意向价格（万元）", "成果简介", "登记号"]
ROW = ["海参育种技术", "大连测试大学", "50-100", "简介。", "X1"]


def make_workbook(*rows, title="成果", change=None):
    """An .xlsx (bytes) with `rows` from A1 on, changed by `change(workbook, sheet)`."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    if change:
        change(workbook, sheet)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def patch_archive(data, **parts):
    """The archive `data` with entries replaced or added: name=bytes, or name=function of the old bytes.

    In names "__" means "/" and "_dot_" means ".".
    """
    changes = {name.replace("__", "/").replace("_dot_", "."): part for name, part in parts.items()}
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in dict.fromkeys([*old.namelist(), *changes]):
            part = changes.get(name, old.read(name) if name in old.namelist() else b"")
            new.writestr(name, part(old.read(name)) if callable(part) else part)
    return stream.getvalue()


def with_shared_strings(data):
    """The workbook `data` with its texts as shared strings, as Excel writes them (openpyxl writes inline strings)."""
    strings = []

    def move(match):
        strings.append(match[2])
        return b'%s t="s"><v>%d</v></c>' % (match[1], len(strings) - 1)

    moved = patch_archive(
        data,
        xl__worksheets__sheet1_dot_xml=lambda old: re.sub(
            rb'(<c [^>]*?) t="inlineStr"><is><t>(.*?)</t></is></c>', move, old
        ),
        xl___rels__workbook_dot_xml_dot_rels=lambda old: old.replace(
            b"</Relationships>",
            b'<Relationship Type="x/sharedStrings" Target="sharedStrings.xml" Id="s"/></Relationships>',
        ),
    )
    table = b"<sst>" + b"".join(b"<si><t>%s</t></si>" % text for text in strings) + b"</sst>"
    return patch_archive(moved, xl__sharedStrings_dot_xml=table)


def read_sheet(*rows, change=None, columns=COLUMNS, **options):
    """The `Sheet` read from a workbook of `rows`."""
    return read_workbook(make_workbook(*rows, change=change), columns, filename="成果.xlsx", **options)


def column_values(sheet, key):
    """[raw cell of the column `key`] row by row."""
    return [row.cells.get(sheet.header.positions[key]) for row in sheet.rows]
