import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.indicators import parse_indicators
from taxonomy.models import IndicatorBase


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("循环寿命≥2000 次", ("循环寿命", "ge", "2000", "", "次")),
        ("1. 能量密度≥３００Wh/kg", ("能量密度", "ge", "300", "", "Wh/kg")),
        ("转化率达到 99.5%", ("转化率", "ge", "99.5", "", "%")),
        ("CO2 排放：不超过 5 g", ("CO2 排放", "le", "5", "", "g")),
        ("② 能耗 < 3 kWh", ("能耗", "lt", "3", "", "kWh")),
        ("工作温度 -40~80℃", ("工作温度", "between", "-40", "80", "℃")),
        ("转速 10 至 20 r/min", ("转速", "between", "10", "20", "r/min")),
        ("寿命约 3 年", ("寿命", "about", "3", "", "年")),
        ("厚度为3mm", ("厚度", "eq", "3", "", "mm")),
    ],
)
def test_lines_with_one_indicator(text, expected):
    indicators, rest = parse_indicators(text)
    assert rest == ""
    assert [
        (item["name"], str(item["comparison"]), item["value"], item["value_to"], item["unit"]) for item in indicators
    ] == [expected]


@pytest.mark.parametrize("text", ["采用双层包覆结构", "降低成本30%", "达到国际先进水平", "厚度为3 mm（室温下）"])
def test_other_lines_stay_text(text):
    assert parse_indicators(text) == ([], text)


def test_a_mixed_text_is_split_into_indicators_and_text():
    indicators, rest = parse_indicators("循环寿命≥2000次；采用原位包覆。\n\n容量≥200mAh/g")
    assert [item["name"] for item in indicators] == ["循环寿命", "容量"]
    assert rest == "采用原位包覆"


@given(st.text(alphabet="容量寿命≥≤<>=约达到至~-0123456789.%；\n ()（）a", max_size=60))
def test_parsed_indicators_fit_the_model(text):
    indicators, _rest = parse_indicators(text)
    for indicator in indicators:
        assert indicator["name"] and indicator["value"]
        for field, value in indicator.items():
            assert len(str(value)) <= IndicatorBase._meta.get_field(field).max_length
