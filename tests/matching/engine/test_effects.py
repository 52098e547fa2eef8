"""Effects of decisions: each reason moves what it says it moves, within bounds, and nothing else."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.effects import LEAST, STATED, Effect, Side, ends, felt, moved

DECIDED = Side(1, stage="小试", price_wan=100.0, industry=7)
OTHER = Side(2, stage="中试", price_wan=50.0, industry=8)


def kinds(effect_kind, side, facts=None, needs_industry=3):
    effects = [Effect(effect_kind, 11, DECIDED, needs_industry)]
    return [one["kind"] for one in felt(effects, side, facts or {})]


@pytest.mark.parametrize(
    ("kind", "side", "facts", "is_moved"),
    [
        ("has_supplier", OTHER, {}, True),
        ("indicator", OTHER, {"indicators": "contradicts"}, True),
        ("indicator", OTHER, {"indicators": "fits"}, False),
        ("indicator", OTHER, {}, False),
        ("too_early", Side(2, stage="小试"), {}, True),
        ("too_early", Side(2, stage="概念"), {}, True),
        ("too_early", Side(2, stage="中试"), {}, False),
        ("too_early", Side(2), {}, False),
        ("price", Side(2, price_wan=100.0), {}, True),
        ("price", Side(2, price_wan=99.0), {}, False),
        ("price", Side(2), {}, False),
        ("field", Side(2, industry=7), {}, True),
        ("field", Side(2, industry=8), {}, False),
        ("field", Side(2), {}, False),
        ("twin_accepted", DECIDED, {}, True),
        ("twin_accepted", OTHER, {}, False),
        ("twin_rejected", DECIDED, {}, True),
        ("has_supplier", DECIDED, {}, False),  # decided already
    ],
)
def test_each_reason_moves_what_it_says(kind, side, facts, is_moved):
    assert kinds(kind, side, facts) == ([kind] if is_moved else [])


def test_another_field_says_nothing_where_the_need_is_of_that_industry():
    assert kinds("field", Side(2, industry=7), needs_industry=7) == []


def test_two_effects_of_one_kind_count_once_by_the_latest_decision():
    effects = [Effect("has_supplier", decision, DECIDED) for decision in (12, 15, 13)]
    (one,) = felt(effects, OTHER, {})
    assert (one["decision"], one["factor"]) == (15, STATED["has_supplier"].factor)


@given(st.floats(0, 100), st.lists(st.sampled_from(sorted(STATED)), unique=True))
def test_scores_stay_within_bounds_and_move_the_stated_way(score, chosen):
    effects = [{"kind": kind, "decision": 1, "factor": STATED[kind].factor} for kind in chosen]
    after = moved(score, effects)
    assert 0 <= after <= 100
    if all(STATED[kind].factor < 1 for kind in chosen):
        assert after <= score + 1e-3


def test_no_number_of_effects_buries_a_match():
    effects = [{"kind": kind, "decision": 1, "factor": stated.factor} for kind, stated in STATED.items()]
    assert moved(90, effects) >= moved(90, [{"kind": "least", "decision": 1, "factor": LEAST}]) > 40


def test_an_effect_ends():
    assert ends("price", date(2026, 1, 1)) == date(2026, 6, 30)
