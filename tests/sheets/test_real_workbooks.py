"""Workbooks with real texts of an achievement collection and of a demand collection."""

import pytest

from sheets.checking import UniqueTogether, check_rows
from sheets.columns import Column
from sheets.dates import Span
from sheets.marking import mark_workbook
from sheets.money import Amount
from sheets.reading import read_workbook
from sheets.values import Choice, Choices, CreditCode, Email, Keywords, Phone, PropertyRights, Text, WholeNumber, YesNo


def same(*labels):
    return {label: label for label in labels}


ACHIEVEMENTS = (
    Column(key="title", label="成果名称", required=True),
    Column(key="unit", label="第一完成单位", required=True),
    Column(key="stage", label="所处阶段", parse=Choice(same("初期阶段", "中期阶段", "成熟应用阶段")), required=True),
    Column(key="level", label="成熟度等级", parse=WholeNumber(1, 13)),
    Column(key="summary", label="成果简介", parse=Text(500, multiline=True), required=True),
    Column(key="keywords", label="关键词", parse=Keywords(5)),
    Column(
        key="rights",
        label="知识产权",
        parse=PropertyRights(Choice(same("发明专利", "实用新型", "软件著作权"))),
        empty=(),
    ),
    Column(
        key="ways",
        label="拟转化方式",
        parse=Choices(same("技术转让", "技术许可", "作价入股", "合作开发")),
        required=True,
    ),
    Column(key="price", label="意向价格", parse=Amount()),
    Column(key="trial", label="是否可先使用后付费", parse=YesNo()),
    Column(key="phone", label="联系电话", parse=Phone(), required=True),
    Column(key="open", label="非涉密确认", parse=YesNo(), required=True),
)
DEMANDS = (
    Column(key="title", label="需求名称", aliases=("技术需求名称",), required=True),
    Column(key="firm", label="企业名称", aliases=("单位名称", "机构全称"), required=True),
    Column(key="code", label="统一社会信用代码", parse=CreditCode(), required=True),
    Column(key="text", label="主要问题", aliases=("技术需求概述",), parse=Text(2000, multiline=True)),
    Column(
        key="ways",
        label="期望合作方式",
        aliases=("合作方式",),
        parse=Choices(same("许可", "转让", "合作开发", "委托开发", "作价入股")),
    ),
    Column(key="budget", label="拟投入资金", aliases=("拟投入资金总额",), parse=Amount()),
    Column(key="period", label="需求时限", parse=Span()),
    Column(key="anonymous", label="是否匿名发布", parse=YesNo(), required=True),
    Column(key="phone", label="联系电话", aliases=("手机",), parse=Phone(), required=True),
    Column(key="mail", label="邮箱", aliases=("电子信箱",), parse=Email()),
)


@pytest.mark.parametrize(
    ("name", "columns", "rows", "clean"),
    [
        ("achievements_real_text.xlsx", ACHIEVEMENTS, 524, 524),
        ("demands_real_text.xlsx", DEMANDS, 107, 107),
    ],
)
@pytest.mark.long
def test_all_rows_are_read_without_errors(shared_data, name, columns, rows, clean):
    data = (shared_data / name).read_bytes()
    sheet = read_workbook(data, columns, filename=name)
    report = check_rows(sheet, unique=[UniqueTogether(("title", columns[1].key))])
    assert sheet.header.row == 3
    assert (len(report.rows), len(report.clean_rows)) == (rows, clean), [str(problem) for problem in report.errors]
    report.add(report.rows[0].number, "title", "已登记过，请删去这一行")
    again = read_workbook(mark_workbook(data, report), columns, filename=name)
    assert [row.cells for row in again.rows] == [row.cells for row in sheet.rows]
