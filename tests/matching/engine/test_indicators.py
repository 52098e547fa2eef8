"""Indicators: 316 examples written by hand (files beside this one), and what must hold for any text."""

import math
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.indicators import Indicator, compare, compare_all, of_row, read, read_one, units
from matching.engine.indicators.figures import han_number, number, plain
from matching.engine.indicators.naming import SAME_FROM, direction, likeness
from matching.engine.indicators.reading import bounds
from matching.engine.indicators.units import unit

HERE = Path(__file__).parent
SPELLED = "≥≤<>=±~-0123456789.,，、()（）%℃万由降至/^×一二三十百千万半"
HOSTILE = st.text(alphabet=st.one_of(st.characters(), st.sampled_from(SPELLED)))


def lines(name: str) -> list[list[str]]:
    text = (HERE / name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


def readings():
    for text, rows in groupby(lines("indicator_readings.tsv"), key=lambda row: row[0]):
        yield text, [row[1:] for row in rows if row[2] != "none"]


def shown(one: Indicator) -> list[str]:
    values = ",".join(f"{value:.6g}" for value in one.values)
    extra = one.change or (f"from {one.before:g}" if one.before is not None else "")
    return [plain(one.name), one.comparison, values, plain(one.unit), plain(one.condition), extra]


def meant(row: list[str]) -> list[str]:
    name, comparison, values, unit_text, condition, extra = row
    values = ",".join(f"{float(value):.6g}" for value in values.split(",")) if values else ""
    return [plain(name), comparison, values, plain(unit_text), plain(condition), extra]


def test_there_are_at_least_three_hundred_examples():
    assert len(list(readings())) + len(lines("indicator_pairs.tsv")) >= 300


@pytest.mark.parametrize(("text", "expected"), list(readings()))
def test_reading(text, expected):
    assert [shown(one) for one in read(text)] == [meant(row) for row in expected]


@pytest.mark.parametrize(("need", "offer", "result"), lines("indicator_pairs.tsv"))
def test_comparing(need, offer, result):
    row = compare_all([read_one(offer)], [read_one(need)])[0]
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
    assert shown(of_row(*columns)) == expected


def test_conditions_that_differ_are_said_and_those_that_do_not_are_not():
    need = of_row("能量效率", "ge", "78", "", "%", "室温")
    same = compare(of_row("能量效率", "ge", "80", "", "%", "电流密度200 mA/cm²，室温"), need)
    other = compare(of_row("能量效率", "ge", "80", "", "%", "液氮冷却"), need)
    assert same == ("met", "")
    assert other == ("met", "条件不同（需求：室温；成果：液氮冷却）")


def test_words_are_compared_only_when_they_are_the_same():
    assert compare(read_one("表面无划痕"), read_one("表面无划痕"))[0] == "met"
    assert compare(read_one("表面光洁"), read_one("表面无划痕"))[0] == "incomparable"


def test_each_indicator_of_the_achievement_answers_one_of_the_need():
    rows = compare_all([read_one("寿命≥5年")], [read_one("使用寿命≥3年"), read_one("寿命≥4年")])
    assert [row["result"] for row in rows] == ["unstated", "met"]


def test_several_signs_in_a_row_have_a_defined_meaning():
    assert shown(read_one(">>>5"))[1:3] == ["gt", "5"]
    assert read_one("<>5").comparison == "eq"


@pytest.mark.parametrize(
    ("written", "value"),
    [("三十五", 35), ("一千二百", 1200), ("两万", 20000), ("半", 0.5), ("十", 10), ("二〇二六", 2026), ("百千", None),
     ("1,200.5", 1200.5), ("1.5×10^-3", 0.0015), ("10^5", 1e5), ("-40", -40), ("9e9999", None), ("十五万", 150000)],
)  # fmt: skip
def test_numbers(written, value):
    assert number(plain(written)) == value


@pytest.mark.parametrize(
    ("one", "other"),
    [("1 kPa", "1000 Pa"), ("1 吨/天", "1000 kg/d"), ("1 万元/吨", "10 元/kg"), ("1 小时", "60 min"), ("1 %", "10 ‰"),
     ("1 亩", "666.6666667 m²"), ("1 kWh", "3.6 MJ"), ("1 转/分", "1 rpm"), ("1 斤", "500 g"), ("1 mL", "1 cm³"),
     ("1 万次", "10000 次"), ("1 W/(m·K)", "10 mW/(cm·K)"), ("1 海里", "1.852 km"), ("1 μm", "10000 Å")],
)  # fmt: skip
def test_units_are_one_where_they_should_be(one, other):
    (first, our_unit), (second, their_unit) = one.split(" "), other.split(" ")
    ours, theirs = unit(our_unit), unit(their_unit)
    assert ours.dimension == theirs.dimension
    assert ours.in_base(float(first)) == pytest.approx(theirs.in_base(float(second)), rel=1e-6)


def test_every_unit_of_the_tables_is_known_to_pint():
    for name in [*units._OWN_NAMES, *units._han_names()]:
        assert not unit(name).dimension.startswith("?"), name


@pytest.mark.parametrize(
    ("one", "other"), [("HRC", "HV"), ("次", "台"), ("mg/L", "mg/kg"), ("Nm³/h", "m³/h"), ("级", "倍")]
)
def test_units_of_different_things_stay_apart(one, other):
    assert unit(one).dimension != unit(other).dimension


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("软带宽度", "会合区软带宽度", True), ("耐温", "耐热温度", True), ("漏检率", "误检率", False),
     ("硬度", "硬度差", False), ("最高温度", "最低温度", False), ("充电时间", "放电时间", False),
     ("能耗", "能量效率", False), ("", "寿命", False)],
)  # fmt: skip
def test_names_of_one_quantity(one, other, same):
    assert (likeness(one, other) >= SAME_FROM) is same
    assert likeness(one, other) == likeness(other, one)


def test_which_way_is_better():
    assert [direction(name) for name in ("单件检测时间", "抗拉强度", "适用管径", "颜色")] == ["-", "+", "=", ""]


@settings(deadline=None)  # the first unit loads pint
@given(HOSTILE)
def test_any_text_is_read_without_an_exception_and_without_nan(text):
    for one in [*read(text), read_one(text), of_row(text, "ge", text, text, text, text)]:
        assert all(math.isfinite(value) for value in one.values)
        low, high = bounds(one)
        assert low <= high
        assert math.isfinite(one.measure.factor) and not math.isnan(one.measure.in_base(1.0))


@settings(deadline=None)  # the first unit loads pint
@given(HOSTILE, HOSTILE)
def test_any_two_texts_have_a_defined_result(one, other):
    offered, wanted = read(one) or [read_one(one)], read(other) or [read_one(other)]
    for row in compare_all(offered, wanted):
        assert row["result"] in {"met", "missed", "unstated", "incomparable"}


@settings(deadline=None)  # the first unit loads pint
@given(st.text(alphabet="零〇一二两三四五六七八九十百千万亿半"))
def test_any_chinese_numeral_is_a_number_or_none(text):
    value = han_number(text)
    assert value is None or math.isfinite(value)


SCALES = [("mm", "μm", 1e3), ("min", "s", 60), ("MPa", "kPa", 1e3), ("t", "kg", 1e3), ("kWh", "MJ", 3.6),
          ("%", "‰", 10), ("万元", "元", 1e4), ("mg/L", "g/m³", 1),
          ("m³/h", "L/min", 1000 / 60), ("万次", "次", 1e4)]  # fmt: skip


SIGNS = st.sampled_from(["ge", "le", "gt", "lt", "eq"])


@settings(deadline=None)  # the first unit loads pint
@given(st.sampled_from(SCALES), SIGNS, SIGNS, st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_result_does_not_depend_on_the_unit_a_side_chose(scale, asks, gives, wanted, offered):
    unit_one, unit_two, times = scale
    need, offer = of_row("指标甲", asks, str(wanted), "", unit_one), of_row("指标甲", gives, str(offered), "", unit_one)
    same = of_row("指标甲", gives, repr(offered * times), "", unit_two)
    assert compare(offer, need)[0] == compare(same, need)[0]


@settings(deadline=None)  # the first unit loads pint
@given(st.integers(1, 10**6), st.integers(1, 10**6), st.sampled_from(["寿命", "检测时间", "指标甲"]))
def test_more_than_enough_is_enough_and_less_is_not(wanted, offered, name):
    at_least = compare(of_row(name, "eq", str(offered)), of_row(name, "ge", str(wanted)))[0]
    at_most = compare(of_row(name, "eq", str(offered)), of_row(name, "le", str(wanted)))[0]
    assert at_least == ("met" if offered >= wanted else "missed")
    assert at_most == ("met" if offered <= wanted else "missed")


def test_a_very_long_text_is_read_to_its_limit():
    assert len(read("抗拉强度≥600MPa；" * 20_000)) == 60
