import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheets.cells import CellProblem, ErrorValue, Formula
from sheets.dates import Day, Span
from sheets.money import Amount
from sheets.values import (
    Choice,
    Choices,
    Code,
    CreditCode,
    Email,
    Keywords,
    Phone,
    PropertyRight,
    PropertyRights,
    Text,
    WholeNumber,
    YesNo,
)

STAGE = Choice(
    {"early": "初期阶段（实验室、小试）", "mid": "中期阶段（中试）", "mature": "成熟应用阶段"}, {"小试": "early"}
)
WAYS = Choices(
    {"transfer": "技术转让", "licence": "技术许可", "stock": "作价入股", "ab": "A/B 测试"}, {"许可": "licence"}
)
RIGHTS = PropertyRights(Choice({"invention": "发明专利", "utility": "实用新型"}))


@pytest.mark.parametrize(
    ("parse", "value", "expected"),
    [
        (Text(), " 海参，育种；１ \x0b", "海参，育种；１"),
        (Text(), 12, "12"),
        (Text(), "甲\n乙", "甲 乙"),
        (Text(multiline=True), "甲\r\n乙", "甲\n乙"),
        (Text(3), "🚀🚀🚀", "🚀🚀🚀"),
        (Code(), " ｚｌ 2022.x", "ZL2022.X"),
        (Code(), 20220001, "20220001"),
        (CreditCode(), "９１350100m000100y43", "91350100M000100Y43"),
        (STAGE, "中期阶段(中试)", "mid"),
        (STAGE, "中期阶段", "mid"),
        (STAGE, "小试", "early"),
        (STAGE, "小试（已完成）", "early"),
        (STAGE, "MATURE", "mature"),
        (Choice({9: "TRL9", 13: "GBT22900"}), "trl 9", 9),
        (WAYS, "技术转让；许可、作价入股", ("transfer", "licence", "stock")),
        (WAYS, "技术转让\n技术转让/许可", ("transfer", "licence")),
        (WAYS, "a/b测试", ("ab",)),
        (WholeNumber(1, 9, ("TRL", "级")), "TRL 7级", 7),
        (WholeNumber(1, 9), 7.0, 7),
        (WholeNumber(), "１,０００", 1000),
        (Phone(), 13800000001, "13800000001"),
        (Phone(), "+86 138-0000-0001", "13800000001"),
        (Phone(), "（0411）84700000", "0411-84700000"),
        (Phone(), "0411—84700000转12", "0411-84700000-12"),
        (Phone(), "84700000", "84700000"),
        (Phone(), "400-800-8000", "400-800-8000"),
        (Phone(), "13800000001/0411-84700000", "13800000001；0411-84700000"),
        (Email(), " Name@Example.ORG ", "Name@Example.ORG"),
        (Email(), "ｎａｍｅ＠example.org", "name@example.org"),
        (Keywords(), "海参、育种,Sea cucumber，海参", ("海参", "育种", "Sea cucumber")),
        (Keywords(), "船舶、舰船工程；船型", ("船舶、舰船工程", "船型")),
        (Keywords(), "数控机床 主轴", ("数控机床", "主轴")),
        (Keywords(), "machine learning", ("machine learning",)),
        (
            RIGHTS,
            "发明专利：ZL2022 1.x；实用新型:ZL3\n发明专利:",
            (PropertyRight("invention", "ZL20221.X"), PropertyRight("utility", "ZL3"), PropertyRight("invention", "")),
        ),
    ],
)
def test_values(parse, value, expected):
    assert parse(value) == expected


@pytest.mark.parametrize("value", ["是", "√", "✔", "Y", "ｙｅｓ", "愿意", "1", 1, True, "同意", " 是 "])
def test_yes(value):
    assert YesNo()(value) is True


@pytest.mark.parametrize("value", ["否", "×", "N", "no", "不愿意", 0, 0.0, False, "无意愿"])
def test_no(value):
    assert YesNo()(value) is False


@pytest.mark.parametrize(
    ("parse", "value", "message"),
    [
        (Text(10), "字" * 11, "有 11 个字，超过 10 字的上限"),
        (Text(10), "字" * 40_000, "有 40000 个字"),
        (Text(min_length=10), "太短", "至少要写 10 个字"),
        (Text(), Formula("=A1"), "是公式，请改为数值粘贴"),
        (Text(), ErrorValue("#REF!"), "错误值 #REF!"),
        (Code(), 9.12102e17, "科学计数法"),
        (Code(), "9.12E+17", "科学计数法"),
        (Code(5), "123456", "有 6 位，超过 5 位"),
        (Code(pattern="[0-9]{4}", form="4 位数字"), "12a4", "应为4 位数字"),
        (CreditCode(), "9.12102E+17", "科学计数法"),
        (CreditCode(), "123", "现在是 3 位"),
        (CreditCode(), "91350100M000100Y44", "校验位"),
        (STAGE, "成熟应用阶断", "是不是“成熟应用阶段”？"),
        (STAGE, "阶段", "请填其一：初期阶段（实验室、小试）、中期阶段（中试）、成熟应用阶段"),
        (WAYS, "技术转让；出租", "其中“出租”不在可选项中"),
        (WAYS, "；、", "没有选项"),
        (Choices({"a": "甲", "b": "乙"}, max_count=1), "甲；乙", "选了 2 项，最多 1 项"),
        (YesNo(), "也许", "请填“是”或“否”"),
        (WholeNumber(1, 9), 10, "请填 1 到 9 的整数"),
        (WholeNumber(1, 9), "-1", "超出范围"),
        (WholeNumber(1, 9), 7.5, "不是整数"),
        (WholeNumber(1, 9), "七", "不是整数"),
        (Phone(), "1.38E+10", "科学计数法"),
        (Phone(), "1380000000", "不像电话号码"),
        (Phone(), "12800000000", "不像电话号码"),
        (Phone(), ";", "一至三个"),
        (Email(), "name@", "不像电子邮箱"),
        (Email(), "张三@example.org", "不像电子邮箱"),
        (Keywords(2), "a;b;c", "有 3 个，最多 2 个"),
        (Keywords(2, 5), "一二三四五六", "每个最多 5 字"),
        (Keywords(), "；", "没有关键词"),
        (RIGHTS, "ZL2022", "缺少类型或号码"),
        (RIGHTS, "发明:9.1E+12", "科学计数法"),
        (RIGHTS, "软著:1", "其中“软著:1”的类型不在可选项中"),
        (RIGHTS, ";", "没有内容"),
    ],
)
def test_problems_say_how_to_fix_the_cell(parse, value, message):
    with pytest.raises(CellProblem, match=re.escape(message)):
        parse(value)


PARSERS = (
    Text(20),
    Text(20, multiline=True),
    Code(),
    CreditCode(),
    STAGE,
    WAYS,
    YesNo(),
    WholeNumber(),
    Phone(),
    Email(),
    Keywords(),
    RIGHTS,
    Amount(),
    Day(),
    Day(month="last"),
    Span(),
)
ALPHABET = st.one_of(
    st.sampled_from("0123456789.-~,;年月日至约万亿元个半以内上起：:（)eE+ ①²٣５\x00\ud800\n'="), st.characters()
)
ANYTHING = st.one_of(
    st.text(ALPHABET, max_size=40),
    st.text(max_size=5).map(lambda text: text * 1000),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(datetime(1900, 1, 1)),
    st.dates(),
    st.builds(Formula, st.text()),
    st.builds(ErrorValue, st.sampled_from(["#N/A", "#REF!"])),
)


@pytest.mark.parametrize("parse", PARSERS, ids=repr)
@given(value=ANYTHING)
def test_every_cell_gives_a_value_or_a_cell_problem(parse, value):
    try:
        result = parse(value)
    except CellProblem as problem:
        assert str(problem)
    else:
        assert result is not None


@pytest.mark.parametrize("parse", PARSERS, ids=repr)
def test_every_parser_has_a_hint_for_the_template(parse):
    assert parse.hint
