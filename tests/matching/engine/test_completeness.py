import pytest

from matching.engine import Item
from matching.engine.completeness import missing_details, missing_sentence
from matching.engine.facts import AchievementFacts, DemandFacts, compare_facts
from matching.engine.indicators import requirements_in_text
from matching.engine.noun_phrases import noun_phrases

PROBLEM, OBJECT, VALUES = "要解决的问题", "对象或材料", "指标数值"
FULL = Item(1, "铝合金壁板焊后变形大", "五毫米铝板焊完翘曲八毫米，校正费工。希望变形不超过3 mm。")


@pytest.mark.parametrize(
    ("title", "text", "missing"),
    [
        ("", "", [PROBLEM, OBJECT, VALUES]),
        ("求合作", "", [PROBLEM, OBJECT, VALUES]),
        ("铝合金焊接", "", [PROBLEM, VALUES]),
        ("铝合金焊接变形", "船用壁板焊接以后总是翘曲，火工校正既费时又容易损伤母材，想找一种新的焊接办法。", [VALUES]),
        ("We need a welding robot", "for aluminium panels", ["中文说明"]),
        ("鋁合金焊接變形", "船用壁板焊接以後總是翹曲，火工校正費時，希望變形不超過3 mm。", []),
        ("船用壁板", "项目\t现状\t要求\n焊接变形\t8 mm\t3 mm\n焊接速度\t0.5 m/min\t1 m/min\n母材\t铝\t铝合金", []),
        ("？？？", "！！！…… 😀", [PROBLEM, OBJECT, VALUES]),
    ],
)
def test_what_a_demand_lacks(title, text, missing):
    assert missing_details(Item(1, title, text)) == missing


def test_nothing_is_missing_from_a_full_text_or_with_rows_of_indicators():
    assert missing_details(FULL) == []
    without_values = Item(1, "铝合金焊接变形", "船用壁板焊接以后总是翘曲，火工校正既费时又容易损伤母材，想找新的办法。")
    assert missing_details(without_values, has_indicators=True) == []


def test_the_hint_says_what_to_add():
    assert missing_sentence([PROBLEM, VALUES]) == "请补充：要解决的问题、指标数值。写得越具体，匹配越准。"
    assert missing_sentence([]) == ""


LONG = [
    "铝合金壁板焊接变形不超过3 mm，" * 6_000,
    "3" * 100_000,
    "焊" * 100_000,
    "不适用" * 30_000,
    "一二三四五六七八九十" * 10_000,
    "1、2、" * 25_000,
    "a" * 100_000,
    "（" * 100_000,
    " \t" * 50_000,
]


@pytest.mark.parametrize("text", LONG)
def test_a_text_of_a_hundred_thousand_characters_has_a_defined_result(text):
    """The other functions of a match read a part of the text, too; without bounds this test would not end."""
    assert len(text) >= 90_000
    assert set(missing_details(Item(1, "", text))) <= {PROBLEM, OBJECT, VALUES, "中文说明"}
    facts = compare_facts(
        AchievementFacts(title=text, texts=(("成果简介", text),)),
        DemandFacts(text=text, indicators=requirements_in_text(text)),
    )
    assert [fact["kind"] for fact in facts][:7] == [
        "indicators", "stage", "price", "ways", "period", "exclusivity", "district",
    ]  # fmt: skip
    assert all(len(phrase) <= 12 or phrase.isascii() for phrase in noun_phrases(text[:4000]))
