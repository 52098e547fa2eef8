from decimal import Decimal

import pytest

from matching.engine.facts import (
    Indicator,
    Need,
    Offer,
    compare,
    compare_district,
    compare_indicators,
    compare_price,
    compare_stage,
    compare_ways,
    indicators_in_common,
)


def test_every_pair_gets_the_five_facts_in_order_also_when_both_sides_are_silent():
    facts = compare(Offer(), Need())
    assert [fact["kind"] for fact in facts] == ["stage", "ways", "price", "district", "indicators"]
    assert {fact["verdict"] for fact in facts} == {"unknown"}
    assert all(fact["sentence"] for fact in facts)


@pytest.mark.parametrize(
    ("reached", "wanted", "verdict", "sentence"),
    [
        ("产业化", "中试", "fits", "成果处于产业化阶段，达到需求的中试要求"),
        ("中试", "中试", "fits", "成果处于中试阶段，达到需求的中试要求"),
        ("小试", "中试", "talk", "成果处于小试阶段，需求要求中试，还差一级"),
        ("概念", "产业化", "contradicts", "成果处于概念阶段，需求要求产业化，还差三级"),
        ("中试", None, "unknown", "成果处于中试阶段，需求未说明所需阶段"),
        (None, "中试", "unknown", "成果未说明所处阶段"),
    ],
)
def test_stage(reached, wanted, verdict, sentence):
    assert compare_stage(reached, wanted) == {"kind": "stage", "verdict": verdict, "sentence": sentence}


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
    assert compare_ways(offered, wanted) == {"kind": "ways", "verdict": verdict, "sentence": sentence}


@pytest.mark.parametrize(
    ("price", "low", "high", "verdict", "sentence"),
    [
        ("150.00", "100", "200", "fits", "意向价格 150 万元，在预算 100–200 万元之内"),
        ("50.5", "100", "200", "fits", "意向价格 50.5 万元，低于预算 100–200 万元"),
        ("200", None, "200", "fits", "意向价格 200 万元，不超过预算 200 万元"),
        ("280", "100", "200", "talk", "意向价格 280 万元，高于预算上限 200 万元 40%"),
        ("300", "100", "200", "talk", "意向价格 300 万元，高于预算上限 200 万元 50%"),
        ("300.01", "100", "200", "contradicts", "意向价格 300.01 万元，高于预算上限 200 万元 50%"),
        ("5", "0", "0", "contradicts", "意向价格 5 万元，高于预算上限 0 万元"),
        ("80", "100", None, "fits", "意向价格 80 万元，不高于预算起点 100 万元"),
        ("120", "100", None, "talk", "意向价格 120 万元，预算为 100 万元起"),
        ("1000", None, None, "unknown", "意向价格 1000 万元，需求未说明预算"),
        (None, "100", "200", "unknown", "成果未说明意向价格"),
    ],
)
def test_price(price, low, high, verdict, sentence):
    price, low, high = (None if amount is None else Decimal(amount) for amount in (price, low, high))
    fact = compare_price(Offer(price_wan=price), Need(budget_min_wan=low, budget_max_wan=high))
    assert fact == {"kind": "price", "verdict": verdict, "sentence": sentence}


def test_a_price_to_be_agreed_is_to_be_talked_over():
    both = compare_price(Offer(price_negotiable=True), Need(budget_negotiable=True))
    assert (both["verdict"], both["sentence"]) == ("talk", "成果价格、需求预算面议")
    assert compare_price(Offer(price_wan=Decimal(5)), Need(budget_negotiable=True))["sentence"] == "需求预算面议"


def test_district():
    assert compare_district("庄河市", "庄河市")["sentence"] == "双方同在庄河市"
    other = compare_district("高新区", "庄河市")
    assert (other["verdict"], other["sentence"]) == ("talk", "成果方在高新区，需求方在庄河市")
    assert compare_district("", "庄河市")["verdict"] == "unknown"


def test_indicators_with_the_same_name_stand_side_by_side():
    offered = [Indicator("拉伸强度", "拉伸强度≥600 MPa"), Indicator("使用寿命", "寿命 5 年")]
    wanted = [Indicator("拉伸 强度", "拉伸强度不低于 500 MPa"), Indicator("密度", "密度<2")]
    fact = compare_indicators(offered, wanted)
    assert fact["verdict"] == "talk"
    assert fact["sentence"] == (
        "共有指标 1 项，请核对数值：拉伸 强度（需求：拉伸强度不低于 500 MPa；成果：拉伸强度≥600 MPa）"
    )


def test_equal_names_are_paired_before_names_within_another_and_each_once():
    short, long = Indicator("强度", "强度 1"), Indicator("抗拉强度", "抗拉强度 2")
    assert indicators_in_common([long, short], [Indicator("强度", "x")]) == [(short, Indicator("强度", "x"))]
    assert indicators_in_common([long], [Indicator("强度", "x"), Indicator("拉强度", "y")]) == [
        (long, Indicator("强度", "x"))
    ]


def test_names_without_letters_or_of_one_character_match_nothing():
    assert indicators_in_common([Indicator("—", "—"), Indicator("温度", "温度 5")], [Indicator("…", "…")]) == []
    assert indicators_in_common([Indicator("温度", "温度 5")], [Indicator("度", "度 1")]) == []
    assert compare_indicators([Indicator("温度", "")], [Indicator("密度", "")])["sentence"] == "双方没有同名指标"
