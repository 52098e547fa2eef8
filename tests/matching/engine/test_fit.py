from hypothesis import given
from hypothesis import strategies as st

from matching.engine.facts import Need, Offer, compare
from matching.engine.fit import STRENGTH, WEIGHTS, combine, fit


def facts(**verdicts):
    return [{"kind": kind, "verdict": verdict, "sentence": "x"} for kind, verdict in verdicts.items()]


def test_silence_is_neither_for_nor_against():
    assert fit(compare(Offer(), Need())) == 0.5
    assert fit([]) == 0.5
    assert combine(72.5, 0.5) == 72.5


def test_what_speaks_for_a_match_raises_it_and_what_speaks_against_lowers_it_but_removes_nothing():
    good, bad = facts(stage="fits", price="fits"), facts(stage="contradicts", price="contradicts")
    assert fit(bad) < 0.5 < fit(good)
    assert 0 < combine(70, fit(bad)) < 70 < combine(70, fit(good)) < 100


def test_indicators_count_by_how_many_are_met():
    rows = [{"result": "met"}, {"result": "met"}, {"result": "missed"}, {"result": "unstated"}]
    fact = {"kind": "indicators", "verdict": "talk", "sentence": "x", "rows": rows}
    assert fit([fact]) == round(0.5 + 0.5 * WEIGHTS["indicators"] * 0.25 / sum(WEIGHTS.values()), 4)


def test_a_kind_nobody_knows_changes_nothing():
    assert fit(facts(weather="contradicts")) == 0.5


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 1))
def test_facts_alone_never_turn_the_order_of_two_scores(one, other, part):
    assert 0 <= combine(one, part) < 100 or one == 100
    if one < other:
        assert combine(one, part) <= combine(other, part)


def test_the_strongest_effect_is_bounded():
    assert 35 < combine(75, 0) < combine(75, 0.5) == 75 < combine(75, 1) < 98
    assert STRENGTH <= 1
