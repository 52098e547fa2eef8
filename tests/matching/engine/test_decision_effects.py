"""Effects of decisions: each reason applies to the pairs that its sentence names, within bounds."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.decision_effects import (
    EFFECTS,
    MIN_FACTOR,
    AchievementAttributes,
    DecisionEffect,
    adjusted_score,
    applicable_effects,
    last_day,
)

DECIDED = AchievementAttributes(1, stage="小试", price_wan=100.0, industry=7)
OTHER = AchievementAttributes(2, stage="中试", price_wan=50.0, industry=8)


def applied_kinds(effect_kind, achievement, facts=None, demand_industry=3):
    effects = [DecisionEffect(effect_kind, 11, DECIDED, demand_industry)]
    return [effect["kind"] for effect in applicable_effects(effects, achievement, facts or {})]


@pytest.mark.parametrize(
    ("kind", "achievement", "facts", "applies"),
    [
        ("has_supplier", OTHER, {}, True),
        ("indicator", OTHER, {"indicators": "contradicts"}, True),
        ("indicator", OTHER, {"indicators": "fits"}, False),
        ("indicator", OTHER, {}, False),
        ("too_early", AchievementAttributes(2, stage="小试"), {}, True),
        ("too_early", AchievementAttributes(2, stage="概念"), {}, True),
        ("too_early", AchievementAttributes(2, stage="中试"), {}, False),
        ("too_early", AchievementAttributes(2), {}, False),
        ("price", AchievementAttributes(2, price_wan=100.0), {}, True),
        ("price", AchievementAttributes(2, price_wan=99.0), {}, False),
        ("price", AchievementAttributes(2), {}, False),
        ("field", AchievementAttributes(2, industry=7), {}, True),
        ("field", AchievementAttributes(2, industry=8), {}, False),
        ("field", AchievementAttributes(2), {}, False),
        ("twin_accepted", DECIDED, {}, True),
        ("twin_accepted", OTHER, {}, False),
        ("twin_rejected", DECIDED, {}, True),
        ("has_supplier", DECIDED, {}, False),  # the match of the decision itself
    ],
)
def test_each_reason_applies_to_the_pairs_it_names(kind, achievement, facts, applies):
    assert applied_kinds(kind, achievement, facts) == ([kind] if applies else [])


def test_another_field_does_not_apply_if_the_demand_is_of_that_industry():
    assert applied_kinds("field", AchievementAttributes(2, industry=7), demand_industry=7) == []


def test_of_one_kind_only_the_latest_decision_counts():
    effects = [DecisionEffect("has_supplier", decision, DECIDED) for decision in (12, 15, 13)]
    (effect,) = applicable_effects(effects, OTHER, {})
    assert (effect["decision"], effect["factor"]) == (15, EFFECTS["has_supplier"].factor)


@given(st.floats(0, 100), st.lists(st.sampled_from(sorted(EFFECTS)), unique=True))
def test_scores_stay_within_bounds_and_move_in_the_stated_direction(score, chosen):
    effects = [{"kind": kind, "decision": 1, "factor": EFFECTS[kind].factor} for kind in chosen]
    after = adjusted_score(score, effects)
    assert 0 <= after <= 100
    if all(EFFECTS[kind].factor < 1 for kind in chosen):
        assert after <= score + 1e-3


def test_the_product_of_effects_is_bounded():
    effects = [{"kind": kind, "decision": 1, "factor": effect.factor} for kind, effect in EFFECTS.items()]
    lowest = adjusted_score(90, [{"kind": "lowest", "decision": 1, "factor": MIN_FACTOR}])
    assert adjusted_score(90, effects) >= lowest > 40


def test_an_effect_has_a_last_day():
    assert last_day("price", date(2026, 1, 1)) == date(2026, 6, 30)
