"""Calibrators: monotonic, calibrated on held-out groups, damaged ones are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.engine.calibration import (
    Calibrator,
    cross_fitted_probabilities,
    fit_calibrator,
    fit_isotonic,
    fit_platt,
    group_folds,
    has_enough_decisions,
    logistic_regression,
    sigmoid,
)

decisions = st.lists(st.tuples(st.floats(0, 100), st.booleans(), st.integers(0, 9)), min_size=1, max_size=60)


def simulated_decisions(number=2000, seed=7):
    """Decisions that accept with a probability that is a function of the score."""
    random = np.random.default_rng(seed)
    scores = random.uniform(0, 100, number)
    accepted = random.random(number) < sigmoid((scores - 60) / 12)
    return scores, accepted, [n // 10 for n in range(number)]


@given(decisions)
def test_any_decisions_give_a_monotonic_calibrator_within_bounds(rows):
    scores, accepted, groups = zip(*rows, strict=True)
    calibrator = fit_calibrator(scores, accepted, groups)
    values = calibrator(np.linspace(-10, 110, 200))
    assert (np.diff(values) >= 0).all() and values.min() >= 0 and values.max() <= 1
    assert Calibrator.from_json(calibrator.as_json()) == calibrator


@pytest.mark.parametrize("fit", [fit_isotonic, fit_platt])
def test_a_calibrator_recovers_the_probabilities_of_the_decisions(fit):
    scores, accepted, _groups = simulated_decisions(20_000)
    calibrator = fit(scores, accepted)
    for score in (30, 50, 60, 70, 90):
        assert calibrator([score])[0] == pytest.approx(sigmoid((score - 60) / 12), abs=0.05)


def test_held_out_probabilities_are_calibrated():
    scores, accepted, groups = simulated_decisions()
    probabilities = cross_fitted_probabilities(scores, accepted, groups)
    for low, high in ((0, 0.2), (0.2, 0.5), (0.5, 0.8), (0.8, 1)):
        chosen = (probabilities >= low) & (probabilities < high)
        assert accepted[chosen].mean() == pytest.approx(probabilities[chosen].mean(), abs=0.07)


def test_a_calibrator_is_not_fitted_to_the_group_it_predicts():
    """Each group has one verdict, so a calibrator that was fitted to it would predict it."""
    random = np.random.default_rng(3)
    kinds = random.random(60) < 0.5
    scores, accepted, groups = [], [], []
    for group, kind in enumerate(kinds):
        for _n in range(5):
            scores.append(group + 0.1)
            accepted.append(bool(kind))
            groups.append(group)
    probabilities = cross_fitted_probabilities(scores, accepted, groups)
    assert ((probabilities > 0.5) == np.array(accepted)).mean() < 0.7


def test_folds_keep_groups_together_and_have_similar_sizes():
    groups = ["a"] * 30 + ["b"] * 20 + [f"g{n}" for n in range(50)]
    fold = group_folds(groups)
    assert all(len({f for f, g in zip(fold, groups, strict=True) if g == group}) == 1 for group in set(groups))
    assert max(np.bincount(fold)) <= 30
    assert list(fold) == list(group_folds(groups))


def test_few_decisions_are_not_enough():
    yes = [True] * 30 + [False] * 30
    assert has_enough_decisions(yes, range(60))
    assert not has_enough_decisions(yes, [n % 5 for n in range(60)])
    assert not has_enough_decisions([True] * 60, range(60))
    assert not has_enough_decisions(yes[:40], range(40))


def test_three_accepted_of_three_are_not_certain():
    calibrator = fit_isotonic(np.array([10.0] * 7 + [90.0] * 3), np.array([False] * 7 + [True] * 3))
    assert 0.5 < calibrator([90])[0] < 0.8


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
def test_a_damaged_calibrator_is_refused(damage):
    stored = {"kind": "isotonic", "scores": [1, 2], "probabilities": [0.1, 0.2]} | damage
    with pytest.raises((ValueError, TypeError, KeyError)):
        Calibrator.from_json(stored)


def test_logistic_regression_recovers_known_weights():
    random = np.random.default_rng(1)
    x = np.column_stack([random.normal(size=20_000), np.ones(20_000)])
    target = (random.random(20_000) < sigmoid(x @ [2.0, -1.0])).astype(float)
    weights = logistic_regression(x, target, ridge=np.array([1e-6, 0.0]))
    assert weights == pytest.approx([2.0, -1.0], abs=0.1)
