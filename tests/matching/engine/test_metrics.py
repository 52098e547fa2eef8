import math

import numpy as np
import pytest

from matching.engine.metrics import GradedPairs, auc, ndcg_at_10, precision_above, spearman


def measure(scores, levels, demands, groups):
    return GradedPairs(levels, demands, groups).measure(scores)


def test_spearman_gives_ties_their_mean_rank():
    # Ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
    assert spearman(np.array([1, 5, 5, 9]), np.array([1, 2, 3, 4])) == pytest.approx(4.5 / math.sqrt(4.5 * 5))
    assert spearman(np.array([1, 2, 3]), np.array([3, 2, 1])) == pytest.approx(-1)
    assert spearman(np.array([1, 1, 1]), np.array([3, 2, 1])) is None


def test_ndcg_gains_and_discounts():
    levels = np.array([1, 4, 2])
    worst = (0 + 1 / math.log2(3) + 7 / 2) / (7 + 1 / math.log2(3))
    assert ndcg_at_10(np.array([3, 1, 2]), levels) == pytest.approx(worst)
    assert ndcg_at_10(np.array([0, 2, 1]), levels) == pytest.approx(1)
    assert ndcg_at_10(np.array([1, 2]), np.array([1, 1])) is None


def test_ndcg_uses_ten_ranks():
    levels = np.array([1] * 10 + [4])
    assert ndcg_at_10(-np.arange(11.0), levels) == 0


def test_auc_counts_ties_half():
    assert auc(np.array([3, 1, 2]), np.array([3, 1, 2])) == 1
    assert auc(np.array([1, 1]), np.array([4, 2])) == 0.5
    assert auc(np.array([1, 2]), np.array([4, 3])) is None


def test_perfect_scores_are_perfect_in_each_sample_and_a_report_is_reproducible():
    levels, demands = [1, 2, 3, 4] * 5, [demand for demand in range(5) for _ in range(4)]
    report = measure(levels, levels, demands, demands)
    assert report["ndcg@10"] == {"value": 1, "low": 1, "high": 1, "needs": 5}
    assert report["auc"]["low"] == report["spearman"]["low"] == 1
    noisy = np.random.default_rng(1).random(20)
    once = measure(noisy, levels, demands, demands)
    assert once == measure(noisy, levels, demands, demands)
    assert once["auc"]["low"] < once["auc"]["value"] < once["auc"]["high"]


@pytest.mark.long
def test_a_comparison_uses_paired_samples():
    """Scores that are better by the same amount in each group are so in each sample, however the groups differ."""
    levels, demands = [1, 3, 1, 3] * 30, [pair // 4 for pair in range(120)]
    noise = np.random.default_rng(2).random(120)
    graded = GradedPairs(levels, demands, demands)
    same = graded.compare(noise, noise * 2 + 1)
    assert all(metric == {"value": 0, "low": 0, "high": 0} for metric in same.values())
    better = graded.compare(np.array(levels), noise)
    assert all(0 < metric["low"] <= metric["value"] <= metric["high"] for metric in better.values())
    assert GradedPairs([], [], []).compare([], [])["auc"]["value"] is None


def test_an_undefined_metric_is_none():
    assert measure([], [], [], [])["spearman"]["value"] is None
    assert measure([1, 2], [1, 1], [7, 7], ["g", "g"])["ndcg@10"]["value"] is None


def test_precision_above_a_score():
    assert precision_above([70, 60, 59], [4, 2, 3], 60) == {
        "from": 60,
        "pairs": 2,
        "level_2_up": 1,
        "level_3_up": 0.5,
    }
    assert precision_above([1], [4], 60)["level_3_up"] is None
