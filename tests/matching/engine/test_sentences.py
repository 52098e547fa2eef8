"""Division of a text into sentences, and method p3, which asks with each of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine import Item, build
from matching.engine.sentences import MAX_SENTENCES, MIN_LENGTH, split_sentences

ACHIEVEMENTS = [
    Item(1, "硅片对位视觉标定方法", "用双目视觉标定贴片机的对位误差，重复精度一微米。"),
    Item(2, "海参育苗水质监测", "育苗池溶解氧与氨氮的在线监测。"),
    Item(3, "紫外固化胶粘剂", "紫外光固化，固化时间两秒。"),
    Item(4, "企业管理信息化综述", "综述企业管理信息化的现状与发展。"),
]
DEMANDS = [
    Item(
        7,
        "紫外曝光设备",
        "公司成立于一九九八年。现有紫外平行光源。需要自动对位系统，对位误差小于两微米。",
    ),
    Item(8, "水质", ""),
]


def test_sentences_end_at_marks_line_breaks_gaps_and_numbers_of_lists():
    text = "需要解决：1、焊接变形的控制方法。\n2）自动上下料的节拍问题；公司已有产线  希望三个月内完成改造！短句。"
    assert split_sentences(text) == ["焊接变形的控制方法", "自动上下料的节拍问题", "希望三个月内完成改造"]


def test_a_decimal_number_does_not_end_a_sentence():
    assert split_sentences("厚度误差应不大于 0.5 毫米且稳定") == ["厚度误差应不大于 0.5 毫米且稳定"]


@given(st.text(max_size=300))
def test_any_text_has_sentences_of_its_own_characters(text):
    for sentence in split_sentences(text):
        assert len(sentence) >= MIN_LENGTH and sentence in text and sentence == sentence.strip()


def test_a_very_long_text_has_a_limited_number_of_sentences():
    assert len(split_sentences("这是一句足够长的话。" * 20_000)) == MAX_SENTENCES


def test_the_total_is_the_mean_over_the_demand_its_title_and_its_sentences(monkeypatch):
    index = build(ACHIEVEMENTS, DEMANDS, engine="p3")
    demand = DEMANDS[0]
    queries = [demand, *(Item(0, text) for text in (demand.title, *split_sentences(demand.text)))]
    totals = index._method.totals_matrix((demand,))[0]
    monkeypatch.setattr(type(index._method), "_queries_of", lambda _method, query: [query])
    expected = index._method.totals_matrix(tuple(queries)).mean(axis=0)
    assert totals == pytest.approx(expected, abs=1e-5)  # float32


def test_pairs_have_the_totals_of_the_matrix():
    index = build(ACHIEVEMENTS, DEMANDS, engine="p3")
    demands = index.corpus.demands
    rows = np.array([0, 1, 2, 3, 0, 3]), np.array([0, 0, 0, 0, 1, 1])
    scored = index._method.score_pairs(demands, rows)
    assert scored.totals == pytest.approx(index._method.totals_matrix(demands)[rows[1], rows[0]], abs=1e-4)
    again = build(ACHIEVEMENTS, DEMANDS, engine="p3")._method.score_pairs(demands, rows)  # without the matrix before
    assert again.totals == pytest.approx(scored.totals, abs=1e-9)
    assert set(scored.parts) == {"title_similarity", "text_similarity", "bm25", "concepts"}


def test_an_achievement_that_answers_one_sentence_is_found():
    (ranking, _) = build(ACHIEVEMENTS, DEMANDS, engine="p3").rank(DEMANDS)
    assert {ranked.achievement_id for ranked in ranking.achievements[:2]} == {1, 3}


def test_a_demand_without_text_is_scored_by_its_title():
    (_, ranking) = build(ACHIEVEMENTS, DEMANDS, engine="p3").rank(DEMANDS)
    assert ranking.achievements[0].achievement_id == 2


def test_no_pairs_and_no_demands():
    index = build(ACHIEVEMENTS, DEMANDS, engine="p3")
    empty = np.array([], int)
    assert index._method.score_pairs(DEMANDS, (empty, empty)).totals.shape == (0,)
    assert list(index.rank([])) == []
