import pytest

from matching.engine.explanation import NOTHING_COMPARABLE, explanation_parts, explanation_sentence

ROWS = [
    {"name": name, "need": "需求", "offer": "成果", "result": result, "note": note}
    for name, result, note in [
        ("耐温", "met", ""),
        ("密度", "unstated", ""),
        ("耐磨", "check", "名称不同（需求：耐磨；成果：磨耗），请核对"),
    ]
]
FACTS = [
    {"kind": "stage", "verdict": "unknown", "sentence": "成果处于小试阶段，需求未说明所需阶段", "brief": "目前小试"},
    {"kind": "price", "verdict": "talk", "sentence": "意向价格 280 万元，高于预算 40%", "brief": "价格高于预算 40%"},
    {"kind": "ways", "verdict": "unknown", "sentence": "双方未说明合作方式", "brief": ""},
    {"kind": "district", "verdict": "fits", "sentence": "双方同在庄河市", "brief": "同在庄河市"},
    {"kind": "indicators", "verdict": "fits", "sentence": "需求列出 3 项指标", "brief": "耐温满足", "rows": ROWS},
]
TERMS = ["预浸料", "碳纤维", "铺层"]


def test_the_sentence_has_the_facts_in_the_defined_order():
    parts = explanation_parts(TERMS, FACTS, ("碳纤维预浸料成型", "求碳纤维预浸料"))
    assert explanation_sentence(parts) == (
        "对得上：都涉及预浸料、碳纤维，耐温满足；缺：密度未说明；待核对：耐磨（名称不同）；"
        "条件相合：同在庄河市；需商谈：价格高于预算 40%；目前小试"
    )
    assert [part["anchor"] for part in parts] == [
        "ev-terms", "ev-indicators", "ev-indicators", "ev-indicators", "ev-district", "ev-price", "ev-stage",
    ]  # fmt: skip
    assert [part["verdict"] for part in parts] == ["words", "fits", "unknown", "talk", "fits", "talk", "unknown"]


def test_each_group_is_led_by_its_name_once():
    parts = explanation_parts(TERMS, FACTS, ("碳纤维预浸料成型", "求碳纤维预浸料"))
    leads = ["对得上：", "，", "；缺：", "；待核对：", "；条件相合：", "；需商谈：", "；"]
    assert [part["lead"] for part in parts] == leads


def test_terms_outside_the_titles_are_only_mentioned():
    assert explanation_sentence(explanation_parts(TERMS, [], ("成型工艺", "求材料"))) == "对得上：都提到预浸料、碳纤维"


def test_limits_are_named_with_their_quotation():
    limits = {"kind": "limits", "verdict": "contradicts", "sentence": "成果写明…", "brief": "横缝（“横缝不适用”）"}
    parts = explanation_parts([], [limits])
    assert explanation_sentence(parts) == "技术内容没有查到对得上的；不适用：横缝（“横缝不适用”）"
    assert parts[-1]["anchor"] == "ev-limits"


def test_facts_without_brief_are_named_only_if_they_need_discussion():
    old = [
        {"kind": "price", "verdict": "talk", "sentence": "成果价格、需求预算面议"},
        {"kind": "stage", "verdict": "fits", "sentence": "成果处于中试阶段"},
    ]
    assert explanation_sentence(explanation_parts(TERMS, old)).endswith("；需商谈：成果价格、需求预算面议")


def test_rows_of_older_matches_are_named_too():
    rows = [{"name": "耐温", "need": "≥200 ℃", "offer": "250 ℃", "result": "met", "note": ""}]
    old = [{"kind": "indicators", "verdict": "fits", "sentence": "1 项满足", "rows": rows}]
    assert explanation_sentence(explanation_parts([], old)) == "对得上：耐温满足"


@pytest.mark.parametrize(
    ("shared", "titles"),
    [
        (["机器人"], ("焊接机器人", "陪护机器人")),
        (["涂层", "桩"], ("涂层", "掉漆")),
        (["复合材料"], ("复合材料", "复合材料")),
    ],
)
def test_one_or_two_short_words_are_only_words_in_common(shared, titles):
    assert explanation_sentence(explanation_parts(shared, [], titles)).startswith("仅有相同或相近的词：")


def test_a_synonym_is_named_if_no_term_is_shared():
    related = ["阀（泵的组成）", "耐蚀≈防腐"]
    assert explanation_sentence(explanation_parts([], [], related_terms=related)) == "仅有相同或相近的词：耐蚀≈防腐"
    assert explanation_sentence(explanation_parts([], [], related_terms=related[:1])) == NOTHING_COMPARABLE


def test_a_match_without_parts_has_a_default_sentence():
    assert explanation_parts([], []) == []
    assert explanation_sentence([]) == NOTHING_COMPARABLE
