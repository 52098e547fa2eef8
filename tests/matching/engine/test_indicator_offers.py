"""Indicators that prose requires: their name, comparison, value and unit, and the sentence that states them."""

import pytest

from matching.engine.indicators.offers import MAX_OFFERS, offered_indicators


def offers(text: str) -> list[str]:
    return [
        " ".join(
            [offer.indicator.name, offer.indicator.comparison, *(f"{value:g}" for value in offer.indicator.values)]
            + ([offer.indicator.unit] if offer.indicator.unit else [])
        )
        for offer in offered_indicators(text)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("检出率99%以上", ["检出率 ge 99 %"]),
        ("要求漏检率由5%降到1%以下，节拍不超过30秒。", ["漏检率 le 1 %", "节拍 le 30 秒"]),
        ("寿命由300次提高到800次", ["寿命 ge 800 次"]),
        ("1、检出率≥99%；2、误报率≤2%", ["检出率 ge 99 %", "误报率 le 2 %"]),
        ("要求：1. 检出率：≥99%", ["检出率 ge 99 %"]),
        ("良率升到九成二", ["良率 ge 92 %"]),
        ("碎片率降到百分之一以内", ["碎片率 le 1 %"]),
        ("差错率不高于合同的万分之五", ["差错率 le 0.05 %"]),
        ("人工工作量减六成，比对结果可交客户审", ["人工工作量降低 ge 60 %"]),
        ("成本降低20%", ["成本降低 ge 20 %"]),
        ("预期目标为降低变速箱整体质量20%以上", ["变速箱整体质量降低 ge 20 %"]),
        ("目前检出率92%，要求达到99%以上", ["检出率 ge 99 %"]),
        ("现在已经开始要求把基础油的硫含量降到300ppm以下", ["基础油的硫含量 le 300 ppm"]),
        ("能实现-40°C到40°C的温度变化范围内", ["温度变化范围 between -40 40 ℃"]),
        ("水平面波束扫描范围0-360度", ["水平面波束扫描范围 between 0 360 °"]),
        ("压损别超过0.1公斤", ["压损 le 0.1 公斤"]),
        ("车间排口镍小于0.1 mg/L", ["车间排口镍 lt 0.1 mg/L"]),
        ("表面粗糙度Ra0.8", ["表面粗糙度 le 0.8 µm"]),
        ("<b>检出率≥99%</b>", ["检出率 ge 99 %"]),
    ],
)
def test_what_a_text_requires_is_offered(text, expected):
    assert offers(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "。。。！",
        "年产压力容器三千台，去年返工一百多台",
        "我国冷库容量1500万吨，冷藏运输率达到30%",
        "汽车重量降低1%，油耗可降低0.7%[2]",
        "厂家标称10000次",
        "试件四五毫米厚",
        "直径两米多",
        "希望三个月内完成",
        "投入研发资金超过2千万元",
        "用于拉索的台座张拉吨位高达4500吨",
        "The detection rate is 99 percent",
    ],
)
def test_what_a_text_only_reports_is_not_offered(text):
    assert offers(text) == []


def test_an_offer_carries_its_sentence_as_written():
    [offer] = offered_indicators("我们靠人工看。希望检出率达到百分之九十九！谢谢。")
    assert (offer.indicator.values, offer.source) == ((99.0,), "希望检出率达到百分之九十九！")


def test_a_value_is_offered_once_and_their_number_is_bounded():
    assert offers("检出率≥99%。检出率99%以上。") == ["检出率 ge 99 %"]
    many = "。".join(f"检出率≥{number}%" for number in range(1, 90))
    assert len(offers(many * 3)) == MAX_OFFERS
