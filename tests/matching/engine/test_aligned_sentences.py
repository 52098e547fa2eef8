"""Which sentence of a demand an achievement answers, and with which of its own."""

import pytest

from matching.engine import Item, build

DEMAND = Item(
    1,
    "注塑车间两件事",
    "公司成立于一九九八年，产品远销海外。流道积料要停机人工清理，一次两小时。制品翘曲变形大，装配时卡不上。",
)
ACHIEVEMENTS = [
    Item(1, "随形冷却水路设计软件", "按温度场布置随形水路。薄壁制品的翘曲变形降到原来的三分之一。已在两家企业应用。"),
    Item(2, "自清洁热流道", "热流道内壁涂层使积料自行脱落，停机清理由每班一次减为每月一次。"),
    Item(3, "quantum annealing", "QUBO solver for logistics."),
    Item(4, "只有名称的成果", ""),
]


@pytest.fixture(scope="module")
def index():
    return build(ACHIEVEMENTS, [DEMAND])


def test_each_achievement_answers_its_own_question(index):
    first, second = (index.aligned_sentences(ACHIEVEMENTS[place], DEMAND) for place in (0, 1))
    assert first[:2] == ("制品翘曲变形大，装配时卡不上", "薄壁制品的翘曲变形降到原来的三分之一")
    assert second[0] == "流道积料要停机人工清理，一次两小时" and second[1].startswith("热流道内壁涂层")


@pytest.mark.parametrize("place", [2, 3])
def test_texts_that_share_nothing_or_are_empty_have_no_such_sentences(index, place):
    assert index.aligned_sentences(ACHIEVEMENTS[place], DEMAND) is None


def test_the_title_of_a_demand_is_one_of_its_sentences(index):
    assert index.aligned_sentences(ACHIEVEMENTS[0], Item(9, "制品翘曲变形"))[0] == "制品翘曲变形"


def test_a_very_long_sentence_is_cut(index):
    aligned = index.aligned_sentences(ACHIEVEMENTS[0], Item(9, "需求", "翘曲变形" * 25_000))
    assert len(aligned.demand) == 400
