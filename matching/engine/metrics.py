"""Metrics of a ranking on graded pairs (Spearman, NDCG@10, AUC) with bootstrap intervals over groups of demands."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from matching.engine.arrays import Floats, Integers

SEED, RESAMPLES = 20260101, 1000

type Metric = dict[str, float | int | None]


class GradedPairs:
    """Pairs with grades, against which scores are measured.

    Metrics: `spearman` over all pairs; `ndcg@10`, mean over demands, gain 2^(level − 1) − 1, without demands whose
    levels are all 1; `auc`, mean over demands, level ≥ 3 against ≤ 2, without demands that lack one of them. The 95%
    intervals come from 1,000 bootstrap samples of whole groups, because near-duplicates are not independent. The
    samples are the same for all scores.
    """

    def __init__(self, levels: Sequence[int], demands: Sequence[Hashable], groups: Sequence[Hashable]):
        """All arguments (pairs,): level 1–4, demand of the pair, group of near-duplicates of the demand."""
        self._levels = np.asarray(levels, int)
        rows_by_group: dict[Hashable, dict[Hashable, list[int]]] = {}
        for row, (demand, group) in enumerate(zip(demands, groups, strict=True)):
            rows_by_group.setdefault(group, {}).setdefault((group, demand), []).append(row)
        self._demand_rows = [[np.array(rows) for rows in of_group.values()] for of_group in rows_by_group.values()]
        self._group_rows = [np.concatenate(of_group) for of_group in self._demand_rows]
        random, size = np.random.default_rng(SEED), len(self._demand_rows)
        self._samples: list[Integers] = (
            [np.arange(size), *(random.integers(size, size=size) for _ in range(RESAMPLES))] if size else []
        )

    def measure(self, scores: Sequence[float]) -> dict[str, Metric]:
        """Return each metric as {"value", "low", "high", "needs"}: a 95% interval and the number of demands.

        The values are None if the metric is undefined.
        """
        return {
            name: _with_interval(values) | {"needs": demands}
            for name, (values, demands) in self._sampled(scores).items()
        }

    def compare(self, scores: Sequence[float], others: Sequence[float]) -> dict[str, Metric]:
        """Return the paired differences of the metrics, `scores` minus `others`, as {"value", "low", "high"}.

        If the interval contains 0, no difference is shown.
        """
        own, other = self._sampled(scores), self._sampled(others)
        return {
            name: _with_interval(
                [
                    None if value is None or other_value is None else value - other_value
                    for value, other_value in zip(values, other[name][0], strict=True)
                ]
            )
            for name, (values, _demands) in own.items()
        }

    def _sampled(self, score_list: Sequence[float]) -> dict[str, tuple[list[float | None], int]]:
        """Return each metric of the whole set and of each bootstrap sample, and its number of demands."""
        scores, levels = np.asarray(score_list, float), self._levels
        sampled: dict[str, tuple[list[float | None], int]] = {}
        pooled = (np.concatenate([self._group_rows[group] for group in sample]) for sample in self._samples)
        sampled["spearman"] = (
            [spearman(scores[rows], levels[rows]) for rows in pooled],
            sum(map(len, self._demand_rows)),
        )
        for name, metric in (("ndcg@10", ndcg_at_10), ("auc", auc)):
            values = [
                [value for rows in of_group if (value := metric(scores[rows], levels[rows])) is not None]
                for of_group in self._demand_rows
            ]
            sums, counts = (
                np.array([sum(of_group) for of_group in values]),
                np.array([len(of_group) for of_group in values]),
            )
            sampled[name] = (
                [
                    float(sums[sample].sum() / counts[sample].sum()) if counts[sample].any() else None
                    for sample in self._samples
                ],
                sum(map(len, values)),
            )
        return sampled


def spearman(scores: Floats, levels: Integers) -> float | None:
    """Return the rank correlation, ties with their mean rank; None if one side is constant."""
    score_ranks, level_ranks = mean_ranks(scores), mean_ranks(levels)
    if len(score_ranks) < 2 or score_ranks.std() == 0 or level_ranks.std() == 0:
        return None
    return float(np.corrcoef(score_ranks, level_ranks)[0, 1])


def ndcg_at_10(scores: Floats, levels: Integers) -> float | None:
    """Return the gain of the first ten, discounted by log2(rank + 1), divided by the greatest possible gain.

    Ties keep their order. None if all levels are 1.
    """
    gains = 2.0 ** (levels - 1) - 1
    discounts = 1 / np.log2(np.arange(2, 12))
    ideal = np.sort(gains)[::-1][:10] @ discounts[: len(gains)]
    if ideal == 0:
        return None
    return float(gains[np.argsort(-scores, kind="stable")[:10]] @ discounts[: len(gains)] / ideal)


def auc(scores: Floats, levels: Integers) -> float | None:
    """Return the probability that a pair of level ≥ 3 scores above a pair of level ≤ 2, ties counting half.

    None if one of both is missing.
    """
    relevant = levels >= 3
    if relevant.all() or not relevant.any():
        return None
    positives, negatives = relevant.sum(), (~relevant).sum()
    rank_sum = mean_ranks(scores)[relevant].sum()
    return float((rank_sum - positives * (positives + 1) / 2) / (positives * negatives))


def precision_above(scores: Sequence[float], levels: Sequence[int], minimum: float) -> dict[str, Any]:
    """Return the number of pairs with a score of at least `minimum`, and the shares with level ≥ 2 and ≥ 3 (None if
    there are none)."""
    shown = np.asarray(levels, int)[np.asarray(scores, float) >= minimum]
    shares = {f"level_{level}_up": float((shown >= level).mean()) if len(shown) else None for level in (2, 3)}
    return {"from": minimum, "pairs": len(shown), **shares}


def mean_ranks(values: Floats | Integers) -> Floats:
    """Return ranks from 1 (n,), ties with their mean rank."""
    _, position, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks: Floats = (np.cumsum(counts) - (counts - 1) / 2)[position]
    return ranks


def _with_interval(values: Sequence[float | None]) -> Metric:
    """Return {"value", "low", "high"}. `values`: the metric of the whole set, then that of each bootstrap sample."""
    value = values[0] if values else None
    known = [sample for sample in values[1:] if sample is not None] if value is not None else []
    low, high = np.percentile(known, [2.5, 97.5]) if known else (None, None)
    named = (("value", value), ("low", low), ("high", high))
    return {name: None if number is None else round(float(number), 4) for name, number in named}
