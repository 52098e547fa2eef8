"""Metrics on judged pairs: values computed by hand, intervals, comparisons."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.engine.evaluation_report import (
    ScoredJudgments,
    compare,
    evaluate,
    largest_errors,
    wilson,
    with_held_out_probabilities,
)
from matching.engine.metrics import GradedPairs

BY_HAND = ScoredJudgments(
    engine="hand",
    scores=[90, 80, 10, 70, 60, 50],
    levels=[4, 1, 1, 1, 3, 1],
    demands=["a", "a", "a", "b", "b", "b"],
    groups=["a", "a", "a", "b", "b", "b"],
    probabilities=[0.95, 0.65, 0.05, 0.65, 0.35, 0.05],
    no_match_probabilities={"a": 0.1, "b": 0.9},
    no_match_demands=frozenset({"b"}),
)


def metric(name, judgments=BY_HAND, **kwargs):
    return evaluate(judgments, resamples=50, **kwargs)["figures"][name]["value"]


def test_metrics_equal_values_computed_by_hand():
    assert metric("first_good") == 0.5
    assert metric("accepted@5") == pytest.approx(1 / 3, abs=1e-4)
    assert metric("auc") == 0.75
    assert metric("ndcg@10") == pytest.approx((1 + 1 / math.log2(3)) / 2, abs=1e-4)
    assert metric("precision_high") == pytest.approx(1 / 3, abs=1e-4)
    assert metric("precision_candidate") == pytest.approx(1 / 3, abs=1e-4)
    assert metric("silent_otherwise") == 0.5
    assert metric("silent_when_nothing_fits") is None
    assert metric("brier") == pytest.approx((0.05**2 + 2 * 0.65**2 + 2 * 0.05**2 + 0.65**2) / 6, abs=1e-4)
    # Tenths: .95 accepted; two of .65 and two of .05 not accepted; .35 accepted.
    assert metric("ece") == pytest.approx((0.05 + 1.3 + 0.1 + 0.65) / 6, abs=1e-4)


def test_the_reliability_table_has_predicted_and_observed_rates():
    table = evaluate(BY_HAND, resamples=10)["reliability"]
    assert [(row["from"], row["number"], row["promised"], row["kept"]) for row in table] == [
        (0.0, 2, 0.05, 0.0), (0.3, 1, 0.35, 1.0), (0.6, 2, 0.65, 0.0), (0.9, 1, 0.95, 1.0),
    ]  # fmt: skip


def random_judgments(number=600, noise=1.0, seed=4, engine="one"):
    random = np.random.default_rng(seed)
    truth = random.normal(size=number)
    levels = np.clip(np.round(2 + truth), 1, 4).astype(int)
    scores = 50 + 10 * (truth + noise * np.random.default_rng(seed + 1).normal(size=number))
    demands = [n // 12 for n in range(number)]
    return ScoredJudgments(engine, list(scores), list(levels), demands, [demand // 2 for demand in demands])


def test_metrics_equal_those_of_the_command_line():
    judgments = random_judgments()
    report = evaluate(judgments, resamples=20)["figures"]
    graded = GradedPairs(judgments.levels, judgments.demands, judgments.groups).measure(judgments.scores)
    for name in ("spearman", "ndcg@10", "auc"):
        assert report[name]["value"] == pytest.approx(graded[name]["value"], abs=1e-3)


def test_intervals_contain_the_value_and_are_reproducible():
    report, again = evaluate(random_judgments()), evaluate(random_judgments())
    assert report == again
    for name in ("spearman", "ndcg@10", "auc", "first_good"):
        interval = report["figures"][name]
        assert interval["low"] <= interval["value"] <= interval["high"] and interval["low"] < interval["high"]


def test_a_proportion_of_one_has_an_interval():
    rows = range(6)
    judgments = ScoredJudgments("six", [90, 10] * 3, [4, 1] * 3, [n // 2 for n in rows], [n // 2 for n in rows])
    assert evaluate(judgments, resamples=50)["figures"]["first_good"] == {
        "value": 1.0, "low": 0.4385, "high": 1.0, "number": 3,
    }  # fmt: skip


def test_only_a_better_engine_wins():
    weak, strong = random_judgments(noise=3.0), random_judgments(noise=0.3, engine="two")
    assert compare(weak, strong, resamples=200)["spearman"]["wins"] == "other"
    assert compare(strong, weak, resamples=200)["spearman"]["wins"] == "one"
    assert compare(weak, strong, resamples=200)["brier"]["wins"] == "other"  # a smaller error is better
    same = compare(weak, weak, resamples=200)
    assert {difference["wins"] for difference in same.values()} == {""}


def test_engines_with_scores_for_different_pairs_are_not_compared():
    with pytest.raises(ValueError, match="same pairs"):
        compare(random_judgments(number=120), random_judgments(number=240))


def test_the_largest_errors_come_first():
    rows = [(error["row"], error["kind"]) for error in largest_errors(BY_HAND)]
    assert rows[:3] == [(1, "praised"), (3, "praised"), (4, "missed")]


def test_held_out_probabilities_are_kept():
    judgments = with_held_out_probabilities(random_judgments())
    assert evaluate(judgments, resamples=5)["calibrated"] == "held out"
    assert list(judgments.probabilities) == list(with_held_out_probabilities(random_judgments()).probabilities)


def test_too_few_decisions_are_not_calibrated():
    few = ScoredJudgments("few", [10, 20], [1, 4], [1, 2], [1, 2])
    assert evaluate(few, resamples=5)["calibrated"] == "too few"


def test_wilson_equals_values_computed_by_hand():
    assert wilson(0, 10) == (0.0, 0.2775)
    assert wilson(5, 10) == (0.2366, 0.7634)


rows = st.lists(
    st.tuples(st.floats(0, 100), st.integers(1, 4), st.integers(0, 5), st.integers(0, 3)), min_size=1, max_size=40
)


@settings(max_examples=40, deadline=None)
@given(rows)
def test_any_judgments_give_metrics_without_nan(judged_pairs):
    scores, levels, demands, groups = map(list, zip(*judged_pairs, strict=True))
    report = evaluate(ScoredJudgments("any", scores, levels, demands, groups), resamples=5)
    for metric_values in report["figures"].values():
        assert all(value is None or math.isfinite(value) for value in metric_values.values())
