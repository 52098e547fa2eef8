"""Headers, sections, footers and other layouts of the sheets that offices have."""

import io
from datetime import date

import pytest
from openpyxl import Workbook

from achievements.intake.engine import read_sheet
from achievements.intake.reading import SheetContext, Status
from achievements.sheet_columns import achievement_columns
from sheets.archive import UnreadableSheet
from taxonomy.models import Industry
from tests import factories
from tests.achievements.oddities.judge import INSTITUTIONS

HEADERS = [
    *("序号", "成果名称", "第一完成单位", "负责人", "成果类别", "成果体现形式", "所处阶段", "产业链", "成果简介"),
    *("拟转化方式", "转化意愿", "联系人", "联系电话", "非涉密确认"),
]


def row(number, **changes):
    values = {
        "序号": number,
        "成果名称": f"示例成果第{number}号装置",
        "第一完成单位": "大连理工大学",
        "负责人": "示例人",
        "成果类别": "应用技术成果",
        "成果体现形式": "新材料",
        "所处阶段": "中期阶段",
        "产业链": "新材料",
        "成果简介": f"第{number}种：解决薄板回弹，采用两步成形与在线补偿，精度提高。",
        "拟转化方式": "技术许可",
        "转化意愿": "愿意转化",
        "联系人": "示例人",
        "联系电话": "0411-00000000",
        "非涉密确认": "是",
    }
    return [(values | changes).get(name) for name in HEADERS]


def workbook(*rows, merges=(), more=(), hidden=()):
    book = Workbook()
    for cells in rows:
        book.active.append(cells)
    for merge in merges:
        book.active.merge_cells(merge)
    for number in hidden:
        book.active.row_dimensions[number].hidden = True
    for title, other in more:
        sheet = book.create_sheet(title)
        for cells in other:
            sheet.append(cells)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def context(db):
    institutions = {}
    for name, short in INSTITUTIONS.items():
        institution = factories.institution(name)
        institutions[institution.pk] = (name, short)
    slugs = dict(Industry.objects.values_list("pk", "slug"))
    return SheetContext(institutions, slugs, frozenset(), "0411", date(2026, 11, 30))


@pytest.fixture
def understand(context):
    columns = achievement_columns()

    def understood(content, name="表.xlsx", **options):
        return read_sheet(content, name, columns=columns, context=context, **options)

    return understood


def not_read(rows):
    return [
        (row.number, cell.header, cell.reading.message)
        for row in rows
        for cell in row.cells
        if cell.reading.status != Status.READ
    ]


def test_section_rows_footers_and_repeated_headers_are_left_out(understand):
    content = workbook(
        ["2026 年科技成果汇总表"],
        ["填报单位：大连理工大学", None, None, "填报日期：2026-11-01"],
        HEADERS,
        ["一、化工学院"],
        row(1),
        row(2),
        ["（二）机械工程学院（1项）"],
        HEADERS,
        row(3),
        [4],
        ["合计", "3 项"],
        ["填表人：示例人", None, "审核人：", None, "日期：2026年11月1日"],
        ["注：以上成果均不涉密"],
    )
    intake = understand(content)
    rows = list(intake.rows())
    assert [row.number for row in rows] == [5, 6, 9]
    assert not_read(rows) == []
    assert [row.missing for row in rows] == [[], [], []]
    assert [row.values["college"] for row in rows] == ["化工学院", "化工学院", "机械工程学院"]
    assert [(number, kind) for number, kind, _text in intake.left_out] == [
        *((4, "section"), (7, "section"), (8, "header"), (10, "number")),
        *((11, "footer"), (12, "footer"), (13, "footer")),
    ]


@pytest.mark.parametrize("is_merged", [True, False])
def test_a_header_of_two_rows(understand, is_merged):
    upper = [*HEADERS[:11], "联系方式", None, "非涉密确认"]
    lower = [None] * 11 + ["联系人", "电话", None]
    merges = ["L1:M1", "A1:A2", "B1:B2"] if is_merged else []
    intake = understand(workbook(upper, lower, row(1), row(2), merges=merges))
    assert (intake.layout.first, intake.layout.last) == (1, 2)
    rows = list(intake.rows())
    assert not_read(rows) == [] and [row.missing for row in rows] == [[], []]
    assert rows[0].values["contact_phone"] == "0411-00000000"


def test_hints_below_the_header_and_units_in_them(understand):
    upper = [*HEADERS, "意向价格"]
    hints = ["（编号）"] + ["（必填）"] * 13 + ["（元）"]
    intake = understand(workbook(upper, hints, [*row(1), 500000]))
    (only,) = intake.rows()
    assert (only.values["price"].min, only.number) == (50, 3)


def test_ditto_and_merged_cells(understand):
    second = row(2, **{"第一完成单位": "同上", "负责人": "〃"})
    third = row(3, **{"联系人": None})
    content = workbook(HEADERS, row(1), second, third, merges=["L3:L4"])
    rows = list(understand(content).rows())
    assert [message for _row, _header, message in not_read(rows)] == [
        "“同上”按上一行的“大连理工大学”记录",
        "“同上”按上一行的“示例人”记录",
    ]
    assert rows[2].values["contact_name"] == "示例人" and rows[2].missing == []


def test_of_several_sheets_the_others_are_named_with_their_rows(understand):
    content = workbook(["目录"], more=[("化工", [HEADERS, row(1)]), ("机械", [HEADERS, row(2), row(3)])])
    intake = understand(content)
    assert [(choice.title, choice.rows, choice.is_read) for choice in intake.sheets] == [
        ("Sheet", 0, False),
        ("化工", 1, True),
        ("机械", 2, False),
    ]
    assert [row.number for row in understand(content, title="机械").rows()] == [2, 3]
    with pytest.raises(UnreadableSheet, match="没有找到表头"):
        understand(content, title="Sheet")


def test_a_guessed_header_is_not_certain_and_a_second_telephone_is_not_lost_in_silence(understand):
    headers = [*HEADERS, "办公电话", "成果荣誉"]
    intake = understand(workbook(headers, [*row(1), "0411-11111111", "一等奖"]))
    (only,) = intake.rows()
    cells = {cell.header: cell for cell in only.cells}
    assert cells["办公电话"].reading.status == Status.PROPOSED and "以那一列为准" in cells["办公电话"].reading.message
    assert (cells["成果荣誉"].key, cells["成果荣誉"].reading.status) == (None, Status.ASKED)
    mapped = understand(workbook(headers, [*row(1), "0411-11111111", "一等奖"]), mapping={16: ""})
    (only,) = mapped.rows()
    assert "成果荣誉" not in {cell.header for cell in only.open_cells}


def test_a_patent_copied_down_and_a_repeated_title_are_asked(understand):
    headers = [*HEADERS, "知识产权"]
    patent = "发明专利:ZL202210000000.6"
    rows = [[*row(number), patent] for number in range(1, 5)]
    rows[3][1] = rows[0][1]
    read = list(understand(workbook(headers, *rows)).rows())
    asked = [(row, header) for row, header, _message in not_read(read)]
    assert asked == [*((number, "知识产权") for number in range(2, 5)), (5, "成果名称"), (5, "知识产权")]
    assert "title" not in read[3].values and "intellectual_property" not in read[0].values


def test_hidden_rows_and_columns_that_are_missing(understand):
    content = workbook(HEADERS[:-1], row(1)[:-1], row(2)[:-1], hidden=[3])
    intake = understand(content)
    assert [column.key for column in intake.missing_columns] == ["non_secret"]
    assert [(row.is_hidden, row.missing) for row in intake.rows()] == [(False, ["non_secret"]), (True, ["non_secret"])]
    intake = understand(content, constants={"non_secret": True})
    assert intake.missing_columns == [] and [row.missing for row in intake.rows()] == [[], []]


def test_an_example_row_and_csv_in_gbk(understand):
    lines = [HEADERS, row("例"), row(1)]
    text = "\n".join(",".join(str(cell) for cell in line) for line in lines)
    intake = understand(text.encode("gb18030"), "表.csv")
    rows = list(intake.rows())
    assert [row.number for row in rows] == [3] and not_read(rows) == []
