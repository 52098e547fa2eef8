from hypothesis import given
from hypothesis import strategies as st

from matching.engine.fact_score import FACT_WEIGHTS, STRENGTH, combine_scores, fact_score
from matching.engine.facts import AchievementFacts, DemandFacts, compare_facts


def facts(**verdicts):
    return [{"kind": kind, "verdict": verdict, "sentence": "x"} for kind, verdict in verdicts.items()]


def test_unknown_facts_do_not_change_the_score():
    assert fact_score(compare_facts(AchievementFacts(), DemandFacts())) == 0.5
    assert fact_score([]) == 0.5
    assert combine_scores(72.5, 0.5) == 72.5


def test_fitting_facts_raise_the_score_and_contradictions_lower_it_but_not_to_zero():
    good, bad = facts(stage="fits", price="fits"), facts(stage="contradicts", price="contradicts")
    assert fact_score(bad) < 0.5 < fact_score(good)
    assert 0 < combine_scores(70, fact_score(bad)) < 70 < combine_scores(70, fact_score(good)) < 100


def test_indicators_count_by_their_mean_result():
    rows = [{"result": "met"}, {"result": "met"}, {"result": "missed"}, {"result": "unstated"}]
    fact = {"kind": "indicators", "verdict": "talk", "sentence": "x", "rows": rows}
    assert fact_score([fact]) == round(0.5 + 0.5 * FACT_WEIGHTS["indicators"] * 0.25 / sum(FACT_WEIGHTS.values()), 4)


def test_an_unknown_kind_does_not_change_the_score():
    assert fact_score(facts(weather="contradicts")) == 0.5


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 1))
def test_equal_facts_keep_the_order_of_two_scores(score, other, facts_part):
    assert 0 <= combine_scores(score, facts_part) < 100 or score == 100
    if score < other:
        assert combine_scores(score, facts_part) <= combine_scores(other, facts_part)


def test_the_strongest_effect_is_bounded():
    assert 35 < combine_scores(75, 0) < combine_scores(75, 0.5) == 75 < combine_scores(75, 1) < 98
    assert STRENGTH <= 1
