import pytest

from sheets.columns import Column, match_header, normalize_header, unit_of

from .workbooks import COLUMNS


@pytest.mark.parametrize(
    "written",
    [
        "意向价格",
        "★意向价格",
        "* 意向价格（万元）",
        "意向价格\n（万元，可填“面议”）",
        "意向 价格",
        "意向价格：",
        "３．意向价格",
        "①意向价格",
        "二、意向价格[万元]",
        "意向价格*",
        "【必填】意向价格",
        "意向价格(万元(人民币))",
        "　意向价格　",
    ],
)
def test_spellings_of_one_header(written):
    assert normalize_header(written) == "意向价格"


@pytest.mark.parametrize(
    ("written", "normal"),
    [("3D打印", "3d打印"), ("（备注）", "备注"), ("技术指标/创新点", "技术指标创新点"), ("★", "")],
)
def test_what_normalization_keeps(written, normal):
    assert normalize_header(written) == normal


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("金额（元）", "元"),
        ("金额(万元，可填面议)", "万元"),
        ("金额（单位：亿元）", "亿元"),
        ("金额【人民币：万元】", "万元"),
        ("金额", None),
        ("单元（个）", None),
    ],
)
def test_unit_of_a_header(written, unit):
    assert unit_of(written) == unit


def test_match_header():
    header = match_header({1: "序号", 2: "★项目名称", 4: "拟交易价格（元）", 5: "备注", 6: "意向价格"}, COLUMNS, row=3)
    assert header.positions == {"title": 2, "price": 4}
    assert header.units == {"price": "元"}
    assert [column.key for column in header.missing] == ["unit"]
    assert [(column.key, places) for column, places in header.duplicates] == [("price", (4, 6))]
    assert header.unknown == {5: "备注"}
    assert header.notices == ["以下列不在模板中，未读取：“备注”（E 列）"]


def test_one_header_for_two_columns_is_a_bug():
    with pytest.raises(ValueError, match="claimed by a and b"):
        match_header({}, (Column(key="a", label="名称"), Column(key="b", label="名称（全称）")))
