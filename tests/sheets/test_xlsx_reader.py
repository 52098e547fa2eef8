import io
import re
import zipfile
from datetime import datetime

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from sheets.archive import Limits, UnreadableSheet
from sheets.cells import ErrorValue, Formula
from sheets.reading import read_workbook
from sheets.xml_parts import read_number_styles

from .workbooks import (
    COLUMNS,
    HEADER,
    ROW,
    column_values,
    make_workbook,
    patch_archive,
    read_sheet,
    with_shared_strings,
)


def test_types_of_cells():
    rows = [
        ["a", "u", value] for value in (5, 0.1, True, "５０", datetime(2026, 1, 5), 91210200000000000, "=1+1", "#N/A")
    ]
    assert column_values(read_sheet(HEADER, *rows), "price") == [
        5,
        0.1,
        True,
        "５０",
        datetime(2026, 1, 5),
        9.12102e16,
        Formula("=1+1"),
        ErrorValue("#N/A"),
    ]


def test_the_cached_value_of_a_formula_is_not_used():
    def cached(old):
        return old.replace(b"<v></v>", b"<v>42</v>").replace(b"<v />", b"<v>42</v>")

    data = patch_archive(make_workbook(HEADER, ["a", "u", "=B2*2"]), xl__worksheets__sheet1_dot_xml=cached)
    assert b"<v>42</v>" in read_part(data, "xl/worksheets/sheet1.xml")
    assert column_values(read_workbook(data, COLUMNS, filename="a.xlsx"), "price") == [Formula("=B2*2")]


def read_part(data, name):
    return zipfile.ZipFile(io.BytesIO(data)).read(name)


def test_dates_of_the_1904_system():
    def mac(workbook, sheet):
        workbook.epoch = CALENDAR_MAC_1904
        sheet["C2"] = datetime(2026, 1, 5)

    sheet = read_sheet(HEADER, ["a", "u"], change=mac)
    assert sheet.date1904
    assert column_values(sheet, "price") == [datetime(2026, 1, 5)]


def test_date_formats_of_chinese_excel():
    def chinese(old):
        return old.replace(b'numFmtId="14"', b'numFmtId="31"')

    def dated(_workbook, sheet):
        sheet["C2"] = 46027
        sheet["C2"].number_format = "mm-dd-yy"

    data = patch_archive(make_workbook(HEADER, ["a", "u"], change=dated), xl__styles_dot_xml=chinese)
    assert b'numFmtId="31"' in read_part(data, "xl/styles.xml")
    assert column_values(read_workbook(data, COLUMNS, filename="a.xlsx"), "price") == [datetime(2026, 1, 5)]
    assert read_number_styles(None, None) == (set(), {})


def test_shared_and_inline_strings():
    for data in (make_workbook(HEADER, ROW), with_shared_strings(make_workbook(HEADER, ROW))):
        assert column_values(read_workbook(data, COLUMNS, filename="a.xlsx"), "title") == ["海参育种技术"]


def test_cells_without_references_are_read_in_order():
    def bare(old):
        return re.sub(rb' r="[A-Z]*[0-9]+"', b"", old)

    data = patch_archive(make_workbook(HEADER, ROW), xl__worksheets__sheet1_dot_xml=bare)
    assert column_values(read_workbook(data, COLUMNS, filename="a.xlsx"), "code") == ["X1"]


def test_too_many_rows_columns_and_cells():
    rows = [[f"成果{number}", "u"] for number in range(60)]
    assert len(read_sheet(HEADER, *rows, limits=Limits(rows=60)).rows) == 60
    with pytest.raises(UnreadableSheet, match="超过 30 行"):
        read_sheet(HEADER, *rows, limits=Limits(rows=30))
    with pytest.raises(UnreadableSheet, match="超过 55 行"):
        read_sheet(HEADER, *rows, limits=Limits(rows=55))
    with pytest.raises(UnreadableSheet, match="超过 4 列"):
        read_sheet(HEADER, ROW, limits=Limits(columns=4))
    with pytest.raises(UnreadableSheet, match="空白行列"):
        read_sheet(HEADER, *rows, limits=Limits(cells=100))


@pytest.mark.long
def test_a_sheet_with_too_many_rows_is_refused_before_its_end():
    """The end of the sheet is broken XML, so reading it would raise the error for damage instead."""
    rows = [[f"成果{number}", "u"] for number in range(30_000)]
    data = patch_archive(make_workbook(HEADER, *rows), xl__worksheets__sheet1_dot_xml=lambda old: old[:-200])
    with pytest.raises(UnreadableSheet, match="超过 2000 行"):
        read_workbook(data, COLUMNS, filename="a.xlsx", limits=Limits(rows=2000))


def test_row_and_column_numbers_above_the_limits_of_excel_are_damage():
    for old, new in ((b'r="2"', b'r="1048577"'), (b'r="A2"', b'r="ZZZZ2"')):
        data = patch_archive(
            make_workbook(HEADER, ROW), xl__worksheets__sheet1_dot_xml=lambda part, o=old, n=new: part.replace(o, n)
        )
        with pytest.raises(UnreadableSheet, match="已损坏"):
            read_workbook(data, COLUMNS, filename="a.xlsx")


def test_a_cell_in_the_last_row_creates_no_other_rows():
    def far(_workbook, sheet):
        sheet["A1048576"] = "最后一行"

    sheet = read_sheet(HEADER, ROW, change=far)
    assert [row.number for row in sheet.rows] == [2, 1048576]


def test_too_many_merges():
    def merged(old):
        return old.replace(
            b"</sheetData>", b"</sheetData><mergeCells>" + b'<mergeCell ref="A5:A9"/>' * 50_001 + b"</mergeCells>"
        )

    with pytest.raises(UnreadableSheet, match="合并单元格"):
        read_workbook(
            patch_archive(make_workbook(HEADER, ROW), xl__worksheets__sheet1_dot_xml=merged),
            COLUMNS,
            filename="a.xlsx",
            limits=Limits(ratio=9999),
        )
