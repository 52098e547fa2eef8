import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from sheets.archive import UnreadableSheet
from sheets.cells import clean_text
from sheets.checking import check_rows
from sheets.columns import Column
from sheets.reading import read_workbook
from sheets.values import Choice, Choices, Text, YesNo
from sheets.writing import safe_sheet_title, safe_text, write_template, write_workbook

from .workbooks import COLUMNS, HEADER, ROW, make_workbook


def loaded(data):
    return load_workbook(io.BytesIO(data))


@pytest.mark.parametrize("text", ["=1+1", "+86 138", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\x00=1", "\ufeff=1"])
def test_no_text_runs_as_a_formula(text):
    data = write_workbook("导出", ["=列名"], [[text], [[text, "x"]]])
    for row in loaded(data).active.iter_rows():
        for cell in row:
            assert cell.data_type == "s"
            assert cell.value.startswith("'")


def test_ordinary_text_is_not_changed():
    assert safe_text("海参=育种，1+1") == "海参=育种，1+1"
    assert safe_text("字" * 40_000) == "字" * 32_766 + "…"


def test_types_of_values():
    values = [
        None,
        True,
        5,
        10**17,
        Decimal("1.50"),
        0.5,
        date(2026, 1, 5),
        datetime(2026, 1, 5, 8, 30, tzinfo=UTC),
        ("甲", "乙"),
        "00123",
    ]
    sheet = loaded(write_workbook("导出", [str(at) for at, _ in enumerate(values)], [values])).active
    dates = [datetime(2026, 1, 5), datetime(2026, 1, 5, 8, 30)]
    written = [None, "是", 5, "100000000000000000", 1.5, 0.5, *dates, "甲；乙", "00123"]
    assert [cell.value for cell in sheet[2]] == written
    assert sheet["J2"].number_format == "@"
    assert sheet["G2"].number_format == "yyyy-mm-dd"
    assert sheet["H2"].number_format == "yyyy-mm-dd hh:mm"


def test_formatting_and_watermark():
    data = write_workbook(
        "a/b:c", ["名称", "备注"], [["很长的名称" * 3, None]], watermark="张三 & 2026 导出", notes=["仅供内部"]
    )
    sheet = loaded(data).active
    assert sheet.title == "a b c"
    assert [sheet["A1"].value, sheet["A2"].value] == ["张三 & 2026 导出", "仅供内部"]
    assert sheet.freeze_panes == "A4"
    assert sheet["A3"].font.bold
    assert sheet.oddFooter.center.text == "张三 && 2026 导出"
    assert sheet.column_dimensions["A"].width == 32
    assert sheet.column_dimensions["B"].width == 8


def test_all_rows_of_an_iterator_are_written():
    sheet = loaded(write_workbook("导出", ["序"], ([number] for number in range(450)))).active
    assert [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] == list(range(450))


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5))
def test_written_texts_are_read_back(texts):
    columns = (
        Column(key="a", label="甲列", parse=Text(10_000, multiline=True), blank_words=frozenset()),
        Column(key="b", label="乙列"),
    )
    data = write_workbook("导出", ["甲列", "乙列"], [["始", "x"], *([text, "x"] for text in texts)])
    expected = ["始", *(clean_text(text) or None for text in texts)]
    rows = {row.number: row for row in check_rows(read_workbook(data, columns, filename="a.xlsx")).rows}
    for number, text in enumerate(expected, 2):
        if number in rows:  # a row that reads as an example is left out
            assert rows[number].values["a"] == text


def test_an_export_can_be_imported():
    data = write_workbook("导出", HEADER, [ROW], watermark="张三 2026-11-24")
    assert check_rows(read_workbook(data, COLUMNS, filename="a.xlsx")).ok


STAGES = Choice({1: "小试", 2: "中试"})
TEMPLATE = (
    *COLUMNS,
    Column(key="stage", label="所处阶段", required=True, parse=STAGES, help="按最近一次评价填写。", example="中试"),
    Column(key="ways", label="转化方式", parse=Choices({1: "转让", 2: "许可"}), example="转让；许可"),
    Column(key="open", label="是否公开", parse=YesNo()),
)


def test_the_template_has_drop_down_lists_comments_and_instructions():
    workbook = loaded(write_template("成果导入模板", TEMPLATE, notes=["每行一项成果。"]))
    sheet, guide, options = workbook.worksheets
    assert [cell.value for cell in sheet[1]][:2] == ["★成果名称", "★第一完成单位"]
    assert sheet["F1"].comment.text == "必填。按最近一次评价填写。填其一：小试、中试。"
    assert sheet.column_dimensions["E"].number_format == "@"
    rules = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert rules == {"F2:F2001": "'选项'!$F$1:$F$2", "H2:H2001": "'选项'!$H$1:$H$2"}
    assert [options["F1"].value, options["F2"].value] == ["小试", "中试"]
    assert options.sheet_state == "hidden"
    assert guide["A1"].value == "每行一项成果。"
    assert [cell.value for cell in guide[8]] == ["所处阶段", "必填。按最近一次评价填写。填其一：小试、中试。", "中试"]


def test_an_empty_template_is_refused_and_a_filled_one_is_read():
    data = write_template("成果导入模板", TEMPLATE)
    with pytest.raises(UnreadableSheet, match="下面没有数据"):
        read_workbook(data, TEMPLATE, filename="a.xlsx")
    workbook = loaded(data)
    workbook.worksheets[0].append([*ROW, "中试", "转让；许可", "是"])
    stream = io.BytesIO()
    workbook.save(stream)
    report = check_rows(read_workbook(stream.getvalue(), TEMPLATE, filename="a.xlsx"))
    assert report.ok
    assert report.rows[0].values["ways"] == (1, 2)


def test_worksheet_titles():
    assert safe_sheet_title("[a]*'b'?") == "a b"
    assert safe_sheet_title("字" * 40) == "字" * 31
    assert safe_sheet_title("///") == "Sheet1"
    assert make_workbook(HEADER, title=safe_sheet_title("a:b"))
