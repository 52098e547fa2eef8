import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine import SCORE_THRESHOLD, Item, UnknownEngine, build
from matching.engine.methods import engine_names, to_score

pytestmark = pytest.mark.long

ACHIEVEMENTS = [
    Item("a1", "碳纤维预浸料连续制备技术", "热熔法制备碳纤维预浸料，面密度偏差小于百分之二。"),
    Item("a2", "海参育苗水质在线监测", "养殖池溶解氧与氨氮连续监测。"),
    Item("a3", "全钒液流电池双极板", "导电高分子双极板，降低储能成本。"),
    Item("a4", "数控机床主轴热误差补偿", "主轴温升建模与补偿。"),
    Item("a5", "海参育苗水质在线监测", "养殖池溶解氧与氨氮连续监测。"),
]
DEMANDS = [
    Item("d1", "碳纤维预浸料国产化", "寻求碳纤维预浸料的连续生产工艺。"),
    Item("d2", "海参养殖水质监测", "需要育苗池的氨氮在线监测。"),
    Item("d3", "客户关系管理软件", "销售人员使用。"),
]
TEXT = st.text(max_size=60) | st.text(alphabet="碳纖纤维海参電池监测abc12Ｍ≥% ，<b>\x00😀", max_size=60)


def test_the_fitting_achievement_comes_first_with_its_parts():
    first = next(build(ACHIEVEMENTS, DEMANDS).rank(DEMANDS[:1])).achievements[0]
    assert first.achievement_id == "a1" and first.score > SCORE_THRESHOLD
    assert set(first.parts) == {"title_similarity", "text_similarity", "bm25", "concepts"}
    assert all(0 < part <= 1 for part in first.parts.values())


def test_without_a_minimum_each_demand_gets_k_and_with_it_maybe_none():
    index = build(ACHIEVEMENTS, DEMANDS)
    assert [len(ranking.achievements) for ranking in index.rank(DEMANDS, k=4)] == [4, 4, 4]
    shown = {ranking.demand_id: ranking.achievements for ranking in index.rank(DEMANDS, minimum=SCORE_THRESHOLD)}
    assert [ranked.achievement_id for ranked in shown["d2"]] == ["a2", "a5"]
    assert shown["d3"] == ()


def test_another_thread_that_ranks_with_the_same_index_in_between_changes_nothing(monkeypatch):
    index = build(ACHIEVEMENTS, DEMANDS)
    alone = list(index.rank(DEMANDS[:2], k=3))
    method, totals_matrix = type(index._method), type(index._method).totals_matrix
    others: list[list[Item]] = [[DEMANDS[2]]]

    def interrupted(self, demands):
        totals = totals_matrix(self, demands)
        if others:
            totals_matrix(self, others.pop())
        return totals

    monkeypatch.setattr(method, "totals_matrix", interrupted)
    beside = list(index.rank(DEMANDS[:2], k=3))
    assert not others and [ranking.achievements for ranking in beside] == [ranking.achievements for ranking in alone]


def test_ties_are_sorted_by_id_also_at_the_cut():
    equal = [Item(n, "同一成果") for n in (30, 4, 21, 3, 100)] + [Item(1, "别的")]
    (ranking,) = build(equal, DEMANDS).rank([Item("d", "同一成果")], k=3)
    assert [ranked.achievement_id for ranked in ranking.achievements] == [3, 4, 21]
    (ranking,) = build(equal, DEMANDS).rank([Item("d", "")], k=3)
    assert [(ranked.achievement_id, ranked.score) for ranked in ranking.achievements] == [(1, 0), (3, 0), (4, 0)]


def test_the_cut_among_hundreds_of_ties_is_by_id():
    many = [Item(n, ("数控机床", "锂电池", "锂电池隔膜")[n * n % 3 if n % 7 else 2]) for n in range(700)]
    index = build(many, DEMANDS)
    (whole,) = index.rank([Item("d", "锂电池")], k=700)
    for k in (1, 50, 120, 333):
        (ranking,) = index.rank([Item("d", "锂电池")], k=k)
        assert ranking.achievements == whole.achievements[:k]
    order = [(-ranked.score, ranked.achievement_id) for ranked in whole.achievements]
    assert order == sorted(order)


def test_scores_of_a_demand_do_not_depend_on_the_chunk():
    demands = [Item(n, f"{DEMANDS[n % 3].title}{n}", DEMANDS[n % 3].text) for n in range(150)]
    index = build(ACHIEVEMENTS, demands)
    together = list(index.rank(demands))
    assert together == [next(index.rank([demand])) for demand in demands]
    assert together == [ranking for n in range(0, 150, 7) for ranking in index.rank(demands[n : n + 7])]


def test_results_do_not_depend_on_the_order_of_the_rows():
    index, other = build(ACHIEVEMENTS, DEMANDS), build(ACHIEVEMENTS[::-1], DEMANDS[::-1])
    assert index.fitted_parameters == other.fitted_parameters
    assert list(index.rank(DEMANDS)) == list(other.rank(DEMANDS))


def test_a_demand_outside_the_corpus_is_ranked():
    (ranking,) = build(ACHIEVEMENTS, DEMANDS[1:]).rank(DEMANDS[:1])
    assert ranking.achievements[0].achievement_id == "a1"


def test_fitted_parameters_describe_the_corpus():
    parameters = build(ACHIEVEMENTS, DEMANDS).fitted_parameters
    other = build(ACHIEVEMENTS[:-1], DEMANDS).fitted_parameters
    assert parameters["fingerprint"] != other["fingerprint"] and parameters["terms"] == other["terms"]
    assert (parameters["engine"], parameters["achievements"], parameters["demands"]) == ("p3", 5, 3)


def test_an_empty_side_gives_empty_rankings():
    assert [ranking.achievements for ranking in build([], DEMANDS).rank(DEMANDS)] == [(), (), ()]
    assert list(build(ACHIEVEMENTS, []).rank([])) == []
    assert next(build([], []).rank(DEMANDS[:1])).achievements == ()


def test_the_message_for_an_unknown_engine_names_the_known_ones():
    with pytest.raises(UnknownEngine, match="p0"):
        build(ACHIEVEMENTS, DEMANDS, engine="p9")


def test_a_hundred_thousand_characters_are_ranked():
    long = Item("long", "碳纤维" * 33_000, "预浸料 " * 25_000)
    (ranking,) = build([*ACHIEVEMENTS, long], [*DEMANDS, long]).rank([long], k=2)
    assert ranking.achievements[0].achievement_id == "long"


@settings(deadline=None)
@pytest.mark.parametrize("engine", engine_names())
@given(st.lists(st.tuples(TEXT, TEXT), max_size=6), st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4))
def test_any_text_gives_finite_scores_in_order(engine, achievement_texts, demand_texts):
    demands = [Item(n, *texts) for n, texts in enumerate(demand_texts)]
    index = build([Item(n, *texts) for n, texts in enumerate(achievement_texts)], demands, engine=engine)
    for demand, ranking in zip(demands, index.rank(demands), strict=True):
        scores = [ranked.score for ranked in ranking.achievements]
        assert len(scores) == len(achievement_texts) and scores == sorted(scores, reverse=True)
        for ranked in ranking.achievements:
            assert 0 <= ranked.score <= 100
            assert all(0 <= part <= 1 for part in ranked.parts.values())
            assert all(isinstance(word, str) for word in index.shared_terms(ranked.achievement_id, demand))


def test_the_score_is_0_for_total_0_and_60_at_the_pass_mark_and_below_100():
    assert to_score(0, 0.4) == 0
    assert to_score(0.4, 0.4) == pytest.approx(60)
    scores = [to_score(total / 10, 0.4) for total in range(30)]
    assert scores == sorted(set(scores)) and scores[-1] < 100
    assert math.isfinite(to_score(1e9, 0.4))
