"""The parts of a problem in words, and which words are a problem."""

import pytest

from matching.engine.problem_parts import is_problem, problem_parts

VALVE = (
    "新氢机阀片三天两头断，老师傅凭手摸阀盖。机组没有键相，设备处不准打孔。"
    "要的是能说清哪一只阀，定位准确率85%以上。预算30到90万，三个月内装好。"
)


def test_a_problem_is_divided_into_its_parts():
    parts = problem_parts(VALVE)
    assert parts.difficulties == ("新氢机阀片三天两头断", "老师傅凭手摸阀盖")
    assert parts.limits == ("机组没有键相", "设备处不准打孔")
    assert parts.wishes == ("说清哪一只阀",)
    assert [offer.indicator.name for offer in parts.indicators] == ["定位准确率"]
    assert (parts.budget, parts.period) == ("30-90", "三个月内")
    assert "阀盖" in parts.objects
    assert all(part in VALVE for part in (*parts.objects, *parts.difficulties, *parts.wishes, *parts.limits))


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("预算80万左右", "80"),
        ("四百万封顶，最好分期", "400"),
        ("项目预算金额为3000万", "3000"),
        ("目前已投入资金260万元", ""),
        ("年销售收入2亿元", ""),
        ("预算面议", ""),
    ],
)
def test_the_budget_is_what_will_be_paid(text, budget):
    assert problem_parts(text).budget == budget


@pytest.mark.parametrize(
    "text",
    [
        "船体焊缝变形大怎么办",
        "污水处理膜老是堵",
        "膜老是堵",
        "海参自溶怎么解决",
        "how can we reduce the VOC emission",
        VALVE,
    ],
)
def test_sentences_are_problems(text):
    assert is_problem(text)


@pytest.mark.parametrize(
    "text",
    ["碳纤维", "CFRP", "fuel cell", "2026-0001", "ZL202310000001.2", "大连理工大学", "挥发性有机物", "！！！", ""],
)
def test_words_and_numbers_are_searched_for(text):
    assert not is_problem(text)


@pytest.mark.parametrize("text", ["", "。" * 9000, "<script>alert(1)</script>", "\x00", "焊" * 100_000])
def test_any_text_is_accepted(text):
    assert len(problem_parts(text).title) <= 40
