"""Shapes of sheets: forms, turned tables, repeated headers, units outside of the header, other separators."""

import io

import pytest
from openpyxl import Workbook

from achievements.intake.engine import read_sheet
from achievements.sheet_columns import achievement_columns
from achievements.sheet_json import json_lines
from tests.achievements.oddities.judge import BASE

pytestmark = pytest.mark.django_db
HEADERS = list(BASE)
PRICE = "意向价格"


def row(number, *more):
    values = BASE | {
        "成果名称": f"示例成果第{number}号装置",
        "成果简介": f"第{number}种：解决薄板回弹，采用两步成形，精度提高。",
    }
    return [*values.values(), *more]


def saved(lines, formats=()):
    book = Workbook()
    for line in lines:
        book.active.append(line)
    for at, code in formats:
        book.active[at].number_format = code
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def lines(intake_context):
    columns = achievement_columns()

    def read(content, name="x.xlsx"):
        return list(json_lines(read_sheet(content, name, columns=columns, context=intake_context)))

    return read


def titles(lines):
    return [line["value"] for line in lines if line.get("field") == "title"]


def prices(lines):
    return [(line["status"], line["value"]) for line in lines if line.get("field") == "price"]


def numbered(count):
    return [f"示例成果第{number}号装置" for number in range(1, count + 1)]


TURNED = [[header, *values] for header, *values in zip(HEADERS, row(1), row(2), row(3), strict=True)]
PAIRS = list(zip(HEADERS, row(1), strict=True))
FORM = [
    ["科技成果信息表"],
    *([*left, *right] for left, right in zip(PAIRS[::2], PAIRS[1::2], strict=False)),
    [*PAIRS[-1]],
]
REORDERED = [HEADERS[at] for at in (0, 1, 10, *range(3, 10), 2, 11, 12)]
SHAPES = {
    "form": (FORM, 1),
    "turned": (TURNED, 3),
    "title above each page's header": ([["汇总表"], HEADERS, row(1), ["汇总表"], HEADERS, row(2)], 2),
    "subtotals": ([HEADERS, row(1), ["化工学院小计", None, "1项"], row(2), ["总计", "2项"]], 2),
    "notes below": (
        [HEADERS, row(1), [], ["备注：1. 由科技处填写。"], ["2. 未填价格的视为面议。"], ["制表人：某人"]],
        1,
    ),
    "letters below": ([HEADERS, list("ABCDEFGHIJKLM"), row(1)], 1),
    "hints below": ([HEADERS, ["不超过50字", "全称", "1人", *["单选"] * 4, "300字以内", "可多选", "是/否"], row(1)], 1),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shapes(lines, name):
    content, count = SHAPES[name]
    understood = lines(saved(content))
    assert titles(understood) == numbered(count)
    assert [line for line in understood[:-1] if line["status"] in {"asked", "refused"}] == []
    assert understood[-1]["missing_columns"] == []


def test_same_headers_in_another_order(lines):
    second = dict(zip(HEADERS, row(2), strict=True)) | {"负责人": "王伟", "联系人": "李娜"}
    understood = lines(saved([HEADERS, row(1), [], REORDERED, [second[header] for header in REORDERED]]))
    assert [line["value"] for line in understood if line.get("field") == "lead_person"] == ["示例人", "王伟"]
    assert [line["value"] for line in understood if line.get("field") == "contact_name"] == ["示例人", "李娜"]


def test_units_outside_of_the_header(lines):
    yuan = ("read", [0.8, 0.8])
    assert prices(lines(saved([["金额单位：元"], [*HEADERS, PRICE], row(1, 8000)]))) == [yuan]
    assert prices(lines(saved([[*HEADERS, PRICE], [None] * 13 + ["（万元）"], row(1, 50)]))) == [("read", [50, 50])]
    with_unit = saved([[*HEADERS, PRICE], row(1, 8000), row(2, 8000)], [("N2", '#,##0"元"'), ("N3", '"¥"#,##0.00')])
    assert [status for status, _value in prices(lines(with_unit))] == ["read", "asked"]
    assert prices(lines(with_unit))[0] == yuan
    bounds = saved([[*HEADERS, PRICE, None], [None] * 13 + ["下限", "上限"], row(1, 50, 80)])
    assert prices(lines(bounds)) == [("read", [50, 80])]


def test_cells_without_a_header_are_asked(lines):
    understood = lines(saved([HEADERS, row(1, "另有说明"), row(2)]))
    assert [line["status"] for line in understood if line.get("cell") == "另有说明"] == ["asked"]


@pytest.mark.parametrize(("mark", "encoding"), [("|", "utf-8"), ("，", "gb18030"), (",", "utf-16-be"), (";", "utf-16")])
def test_texts_with_other_separators(lines, mark, encoding):
    table = "\n".join(mark.join(text.replace(mark, "、") for text in line) for line in [HEADERS, row(1), row(2)])
    assert titles(lines(table.encode(encoding), "x.csv")) == numbered(2)
