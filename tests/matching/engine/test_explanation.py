from matching.engine.explanation import NOTHING_COMPARABLE, explanation_parts, explanation_sentence

FACTS = [
    {"kind": "stage", "verdict": "unknown", "sentence": "成果处于小试阶段，需求未说明所需阶段", "brief": "目前小试"},
    {"kind": "price", "verdict": "talk", "sentence": "意向价格 280 万元，高于预算 40%", "brief": "价格高于预算 40%"},
    {"kind": "ways", "verdict": "unknown", "sentence": "双方未说明合作方式", "brief": ""},
    {"kind": "indicators", "verdict": "fits", "sentence": "需求列出 1 项指标：1 项满足", "brief": "耐温满足"},
]  # fmt: skip


def test_the_sentence_has_the_facts_in_the_defined_order():
    parts = explanation_parts(["碳纤维预浸料"], FACTS, ("碳纤维预浸料成型", "求碳纤维预浸料"))
    assert explanation_sentence(parts) == "同为碳纤维预浸料；耐温满足；价格高于预算 40%；目前小试"
    assert [part["anchor"] for part in parts] == ["ev-terms", "ev-indicators", "ev-price", "ev-stage"]
    assert [part["verdict"] for part in parts] == ["words", "fits", "talk", "unknown"]


def test_a_term_outside_the_titles_is_not_called_the_subject():
    assert explanation_sentence(explanation_parts(["碳纤维"], [], ("成型工艺", "求碳纤维"))) == "都提到碳纤维"


def test_facts_without_brief_are_named_only_if_they_need_discussion():
    old = [
        {"kind": "price", "verdict": "talk", "sentence": "成果价格、需求预算面议"},
        {"kind": "stage", "verdict": "fits", "sentence": "成果处于中试阶段"},
    ]
    assert explanation_sentence(explanation_parts([], old)) == "成果价格、需求预算面议"


def test_a_short_term_in_both_titles_is_only_their_field():
    assert explanation_sentence(explanation_parts(["机器人"], [], ("焊接机器人", "陪护机器人"))) == "都涉及机器人"


def test_a_related_term_is_named_if_no_term_is_shared():
    assert explanation_sentence(explanation_parts([], [], related_terms=["耐蚀≈防腐"])) == "用词相关：耐蚀≈防腐"
    assert explanation_sentence(explanation_parts(["涂层"], [], related_terms=["耐蚀≈防腐"])) == "都提到涂层"


def test_a_match_without_parts_has_a_default_sentence():
    assert explanation_parts([], []) == []
    assert explanation_sentence([]) == NOTHING_COMPARABLE
