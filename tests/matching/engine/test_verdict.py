from matching.engine.verdict import SILENT, parts, sentence

FACTS = [
    {"kind": "stage", "verdict": "unknown", "sentence": "成果处于小试阶段，需求未说明所需阶段", "brief": "目前小试"},
    {"kind": "price", "verdict": "talk", "sentence": "意向价格 280 万元，高于预算 40%", "brief": "价格高于预算 40%"},
    {"kind": "ways", "verdict": "unknown", "sentence": "双方未说明合作方式", "brief": ""},
    {"kind": "indicators", "verdict": "fits", "sentence": "需求列出 1 项指标：1 项满足", "brief": "耐温满足"},
]  # fmt: skip


def test_the_sentence_is_made_of_the_facts_in_the_order_an_engineer_asks():
    found = parts(["碳纤维预浸料"], FACTS, ("碳纤维预浸料成型", "求碳纤维预浸料"))
    assert sentence(found) == "同为碳纤维预浸料；耐温满足；价格高于预算 40%；目前小试"
    assert [part["anchor"] for part in found] == ["ev-terms", "ev-indicators", "ev-price", "ev-stage"]
    assert [part["verdict"] for part in found] == ["words", "fits", "talk", "unknown"]


def test_a_term_that_stands_in_the_texts_only_is_not_called_the_subject():
    assert sentence(parts(["碳纤维"], [], ("成型工艺", "求碳纤维"))) == "都提到碳纤维"


def test_older_matches_without_briefs_say_what_speaks_against_them():
    old = [
        {"kind": "price", "verdict": "talk", "sentence": "成果价格、需求预算面议"},
        {"kind": "stage", "verdict": "fits", "sentence": "成果处于中试阶段"},
    ]
    assert sentence(parts([], old)) == "成果价格、需求预算面议"


def test_a_short_word_of_both_titles_is_what_they_concern_not_what_they_are():
    assert sentence(parts(["机器人"], [], ("焊接机器人", "陪护机器人"))) == "都涉及机器人"


def test_what_is_said_in_other_words_is_named_where_no_word_is_shared():
    assert sentence(parts([], [], related=["耐蚀≈防腐"])) == "用词相关：耐蚀≈防腐"
    assert sentence(parts(["涂层"], [], related=["耐蚀≈防腐"])) == "都提到涂层"


def test_nothing_known_is_said_plainly():
    assert parts([], []) == []
    assert sentence([]) == SILENT
