"""Indicators: 316 examples written by hand (files beside this one), and properties that hold for any text."""

import math
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.indicators import (
    Indicator,
    compare_indicator,
    compare_indicator_lists,
    indicator_from_row,
    parse_indicator,
    parse_indicators,
    units,
)
from matching.engine.indicators.indicator import bounds
from matching.engine.indicators.numerals import normalise_symbols, parse_chinese_numeral, parse_number
from matching.engine.indicators.quantity_names import SAME_QUANTITY_FROM, better_direction, name_similarity
from matching.engine.indicators.units import parse_unit

HERE = Path(__file__).parent
RELEVANT_CHARACTERS = "≥≤<>=±~-0123456789.,，、()（）%℃万由降至/^×一二三十百千万半"
ANY_TEXT = st.text(alphabet=st.one_of(st.characters(), st.sampled_from(RELEVANT_CHARACTERS)))


def lines(name: str) -> list[list[str]]:
    text = (HERE / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def readings():
    for text, rows in groupby(lines("indicator_readings.tsv"), key=lambda row: row[0]):
        yield text, [row[1:] for row in rows if row[2] != "none"]


def columns_of(indicator: Indicator) -> list[str]:
    values = ",".join(f"{value:.6g}" for value in indicator.values)
    change = indicator.change or (f"from {indicator.before:g}" if indicator.before is not None else "")
    name, unit, condition = map(normalise_symbols, (indicator.name, indicator.unit, indicator.condition))
    return [name, indicator.comparison, values, unit, condition, change]


def expected_columns(row: list[str]) -> list[str]:
    name, comparison, values, unit, condition, change = row
    values = ",".join(f"{float(value):.6g}" for value in values.split(",")) if values else ""
    name, unit, condition = map(normalise_symbols, (name, unit, condition))
    return [name, comparison, values, unit, condition, change]


def test_there_are_at_least_three_hundred_examples():
    assert len(list(readings())) + len(lines("indicator_pairs.tsv")) >= 300


@pytest.mark.parametrize(("text", "expected"), list(readings()))
def test_parsing(text, expected):
    assert [columns_of(indicator) for indicator in parse_indicators(text)] == [
        expected_columns(row) for row in expected
    ]


@pytest.mark.parametrize(("need", "offer", "result"), lines("indicator_pairs.tsv"))
def test_comparison(need, offer, result):
    row = compare_indicator_lists([parse_indicator(offer)], [parse_indicator(need)])[0]
    assert (row["result"], row["need"]) == (result, need)
    assert row["offer"] == ("" if result == "unstated" else offer)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (("耐温", "ge", "1.2×10³", "", "℃", ""), ["耐温", "ge", "1200", "℃", "", ""]),
        (("粒径", "between", "20", "10", "μm", ""), ["粒径", "between", "10,20", "µm", "", ""]),
        (("寿命", "ge", "三", "", "年", ""), ["寿命", "ge", "3", "年", "", ""]),
        (("厚度", "ge", "0.5 mm", "", "", ""), ["厚度", "ge", "0.5", "mm", "", ""]),
        (("厚度", "words", "0.5～0.8", "", "mm", ""), ["厚度", "between", "0.5,0.8", "mm", "", ""]),
        (("漏检率", "words", "由3%降至1%以下", "", "", "在线"), ["漏检率", "le", "1", "%", "在线", "from 3"]),
        (("外观", "words", "无划痕", "", "", ""), ["外观", "words", "", "", "", ""]),
        (("锚链峰值张力降幅", "ge", "30", "", "%", ""), ["锚链峰值张力", "ge", "30", "%", "", "down"]),
        (("节电率", "ge", "12", "", "%", ""), ["电耗", "ge", "12", "%", "", "down"]),
    ],
)
def test_a_row_with_columns(columns, expected):
    assert columns_of(indicator_from_row(*columns)) == expected


def test_a_result_under_another_condition_has_to_be_checked():
    need = indicator_from_row("能量效率", "ge", "78", "", "%", "室温")
    same = compare_indicator(indicator_from_row("能量效率", "ge", "80", "", "%", "电流密度200 mA/cm²，室温"), need)
    other = compare_indicator(indicator_from_row("能量效率", "ge", "80", "", "%", "液氮冷却"), need)
    assert same == ("met", "")
    assert other == ("check", "条件不同（需求：室温；成果：液氮冷却）")


def test_a_time_and_a_time_per_item_may_be_different_things():
    """80 ms for a picture says nothing about two minutes for a cylinder block."""
    offer, need = indicator_from_row("检测节拍", "le", "80", "", "ms/幅", ""), parse_indicator("检测时间不超过 2 分钟")
    assert compare_indicator(offer, need) == ("check", "一方按每件计，请核对；按数值满足")


def test_words_are_comparable_only_if_they_are_equal():
    assert compare_indicator(parse_indicator("表面无划痕"), parse_indicator("表面无划痕"))[0] == "met"
    assert compare_indicator(parse_indicator("表面光洁"), parse_indicator("表面无划痕"))[0] == "incomparable"


def test_each_indicator_of_the_achievement_is_paired_once():
    rows = compare_indicator_lists(
        [parse_indicator("寿命≥5年")], [parse_indicator("使用寿命≥3年"), parse_indicator("寿命≥4年")]
    )
    assert [row["result"] for row in rows] == ["unstated", "met"]


def test_several_signs_in_a_row_have_a_defined_meaning():
    assert columns_of(parse_indicator(">>>5"))[1:3] == ["gt", "5"]
    assert parse_indicator("<>5").comparison == "eq"


@pytest.mark.parametrize(
    ("written", "value"),
    [("三十五", 35), ("一千二百", 1200), ("两万", 20000), ("半", 0.5), ("十", 10), ("二〇二六", 2026), ("百千", None),
     ("1,200.5", 1200.5), ("1.5×10^-3", 0.0015), ("10^5", 1e5), ("-40", -40), ("9e9999", None), ("十五万", 150000)],
)  # fmt: skip
def test_numbers(written, value):
    assert parse_number(normalise_symbols(written)) == value


@pytest.mark.parametrize(
    ("quantity", "other"),
    [("1 kPa", "1000 Pa"), ("1 吨/天", "1000 kg/d"), ("1 万元/吨", "10 元/kg"), ("1 小时", "60 min"), ("1 %", "10 ‰"),
     ("1 亩", "666.6666667 m²"), ("1 kWh", "3.6 MJ"), ("1 转/分", "1 rpm"), ("1 斤", "500 g"), ("1 mL", "1 cm³"),
     ("1 万次", "10000 次"), ("1 W/(m·K)", "10 mW/(cm·K)"), ("1 海里", "1.852 km"), ("1 μm", "10000 Å")],
)  # fmt: skip
def test_equal_quantities_in_different_units(quantity, other):
    (value, unit_text), (other_value, other_unit_text) = quantity.split(" "), other.split(" ")
    unit, other_unit = parse_unit(unit_text), parse_unit(other_unit_text)
    assert unit.dimension == other_unit.dimension
    assert unit.in_base(float(value)) == pytest.approx(other_unit.in_base(float(other_value)), rel=1e-6)


def test_pint_knows_each_unit_of_the_tables():
    for name in [*units._PINT_NAMES, *units._chinese_names()]:
        assert not parse_unit(name).dimension.startswith("?"), name


@pytest.mark.parametrize(
    ("unit", "other"), [("HRC", "HV"), ("次", "台"), ("mg/L", "mg/kg"), ("Nm³/h", "m³/h"), ("级", "倍")]
)
def test_units_of_different_quantities_are_not_comparable(unit, other):
    assert parse_unit(unit).dimension != parse_unit(other).dimension


@pytest.mark.parametrize(
    ("name", "other", "is_same"),
    [("软带宽度", "会合区软带宽度", True), ("耐温", "耐热温度", True), ("漏检率", "误检率", False),
     ("硬度", "硬度差", False), ("最高温度", "最低温度", False), ("充电时间", "放电时间", False),
     ("能耗", "能量效率", False), ("", "寿命", False)],
)  # fmt: skip
def test_names_of_one_quantity(name, other, is_same):
    assert (name_similarity(name, other) >= SAME_QUANTITY_FROM) is is_same
    assert name_similarity(name, other) == name_similarity(other, name)


def test_which_direction_is_better():
    assert [better_direction(name) for name in ("单件检测时间", "抗拉强度", "适用管径", "颜色")] == ["-", "+", "=", ""]


@settings(deadline=None)  # the first unit loads pint
@given(ANY_TEXT)
def test_any_text_is_parsed_without_an_exception_and_without_nan(text):
    from_row = indicator_from_row(text, "ge", text, text, text, text)
    for indicator in [*parse_indicators(text), parse_indicator(text), from_row]:
        assert all(math.isfinite(value) for value in indicator.values)
        low, high = bounds(indicator)
        assert low <= high
        assert math.isfinite(indicator.measure.factor) and not math.isnan(indicator.measure.in_base(1.0))


@settings(deadline=None)  # the first unit loads pint
@given(ANY_TEXT, ANY_TEXT)
def test_any_two_texts_have_a_defined_result(text, other):
    offered = parse_indicators(text) or [parse_indicator(text)]
    required = parse_indicators(other) or [parse_indicator(other)]
    for row in compare_indicator_lists(offered, required):
        assert row["result"] in {"met", "missed", "unstated", "incomparable"}


@settings(deadline=None)  # the first unit loads pint
@given(st.text(alphabet="零〇一二两三四五六七八九十百千万亿半"))
def test_any_chinese_numeral_is_a_number_or_none(text):
    value = parse_chinese_numeral(text)
    assert value is None or math.isfinite(value)


SCALES = [("mm", "μm", 1e3), ("min", "s", 60), ("MPa", "kPa", 1e3), ("t", "kg", 1e3), ("kWh", "MJ", 3.6),
          ("%", "‰", 10), ("万元", "元", 1e4), ("mg/L", "g/m³", 1),
          ("m³/h", "L/min", 1000 / 60), ("万次", "次", 1e4)]  # fmt: skip


SIGNS = st.sampled_from(["ge", "le", "gt", "lt", "eq"])


@settings(deadline=None)  # the first unit loads pint
@given(st.sampled_from(SCALES), SIGNS, SIGNS, st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_result_does_not_depend_on_the_unit(scale, requirement_sign, offer_sign, required, offered):
    unit, other_unit, factor = scale
    requirement = indicator_from_row("指标甲", requirement_sign, str(required), "", unit)
    offer = indicator_from_row("指标甲", offer_sign, str(offered), "", unit)
    converted = indicator_from_row("指标甲", offer_sign, repr(offered * factor), "", other_unit)
    assert compare_indicator(offer, requirement)[0] == compare_indicator(converted, requirement)[0]


@settings(deadline=None)  # the first unit loads pint
@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from(["寿命", "检测时间", "指标甲"]))
def test_bounds_are_compared_as_numbers(required, offered, name):
    at_least = compare_indicator(
        indicator_from_row(name, "eq", str(offered)), indicator_from_row(name, "ge", str(required))
    )[0]
    at_most = compare_indicator(
        indicator_from_row(name, "eq", str(offered)), indicator_from_row(name, "le", str(required))
    )[0]
    assert at_least == ("met" if offered >= required else "missed")
    assert at_most == ("met" if offered <= required else "missed")


def test_a_very_long_text_is_parsed_to_its_limit():
    assert len(parse_indicators("抗拉强度≥600MPa；" * 20_000)) == 60
