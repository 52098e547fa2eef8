from datetime import date, datetime
from decimal import Decimal

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from sheets.checking import ERROR, WARNING, UniqueTogether, check_rows
from sheets.columns import Column
from sheets.dates import Day
from sheets.values import Choices

from .workbooks import COLUMNS, HEADER, ROW, read_sheet


def messages(report):
    return [str(problem) for problem in report.errors]


def test_a_sheet_without_problems():
    report = check_rows(read_sheet(["标题"], HEADER, ROW, ["乙", "u", None, "—", "无"]))
    assert report.ok
    assert report.counts == {"rows": 2, "clean": 2, "errors": 0, "warnings": 0}
    assert [row.number for row in report.clean_rows] == [3, 4]
    assert report.rows[0].values["price"].max == Decimal(100)
    assert report.rows[1].values == {"title": "乙", "unit": "u", "price": None, "summary": None, "code": None}


def test_problems_name_row_field_and_value():
    rows = [
        ["甲", "u", "=A1*2", None, 9.12102e17],
        [None, "u", "面意", "字" * 501, None],
        ["丙", " ", "#N/A", None, None],
        ROW,
    ]
    report = check_rows(read_sheet(HEADER, *rows))
    assert messages(report) == [
        "第2行“意向价格”是公式，请改为数值粘贴",
        "第2行“登记号”填的是“9.12102e+17”，像是被 Excel 转成了科学计数法，请把该列设为文本格式后重新填写完整号码",
        "第3行“成果名称”没有填写，请补上",
        "第3行“意向价格”填的是“面意”，认不出金额，请写成“50”“50-100”“约50万元”或“面议”",
        f"第3行“成果简介”填的是“{'字' * 39}…”，有 501 个字，超过 500 字的上限，请精简",
        "第4行“第一完成单位”没有填写，请补上",
        "第4行“意向价格”填的是“#N/A”，是错误值 #N/A，请改成实际内容",
    ]
    assert [(problem.row, problem.column, problem.key) for problem in report.errors][:2] == [
        (2, "C", "price"),
        (2, "E", "code"),
    ]
    assert [row.number for row in report.clean_rows] == [5]
    assert not report.ok
    assert report.rows[0].values["price"] is None


def test_a_missing_column_is_reported_once():
    report = check_rows(read_sheet(["成果名称", "意向价格"], ["甲", 5], ["乙", 6]))
    assert messages(report) == ["第1行“第一完成单位”这一列不在表中，请按模板补上这一列"]
    assert report.clean_rows == []


def test_two_headers_for_one_column_are_an_error():
    report = check_rows(read_sheet([*HEADER, "项目名称"], [*ROW, "别名"]))
    assert messages(report) == [
        "第1行“成果名称”有不止一列（A 列“成果名称”、F 列“项目名称”），分不清用哪一列，请只保留一列"
    ]


def test_duplicate_rows_name_the_earlier_row():
    rows = [["海参 育种", "u"], ["海参育种", "Ｕ"], ["海参育种", "别家"], ["海参育种", "u"]]
    report = check_rows(read_sheet(HEADER, *rows), unique=[UniqueTogether(("title", "unit"))])
    assert messages(report) == [
        "第3行“成果名称”填的是“海参育种”，与第2行重复（“成果名称”、“第一完成单位”相同），请删去其中一行或改正",
        "第5行“成果名称”填的是“海参育种”，与第2行重复（“成果名称”、“第一完成单位”相同），请删去其中一行或改正",
    ]
    assert [row.number for row in report.clean_rows] == [2, 4]


def test_uniqueness_by_a_function_and_with_empty_values():
    rows = [["甲", "u", None, None, "1"], ["乙", "u", None, None, "1"], ["丙", "u"], ["丁", "u"]]
    sheet = read_sheet(HEADER, *rows)
    assert [problem.row for problem in check_rows(sheet, unique=[UniqueTogether(("code",))]).errors] == [3]
    by_unit = UniqueTogether(("unit",), of=lambda values: values["unit"] if values["code"] is None else None)
    assert [problem.row for problem in check_rows(sheet, unique=[by_unit]).errors] == [5]


def test_row_checks_get_values_and_can_warn():
    def cheap(values):
        if values["price"] and values["price"].min < 10:
            yield "price", "偏低，请确认", WARNING
        if values["code"] is None:
            yield "", "没有登记号也没有简介，请补一项"

    report = check_rows(read_sheet(HEADER, ["甲", "u", 5], ["乙", "u", "x", None, "1"]), row_checks=[cheap])
    assert [(str(problem), problem.level) for problem in report.problems] == [
        ("第2行“意向价格”填的是“5”，偏低，请确认", WARNING),
        ("第2行：没有登记号也没有简介，请补一项", ERROR),
        ("第3行“意向价格”填的是“x”，认不出金额，请写成“50”“50-100”“约50万元”或“面议”", ERROR),
    ]
    assert report.counts == {"rows": 2, "clean": 0, "errors": 2, "warnings": 1}


def test_problems_can_be_added_after_the_check():
    report = check_rows(read_sheet(HEADER, ROW, ["乙", "u"]))
    report.add(3, "title", "已经登记过，请删去这一行")
    assert messages(report) == ["第3行“成果名称”填的是“乙”，已经登记过，请删去这一行"]
    assert report.errors[0].column == "A"
    assert [row.number for row in report.clean_rows] == [2]


def test_the_unit_in_the_header_applies_to_numbers():
    rows = check_rows(read_sheet(["成果名称", "单位", "意向价格（元）"], ["甲", "u", 500_000])).rows
    assert rows[0].values["price"].min == 50


def test_empty_value_of_a_column():
    columns = (*COLUMNS, Column(key="ways", label="方式", parse=Choices({"a": "甲"}), empty=()))
    for header, row in ((HEADER, ROW), ([*HEADER, "方式"], [*ROW, " "])):
        assert check_rows(read_sheet(header, row, columns=columns)).rows[0].values["ways"] == ()


@pytest.mark.parametrize(("mac", "day"), [(False, date(2026, 1, 5)), (True, date(2030, 1, 6))])
def test_serial_numbers_use_the_date_system_of_the_workbook(mac, day):
    def dated(workbook, sheet):
        if mac:
            workbook.epoch = CALENDAR_MAC_1904
        sheet["F2"] = 46027
        sheet["F3"] = datetime(2026, 1, 5)
        sheet["F4"] = 20260105

    columns = (*COLUMNS, Column(key="until", label="有效期至", parse=Day()))
    report = check_rows(read_sheet([*HEADER, "有效期至"], ROW, ROW, ROW, change=dated, columns=columns))
    assert [row.values["until"] for row in report.rows] == [day, date(2026, 1, 5), date(2026, 1, 5)]
