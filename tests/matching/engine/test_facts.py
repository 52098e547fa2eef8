from decimal import Decimal

import pytest

from matching.engine.facts import (
    AchievementFacts,
    DemandFacts,
    compare_district,
    compare_exclusivity,
    compare_facts,
    compare_indicators,
    compare_period,
    compare_price,
    compare_stage,
    compare_ways,
)
from matching.engine.indicators import parse_indicator

KINDS = ["indicators", "stage", "price", "ways", "period", "exclusivity", "district"]


def verdict_and_sentence(fact):
    return fact["verdict"], fact["sentence"]


def test_each_pair_has_seven_facts_in_order_even_if_nothing_is_stated():
    facts = compare_facts(AchievementFacts(), DemandFacts())
    assert [fact["kind"] for fact in facts] == KINDS
    assert {fact["verdict"] for fact in facts} == {"unknown"}
    assert all(fact["sentence"] for fact in facts)
    assert not any(fact["brief"] for fact in facts)


@pytest.mark.parametrize(
    ("reached", "wanted", "verdict", "sentence", "brief"),
    [
        ("产业化", "中试", "fits", "成果处于产业化阶段，达到需求的中试要求", "已到产业化"),
        ("中试", "中试", "fits", "成果处于中试阶段，达到需求的中试要求", "已到中试"),
        ("小试", "中试", "talk", "成果处于小试阶段，需求要求中试，还差一级", "目前小试，需求要求中试"),
        ("概念", "产业化", "contradicts", "成果处于概念阶段，需求要求产业化，还差三级", "目前概念，需求要求产业化"),
        ("中试", None, "unknown", "成果处于中试阶段，需求未说明所需阶段", "目前中试"),
        (None, "中试", "unknown", "成果未说明所处阶段", ""),
    ],
)
def test_stage(reached, wanted, verdict, sentence, brief):
    fact = compare_stage(reached, wanted)
    assert fact == {"kind": "stage", "verdict": verdict, "sentence": sentence, "brief": brief}


@pytest.mark.parametrize(
    ("offered", "wanted", "verdict", "sentence"),
    [
        ({"转让", "许可"}, {"许可", "委托开发"}, "fits", "双方都接受许可"),
        ({"转让"}, {"许可"}, "talk", "成果方希望转让，需求方希望许可，合作方式需商谈"),
        (set(), {"许可"}, "unknown", "成果方未说明合作方式"),
        ({"转让"}, set(), "unknown", "需求方未说明合作方式"),
    ],
)
def test_ways(offered, wanted, verdict, sentence):
    assert verdict_and_sentence(compare_ways(offered, wanted)) == (verdict, sentence)


def test_unwillingness_to_transfer_contradicts_any_way():
    assert compare_ways({"许可"}, {"许可"}, unwilling=True)["verdict"] == "contradicts"


@pytest.mark.parametrize(
    ("price", "low", "high", "verdict", "sentence", "brief"),
    [
        ("150.00", "100", "200", "fits", "意向价格 150 万元，在预算 100–200 万元之内", "价格在预算内"),
        ("50.5", "100", "200", "fits", "意向价格 50.5 万元，低于预算 100–200 万元", "价格在预算内"),
        ("200", None, "200", "fits", "意向价格 200 万元，不超过预算 200 万元", "价格在预算内"),
        ("280", "100", "200", "talk", "意向价格 280 万元，高于预算上限 200 万元 40%", "价格高于预算 40%"),
        ("300", "100", "200", "talk", "意向价格 300 万元，高于预算上限 200 万元 50%", "价格高于预算 50%"),
        ("300.01", "100", "200", "contradicts", "意向价格 300.01 万元，高于预算上限 200 万元 50%", "价格高于预算 50%"),
        ("5", "0", "0", "contradicts", "意向价格 5 万元，高于预算上限 0 万元", "价格高于预算"),
        ("80", "100", None, "fits", "意向价格 80 万元，不高于预算起点 100 万元", "价格在预算内"),
        ("120", "100", None, "talk", "意向价格 120 万元，预算为 100 万元起", "价格高于预算起点"),
        ("1000", None, None, "unknown", "意向价格 1000 万元，需求未说明预算", ""),
        (None, "100", "200", "unknown", "成果未说明意向价格", ""),
    ],
)
def test_price(price, low, high, verdict, sentence, brief):
    price, low, high = (None if amount is None else Decimal(amount) for amount in (price, low, high))
    fact = compare_price(AchievementFacts(price_wan=price), DemandFacts(budget_min_wan=low, budget_max_wan=high))
    assert fact == {"kind": "price", "verdict": verdict, "sentence": sentence, "brief": brief}


def test_a_negotiable_price_has_to_be_discussed():
    both = compare_price(AchievementFacts(price_negotiable=True), DemandFacts(budget_negotiable=True))
    assert verdict_and_sentence(both) == ("talk", "成果价格、需求预算面议")
    assert (
        compare_price(AchievementFacts(price_wan=Decimal(5)), DemandFacts(budget_negotiable=True))["sentence"]
        == "需求预算面议"
    )


@pytest.mark.parametrize(
    ("stage", "months", "verdict", "sentence"),
    [
        ("产业化", 3.2, "fits", "离需求时限还有约 3 个月，成果处于产业化阶段，时间够用"),
        ("中试", 6.0, "talk", "离需求时限还有约 6 个月，成果处于中试阶段，时间偏紧，需商定进度"),
        ("概念", 6.0, "contradicts", "离需求时限还有约 6 个月，成果处于概念阶段，按常情来不及"),
        ("小试", 0.0, "talk", "需求写的时限已过，请确认是否仍需要"),
        (None, 6.0, "unknown", "离需求时限还有约 6 个月，成果未说明所处阶段"),
        ("小试", None, "unknown", "需求未说明时限"),
    ],
)
def test_period(stage, months, verdict, sentence):
    assert verdict_and_sentence(compare_period(stage, months)) == (verdict, sentence)


def test_a_period_in_words_is_quoted():
    assert compare_period("小试", None, "长期")["sentence"] == "需求时限为“长期”，没有写明截止时间"


@pytest.mark.parametrize(
    ("achievement", "demand", "verdict"),
    [
        (AchievementFacts(licensed_to_others=True), DemandFacts(wants_exclusive=True), "contradicts"),
        (AchievementFacts(assignable=True), DemandFacts(wants_exclusive=True), "fits"),
        (AchievementFacts(), DemandFacts(wants_exclusive=True), "talk"),
        (AchievementFacts(licensed_to_others=True), DemandFacts(), "unknown"),
    ],
)
def test_exclusivity(achievement, demand, verdict):
    assert compare_exclusivity(achievement, demand)["verdict"] == verdict


def test_district():
    assert compare_district("庄河市", "庄河市")["sentence"] == "双方同在庄河市"
    assert verdict_and_sentence(compare_district("高新区", "庄河市")) == ("talk", "成果方在高新区，需求方在庄河市")
    assert compare_district("", "庄河市")["verdict"] == "unknown"


def indicators(offered, wanted):
    return compare_indicators(
        AchievementFacts(indicators=tuple(map(parse_indicator, offered))),
        DemandFacts(indicators=tuple(map(parse_indicator, wanted))),
    )


def test_indicators_are_compared_with_both_originals():
    fact = indicators(
        ["抗拉强度 ≥ 600 MPa", "工作寿命 5 年"], ["抗拉强度不低于 500 MPa", "密度<2 g/cm³", "使用寿命≥8 年"]
    )
    assert [(row["need"], row["offer"], row["result"]) for row in fact["rows"]] == [
        ("抗拉强度不低于 500 MPa", "抗拉强度 ≥ 600 MPa", "met"),
        ("密度<2 g/cm³", "", "unstated"),
        ("使用寿命≥8 年", "工作寿命 5 年", "missed"),
    ]
    assert verdict_and_sentence(fact) == ("talk", "需求列出 3 项指标：1 项满足，1 项未达，1 项未说明")
    assert fact["brief"] == "抗拉强度满足，使用寿命未达"


def test_the_verdict_of_indicators_depends_on_how_many_are_met():
    assert indicators(["纯度 99.9%"], ["纯度≥99%"])["verdict"] == "fits"
    assert indicators(["纯度 98%"], ["纯度≥99%"])["verdict"] == "contradicts"
    assert indicators(["密度 1 g/cm³"], ["纯度≥99%"])["verdict"] == "unknown"
    assert indicators([], ["纯度≥99%"])["sentence"] == "需求列出 1 项指标，成果未列技术指标"
    assert indicators(["纯度 99%"], [])["sentence"] == "需求未列技术指标"
    assert "rows" not in indicators(["纯度 99%"], [])


def test_a_brief_names_two_indicators_and_counts_the_others():
    names = ["纯度", "收率", "成活率", "导热系数"]
    fact = indicators([f"{name} 99%" for name in names], [f"{name}≥90%" for name in names])
    assert fact["brief"] == "纯度、收率等 4 项满足"
