"""Scales from scores to probabilities: rising, honest on unseen needs, and never damaged unnoticed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.likelihood import (
    HIGH,
    MIDDLE,
    Scale,
    cross_fitted,
    enough,
    fit_scale,
    folds,
    isotonic,
    level_of,
    logistic_regression,
    platt,
    sigmoid,
)

decisions = st.lists(st.tuples(st.floats(0, 100), st.booleans(), st.integers(0, 9)), min_size=1, max_size=60)


def world(number=2000, seed=7):
    """Decisions of officers who accept with a probability that follows from the score."""
    random = np.random.default_rng(seed)
    scores = random.uniform(0, 100, number)
    accepted = random.random(number) < sigmoid((scores - 60) / 12)
    return scores, accepted, [n // 10 for n in range(number)]


@given(decisions)
def test_any_decisions_give_a_rising_scale_within_bounds(rows):
    scores, accepted, groups = zip(*rows, strict=True)
    scale = fit_scale(scores, accepted, groups)
    values = scale(np.linspace(-10, 110, 200))
    assert (np.diff(values) >= 0).all() and values.min() >= 0 and values.max() <= 1
    assert Scale.of_json(scale.as_json()) == scale


@pytest.mark.parametrize("fit", [isotonic, platt])
def test_a_scale_finds_the_probabilities_that_made_the_decisions(fit):
    scores, accepted, _groups = world(20_000)
    scale = fit(scores, accepted)
    for score in (30, 50, 60, 70, 90):
        assert scale([score])[0] == pytest.approx(sigmoid((score - 60) / 12), abs=0.05)


def test_held_out_probabilities_are_calibrated():
    scores, accepted, groups = world()
    probabilities = cross_fitted(scores, accepted, groups)
    for low, high in ((0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1)):
        chosen = (probabilities >= low) & (probabilities < high)
        assert accepted[chosen].mean() == pytest.approx(probabilities[chosen].mean(), abs=0.07)


def test_a_group_never_helps_to_judge_itself():
    """Every group is all of one kind: whoever saw it would know it by heart; whoever did not knows only the mean."""
    random = np.random.default_rng(3)
    kinds = random.random(60) < 0.5
    scores, accepted, groups = [], [], []
    for group, kind in enumerate(kinds):
        for _n in range(5):
            scores.append(group + 0.1)
            accepted.append(bool(kind))
            groups.append(group)
    probabilities = cross_fitted(scores, accepted, groups)
    assert ((probabilities > 0.5) == np.array(accepted)).mean() < 0.7


def test_folds_keep_groups_whole_and_alike_in_size():
    groups = ["a"] * 30 + ["b"] * 20 + [f"g{n}" for n in range(50)]
    fold = folds(groups)
    assert all(len({f for f, g in zip(fold, groups, strict=True) if g == group}) == 1 for group in set(groups))
    assert max(np.bincount(fold)) <= 30
    assert list(fold) == list(folds(groups))


def test_a_few_decisions_are_not_enough():
    yes = [True] * 30 + [False] * 30
    assert enough(yes, range(60))
    assert not enough(yes, [n % 5 for n in range(60)])
    assert not enough([True] * 60, range(60))
    assert not enough(yes[:40], range(40))


def test_three_of_three_are_not_certain():
    scale = isotonic(np.array([10.0] * 7 + [90.0] * 3), np.array([False] * 7 + [True] * 3))
    assert 0.5 < scale([90])[0] < 0.8


@pytest.mark.parametrize(
    "damage",
    [
        {"scores": [1, 1], "probabilities": [0.1, 0.2]},
        {"scores": [1, 2], "probabilities": [0.3, 0.2]},
        {"scores": [1, 2], "probabilities": [0.3, 1.2]},
        {"scores": [1, 2], "probabilities": [0.3]},
        {"scores": [], "probabilities": []},
        {"scores": [1, float("nan")], "probabilities": [0.1, 0.2]},
        {"kind": "other"},
        {"scores": None},
    ],
)
def test_what_was_kept_damaged_is_refused(damage):
    kept = {"kind": "isotonic", "scores": [1, 2], "probabilities": [0.1, 0.2]} | damage
    with pytest.raises((ValueError, TypeError, KeyError)):
        Scale.of_json(kept)


def test_the_words_promise_what_they_say():
    assert [level_of(p) for p in (1, HIGH, HIGH - 0.01, MIDDLE, MIDDLE - 0.01, 0)] == [
        "high", "high", "middle", "middle", "low", "low",
    ]  # fmt: skip


def test_the_regression_finds_known_weights():
    random = np.random.default_rng(1)
    x = np.column_stack([random.normal(size=20_000), np.ones(20_000)])
    target = (random.random(20_000) < sigmoid(x @ [2.0, -1.0])).astype(float)
    found = logistic_regression(x, target, ridge=np.array([1e-6, 0.0]))
    assert found == pytest.approx([2.0, -1.0], abs=0.1)
