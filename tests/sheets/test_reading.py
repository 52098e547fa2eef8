import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets.archive import UnreadableSheet
from sheets.columns import Column
from sheets.reading import read_workbook

from .workbooks import COLUMNS, HEADER, ROW, column_values, make_workbook, read_sheet


def test_the_sheet_identifies_its_file():
    data = make_workbook(HEADER, ROW)
    sheet = read_workbook(io.BytesIO(data), COLUMNS, filename="一月.xlsx")
    assert (sheet.title, sheet.kind, sheet.filename, sheet.size) == ("成果", "xlsx", "一月.xlsx", len(data))
    assert sheet.sha256 == hashlib.sha256(data).hexdigest()
    assert sheet.notices == []


def test_title_rows_and_blank_rows_are_skipped():
    def titled(_workbook, sheet):
        sheet.merge_cells("A1:E1")

    sheet = read_sheet(
        ["成果征集汇总表"], ["说明：请勿改动"], [], HEADER, ROW, [], [None, " \u3000"], ROW, change=titled
    )
    assert sheet.header.row == 4
    assert [row.number for row in sheet.rows] == [5, 8]


def test_the_header_is_the_row_that_matches_most_columns():
    sheet = read_sheet(["名称", "单位"], ["成果名称", "单位", "登记号"], ROW)
    assert sheet.header.row == 2


def test_the_header_must_be_among_the_first_rows():
    with pytest.raises(UnreadableSheet, match=r"没有找到表头.*“成果名称”、“第一完成单位”"):
        read_sheet(*[[f"标题{number}"] for number in range(20)], HEADER, ROW)


def test_a_header_of_two_rows():
    columns = (*COLUMNS, Column(key="person", label="联系人"), Column(key="phone", label="电话"))

    def merged(_workbook, sheet):
        sheet.merge_cells("A1:A2")
        sheet.merge_cells("C1:D1")

    sheet = read_sheet(
        ["成果名称", "单位", "联系方式"],
        [None, None, "联系人", "电话"],
        ["甲", "乙", "测试人", "0411-84700000"],
        change=merged,
        columns=columns,
    )
    assert sheet.header.positions == {"title": 1, "unit": 2, "person": 3, "phone": 4}
    assert [row.number for row in sheet.rows] == [3]


def test_a_data_row_is_not_a_second_header_row():
    sheet = read_sheet(["成果名称", "单位", "备注"], ["甲", "乙", "登记号"])
    assert len(sheet.rows) == 1


def test_vertically_merged_data_cells_are_repeated():
    def merged(_workbook, sheet):
        sheet.merge_cells("B2:B4")
        sheet.merge_cells("C2:D2")

    rows = [["甲", "某大学", 5], ["乙", None, 6], [None, None, None], ["丁", "别的", 7]]
    sheet = read_sheet(HEADER, *rows, change=merged)
    assert column_values(sheet, "unit") == ["某大学", "某大学", "别的"]
    assert [row.number for row in sheet.rows] == [2, 3, 5]
    assert column_values(sheet, "summary") == [None, None, None]


def test_example_rows_are_skipped_with_a_notice():
    rows = [
        ["示例", "u"],
        ["填写说明：逐行填写", None],
        ["（示例）某技术", "u"],
        ["说明书自动生成技术", "u"],
        ["合计", "1"],
    ]
    sheet = read_sheet(HEADER, *rows)
    assert column_values(sheet, "title") == ["说明书自动生成技术"]
    assert sheet.notices == ["第 2、3、4、6 行是示例、说明或合计，未读取"]


def test_the_first_visible_worksheet_with_a_header_is_read():
    def more(workbook, sheet):
        sheet.sheet_state = "hidden"
        guide = workbook.create_sheet("填写说明")
        guide.append(["成果名称", "必填"])
        second = workbook.create_sheet("数据")
        second.append(HEADER)
        second.append(["第二张表", "u"])
        workbook.create_sheet("问题清单").append(HEADER)
        workbook.active = 1

    sheet = read_sheet(HEADER, ROW, change=more)
    assert sheet.title == "数据"
    assert column_values(sheet, "title") == ["第二张表"]
    assert sheet.notices == ["工作簿有 2 个工作表，读取的是“数据”"]


def test_hidden_rows_are_read_with_a_notice():
    def hide(_workbook, sheet):
        sheet.row_dimensions[3].hidden = True

    sheet = read_sheet(HEADER, ROW, ROW, change=hide)
    assert len(sheet.rows) == 2
    assert sheet.notices == ["第 3 行是隐藏行，也一并读取了"]


def test_unknown_columns_are_reported_but_not_row_numbers():
    sheet = read_sheet(["序号", *HEADER, "备注"], [1, *ROW, "x"])
    assert sheet.notices == ["以下列不在模板中，未读取：“备注”（G 列）"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "没有任何内容"),
        ([["随便"], ["什么"]], "没有找到表头"),
        ([HEADER], "下面没有数据"),
        ([HEADER, [None] * 5], "没有数据"),
    ],
)
def test_sheets_without_data_are_refused(rows, message):
    with pytest.raises(UnreadableSheet, match=message):
        read_sheet(*rows)


def test_a_workbook_with_hidden_worksheets_only_is_refused():
    def hide(workbook, _sheet):
        workbook.create_sheet("问题清单")
        workbook["成果"].sheet_state = "hidden"

    with pytest.raises(UnreadableSheet, match="没有可见的工作表"):
        read_sheet(HEADER, ROW, change=hide)


@given(st.binary(max_size=400), st.sampled_from(["a.xlsx", "a.csv", "a"]))
def test_arbitrary_bytes_are_read_or_refused(data, filename):
    for content in (data, b"PK\x03\x04" + data, "成果名称,单位\n".encode() + data):
        try:
            sheet = read_workbook(content, COLUMNS, filename=filename)
        except UnreadableSheet as refusal:
            assert "请" in str(refusal)
        else:
            assert sheet.rows


@given(st.integers(0, 5_000), st.binary(min_size=1, max_size=4))
def test_damaged_workbooks_are_read_or_refused(at, noise):
    data = bytearray(GOOD)
    at %= len(data)
    data[at : at + len(noise)] = noise
    try:
        assert read_workbook(bytes(data), COLUMNS, filename="a.xlsx").rows
    except UnreadableSheet as refusal:
        assert "请" in str(refusal)


GOOD = make_workbook(HEADER, ROW)
