"""Metrics of an engine on judged pairs, and the comparison of two engines.

The 95% intervals come from bootstrap samples of whole groups of near-duplicate demands. Two engines are compared on the
same samples.
"""

import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from matching.engine.arrays import Booleans, Floats, Integers
from matching.engine.calibration import cross_fitted_probabilities, has_enough_decisions
from matching.engine.candidates import LEVELS, level_of
from matching.engine.metrics import RESAMPLES, SEED, auc, mean_ranks, ndcg_at_10

BINS = 10
RELEVANT_LEVEL = 3
"""Staff accept pairs of this level (1–4) and above."""
TOP = 5
PROPORTIONS = {
    "first_good",
    *(f"precision_{level}" for level in LEVELS),
    "silent_when_nothing_fits",
    "silent_otherwise",
}
"""Metrics that are proportions of yes/no outcomes."""
LOWER_IS_BETTER = {"ece", "brier", "silent_otherwise", "precision_candidate"}


@dataclass(frozen=True)
class ScoredJudgments:
    """Judged pairs with the scores of one engine. All sequences are (pairs,).

    `levels`: 1–4; `groups`: groups of near-duplicate demands. `probabilities`: probability of acceptance, computed as
    `probability_source` says; if None, they come from calibrators that were fitted without the pair's group.

    By demand: `no_match_probabilities`, the probability that no achievement fits; `no_match_demands`, the demands for
    which nothing is shown.
    """

    engine: str
    scores: Sequence[float]
    levels: Sequence[int]
    demands: Sequence[Hashable]
    groups: Sequence[Hashable]
    probabilities: Sequence[float] | Floats | None = None
    probability_source: str = "as shown"
    no_match_probabilities: Mapping[Hashable, float] = field(default_factory=dict)
    no_match_demands: frozenset[Hashable] = frozenset()

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True)
class GroupedMetric:
    """A metric that is a function of sums over groups.

    `sums` (groups, n): the sums of each group; `value_of`: from sums (samples, n) to values (samples,); `number`: how
    many demands, pairs or decisions the metric is about.
    """

    sums: Floats
    value_of: Callable[[Floats], Floats]
    number: int


def evaluate(judgments: ScoredJudgments, *, resamples: int = RESAMPLES) -> dict[str, Any]:
    """Return all metrics as {"value", "low", "high", "number"} and the reliability table.

    The values are None if a metric is undefined. `number`: how many demands, pairs or decisions it is about.
    """
    grouped = _GroupedJudgments(judgments)
    weights = _bootstrap_weights(len(grouped.groups), resamples)
    return {
        "engine": judgments.engine,
        "pairs": len(judgments),
        "needs": len(grouped.demands),
        "groups": len(grouped.groups),
        "figures": {
            name: _with_interval(_values(metric, weights), metric.number, is_proportion=name in PROPORTIONS)
            for name, metric in grouped.metrics().items()
        },
        "calibrated": grouped.probability_source,
        "reliability": reliability_table(grouped.probabilities, grouped.relevant),
    }


def with_held_out_probabilities(judgments: ScoredJudgments) -> ScoredJudgments:
    """Return the judgments with the probabilities that `evaluate` uses, so that subsets are measured on the same."""
    grouped = _GroupedJudgments(judgments)
    return replace(judgments, probabilities=grouped.probabilities, probability_source=grouped.probability_source)


def compare(first: ScoredJudgments, other: ScoredJudgments, *, resamples: int = RESAMPLES) -> dict[str, dict[str, Any]]:
    """Return the metrics of `other` minus those of `first` as {"value", "low", "high", "number", "wins"}.

    `wins` is "other" or "one" (the first), whichever is better, if the interval of the difference excludes 0, otherwise
    "". Raises ValueError if the pairs differ.
    """
    if list(first.demands) != list(other.demands) or list(first.levels) != list(other.levels):
        raise ValueError("only engines with scores for the same pairs can be compared")
    grouped = _GroupedJudgments(first), _GroupedJudgments(other)
    weights = _bootstrap_weights(len(grouped[0].groups), resamples)
    first_metrics, other_metrics = (judgments.metrics() for judgments in grouped)
    report = {}
    for name in sorted(first_metrics.keys() & other_metrics.keys()):
        differences = _values(other_metrics[name], weights) - _values(first_metrics[name], weights)
        report[name] = _with_interval(differences, len(first))
        low, high = report[name]["low"], report[name]["high"]
        is_noise = low is None or low <= 0 <= high
        report[name]["wins"] = "" if is_noise else "other" if (low > 0) != (name in LOWER_IS_BETTER) else "one"
    return report


def largest_errors(judgments: ScoredJudgments, number: int = 20) -> list[dict[str, Any]]:
    """Return the pairs with the largest distance between probability and verdict.

    Each as {"row", "kind", "probability", "place"}: kind "missed" for accepted pairs, "praised" for rejected ones;
    place: rank of the pair among the judged pairs of its demand, from 1.
    """
    grouped = _GroupedJudgments(judgments)
    distance = np.abs(grouped.relevant - grouped.probabilities)
    rows = [int(row) for row in np.lexsort((np.arange(len(judgments)), -distance))[:number]]
    ranks = grouped.ranks()
    return [
        {
            "row": row,
            "kind": "missed" if grouped.relevant[row] else "praised",
            "probability": round(float(grouped.probabilities[row]), 4),
            "place": int(ranks[row]),
        }
        for row in rows
        if distance[row] > 0.5 or (grouped.relevant[row] and ranks[row] > TOP)
    ]


def reliability_table(probabilities: Floats, relevant: Floats) -> list[dict[str, Any]]:
    """Return a row for each tenth of predicted probability that has pairs.

    {"from", "to", "number", "promised" (mean probability), "kept" (share accepted), "low", "high" (Wilson interval)}.
    """
    bins = _bins(probabilities)
    table = []
    for number in range(BINS):
        chosen = bins == number
        if chosen.any():
            accepted, size = float(relevant[chosen].sum()), int(chosen.sum())
            low, high = wilson(accepted, size)
            table.append(
                {
                    "from": number / BINS,
                    "to": (number + 1) / BINS,
                    "number": size,
                    "promised": round(float(probabilities[chosen].mean()), 4),
                    "kept": round(accepted / size, 4),
                    "low": low,
                    "high": high,
                }
            )
    return table


def wilson(successes: float, size: int) -> tuple[float, float]:
    """Return the 95% score interval of a proportion (E. B. Wilson, 1927), also valid for few trials."""
    z2 = 1.96**2
    middle = (successes + z2 / 2) / (size + z2)
    half = 1.96 * math.sqrt(successes * (size - successes) / size + z2 / 4) / (size + z2)
    return round(max(middle - half, 0.0), 4), round(min(middle + half, 1.0), 4)


class _GroupedJudgments:
    """Judgments in the form in which each metric is a function of sums over groups.

    `relevant` (pairs,): 1 for accepted pairs, else 0; `group` (pairs,): position in `groups`; `demands`: (group,
    demand, rows) of each demand.
    """

    def __init__(self, judgments: ScoredJudgments):
        self.judgments = judgments
        self.scores: Floats = np.asarray(judgments.scores, float)
        self.levels: Integers = np.asarray(judgments.levels, int)
        self.relevant: Floats = (self.levels >= RELEVANT_LEVEL).astype(float)
        self.groups = sorted(set(judgments.groups), key=str)
        position = {group: number for number, group in enumerate(self.groups)}
        self.group: Integers = np.array([position[group] for group in judgments.groups], int)
        # A demand under two groups is counted as two demands.
        rows_of: dict[tuple[Hashable, Hashable], list[int]] = {}
        for row, key in enumerate(zip(judgments.groups, judgments.demands, strict=True)):
            rows_of.setdefault(key, []).append(row)
        self.demands = [(position[group], demand, np.array(rows)) for (group, demand), rows in rows_of.items()]
        self.probabilities, self.probability_source = self._probabilities()

    def metrics(self) -> dict[str, GroupedMetric]:
        metrics = {
            "ndcg@10": self._mean_over_demands(lambda rows: ndcg_at_10(self.scores[rows], self.levels[rows])),
            "auc": self._mean_over_demands(lambda rows: auc(self.scores[rows], self.levels[rows])),
            "first_good": self._mean_over_demands(self._is_first_relevant),
            f"accepted@{TOP}": self._mean_over_demands(self._precision_of_top),
            "spearman": self._spearman(),
            "ece": self._expected_calibration_error(),
            "brier": self._mean_over_pairs((self.probabilities - self.relevant) ** 2, np.ones(len(self.relevant))),
        }
        pair_levels = np.array([level_of(value) for value in self.probabilities])
        for level in LEVELS:
            metrics[f"precision_{level}"] = self._mean_over_pairs(self.relevant, pair_levels == level)
        return metrics | self._no_match_rates()

    def ranks(self) -> Integers:
        """Return the rank of each pair (pairs,) among the judged pairs of its demand, from 1."""
        ranks = np.empty(len(self.scores), int)
        for _group, _demand, rows in self.demands:
            ranks[rows[np.argsort(-self.scores[rows], kind="stable")]] = np.arange(1, len(rows) + 1)
        return ranks

    def _probabilities(self) -> tuple[Floats, str]:
        judgments = self.judgments
        if judgments.probabilities is not None:
            return np.asarray(judgments.probabilities, float), judgments.probability_source
        if has_enough_decisions(self.relevant > 0, judgments.groups):
            return cross_fitted_probabilities(self.scores, self.relevant > 0, judgments.groups), "held out"
        mean = float(self.relevant.mean()) if len(self.relevant) else 0.0
        return np.full(len(self.relevant), mean), "too few"

    def _is_first_relevant(self, rows: Integers) -> float | None:
        relevant = self.relevant[rows]
        return float(relevant[np.argmax(self.scores[rows])]) if relevant.any() else None

    def _precision_of_top(self, rows: Integers) -> float:
        top = rows[np.argsort(-self.scores[rows], kind="stable")[:TOP]]
        return float(self.relevant[top].mean())

    def _no_match_rates(self) -> dict[str, GroupedMetric]:
        """Return how often nothing is shown for demands without and with an accepted pair."""
        known = [demand for demand in self.demands if demand[1] in self.judgments.no_match_probabilities]
        if not known:
            return {}
        shown = np.array([demand in self.judgments.no_match_demands for _group, demand, _rows in known], float)
        without = np.array([not self.relevant[rows].any() for _group, _demand, rows in known], float)
        group = np.array([number for number, _demand, _rows in known], int)
        return {
            "silent_when_nothing_fits": self._ratio(group, shown * without, without),
            "silent_otherwise": self._ratio(group, shown * (1 - without), 1 - without),
        }

    def _spearman(self) -> GroupedMetric:
        """Rank correlation. Bootstrap samples keep the ranks of the whole set: ranking each sample again changes the
        third digit of the interval and takes a hundred times as long."""
        x, y = mean_ranks(self.scores), mean_ranks(self.levels)
        x, y = x - x.mean(), y - y.mean()
        columns = (np.ones(len(x)), x, y, x * x, y * y, x * y)
        sums = [np.bincount(self.group, column, len(self.groups)) for column in columns]
        return GroupedMetric(np.column_stack(sums), _correlation, len(x))

    def _expected_calibration_error(self) -> GroupedMetric:
        """Mean distance between predicted and observed rate over tenths of probability, weighted by their size."""
        key = self.group * BINS + _bins(self.probabilities)
        size = len(self.groups) * BINS
        sums = np.hstack(
            [
                np.bincount(key, values, size).reshape(-1, BINS)
                for values in (self.probabilities - self.relevant, np.ones(len(key)))
            ]
        )
        return GroupedMetric(
            sums, lambda sums: _divide(np.abs(sums[:, :BINS]).sum(axis=1), sums[:, BINS:].sum(axis=1)), len(key)
        )

    def _mean_over_demands(self, metric: Callable[[Integers], float | None]) -> GroupedMetric:
        defined = [(group, value) for group, _demand, rows in self.demands if (value := metric(rows)) is not None]
        group, values = np.array([group for group, _ in defined], int), np.array([value for _, value in defined], float)
        return self._ratio(group, values, np.ones(len(values)))

    def _mean_over_pairs(self, values: Floats, weights: Floats | Booleans) -> GroupedMetric:
        return self._ratio(self.group, values * weights, np.asarray(weights, float))

    def _ratio(self, group: Integers, numerator: Floats, denominator: Floats) -> GroupedMetric:
        sums = np.column_stack([np.bincount(group, part, len(self.groups)) for part in (numerator, denominator)])
        return GroupedMetric(sums, lambda sums: _divide(sums[:, 0], sums[:, 1]), int(denominator.sum()))


def _correlation(sums: Floats) -> Floats:
    """Pearson's correlation of sums (samples, [n, Σx, Σy, Σxx, Σyy, Σxy])."""
    n, x, y, xx, yy, xy = sums.T
    spread = np.sqrt(np.maximum(n * xx - x * x, 0) * np.maximum(n * yy - y * y, 0))
    correlation: Floats = np.divide(n * xy - x * y, spread, out=np.full(len(n), math.nan), where=spread > 1e-9)
    return correlation


def _bins(probabilities: Floats) -> Integers:
    bins: Integers = np.minimum((probabilities * BINS).astype(int), BINS - 1)
    return bins


def _bootstrap_weights(groups: int, resamples: int) -> Floats:
    """Return how often each group is drawn, (1 + resamples, groups). The first row is the whole set."""
    random = np.random.default_rng(SEED)
    weights = np.ones((1 + resamples, groups))
    if groups:
        weights[1:] = random.multinomial(groups, np.full(groups, 1 / groups), size=resamples)
    return weights


def _values(metric: GroupedMetric, weights: Floats) -> Floats:
    return metric.value_of(weights @ metric.sums)


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    quotient: Floats = np.divide(numerator, denominator, out=np.full(len(numerator), math.nan), where=denominator > 0)
    return quotient


def _with_interval(values: Floats, number: int, *, is_proportion: bool = False) -> dict[str, Any]:
    """`values`: of the whole set, then of each bootstrap sample; nan where undefined."""
    if not len(values) or math.isnan(values[0]):
        return {"value": None, "low": None, "high": None, "number": number}
    sampled = values[1:][~np.isnan(values[1:])]
    low, high = np.percentile(sampled, [2.5, 97.5]) if len(sampled) else (values[0], values[0])
    if is_proportion and values[0] in (0, 1):  # bootstrap samples of six of six have no spread
        low, high = wilson(values[0] * number, number)
    value, low, high = (round(float(x), 4) for x in (values[0], low, high))
    return {"value": value, "low": low, "high": high, "number": number}
