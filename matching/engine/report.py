"""All figures about a matching that people have judged, and whether one engine is really better than another.

Intervals come from drawing whole groups of near-copies anew; two engines are compared on the same draws.
"""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from matching.engine.likelihood import LEVELS, cross_fitted, enough, level_of
from matching.engine.measures import auc, ndcg_at_10

SEED, RESAMPLES = 20260101, 1000
BINS = 10
GOOD = 3
"""From this level of 1–4 on a pair is one that staff accept."""
FIRST = 5
SHARES = {"first_good", *(f"precision_{level}" for level in LEVELS), "silent_when_nothing_fits", "silent_otherwise"}
"""Figures that are so many of so many, yes or no."""
LOWER_IS_BETTER = {"ece", "brier", "silent_otherwise", "precision_low"}


@dataclass(frozen=True)
class Judged:
    """Pairs that people judged, as one engine sees them; all sequences (pairs,).

    `levels` 1–4; `groups`: needs that are near-copies of each other share one. `probabilities`: that staff accept, as
    it was shown or as `calibrated` says; without them they come from scales that have not seen the pair's group.
    `silence`: of each need, the probability that nothing fits; `silent`: the needs where 暂无高匹配 is said;
    `standings`: what that comes from.
    """

    engine: str
    scores: Sequence[float]
    levels: Sequence[int]
    demands: Sequence[Hashable]
    groups: Sequence[Hashable]
    probabilities: Sequence[float] | None = None
    calibrated: str = "as shown"
    silence: dict[Hashable, float] = field(default_factory=dict)
    silent: frozenset = frozenset()
    standings: dict = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True)
class Figure:
    """`parts`: what is added up over groups, (groups, n); `of`: the value (draws,) of such sums (draws, n)."""

    parts: np.ndarray
    of: Callable[[np.ndarray], np.ndarray]
    number: int


def evaluate(judged: Judged, *, resamples: int = RESAMPLES) -> dict:
    """Every figure as {"value", "low", "high", "number"}, None where it cannot be computed, and the reliability table.

    `number`: how many needs, pairs or decisions it is about. 95% intervals.
    """
    view = _View(judged)
    weights = _draws(len(view.groups), resamples)
    report = {"engine": judged.engine, "pairs": len(judged), "needs": len(view.needs), "groups": len(view.groups)}
    report["figures"] = {
        name: _with_interval(_values(figure, weights), figure.number, is_share=name in SHARES)
        for name, figure in view.figures().items()
    }
    report["calibrated"] = view.calibration
    report["reliability"] = view.reliability()
    return report


def held_out(judged: Judged) -> Judged:
    """With the probabilities that `evaluate` would give it: parts of it are then measured on the same ones."""
    view = _View(judged)
    return replace(judged, probabilities=view.probabilities, calibrated=view.calibration)


def compare(one: Judged, other: Judged, *, resamples: int = RESAMPLES) -> dict:
    """Figures of `other` minus those of `one` over the same pairs: {"value", "low", "high", "wins"}.

    `wins` is "other" or "one", whichever is better, where the interval of the difference leaves out 0; within the noise
    it is empty.
    """
    if list(one.demands) != list(other.demands) or list(one.levels) != list(other.levels):
        raise ValueError("only engines that were asked about the same pairs can be compared")
    views = _View(one), _View(other)
    weights = _draws(len(views[0].groups), resamples)
    figures = [view.figures() for view in views]
    values = {
        name: _values(figures[1][name], weights) - _values(figures[0][name], weights)
        for name in figures[0].keys() & figures[1].keys()
    }
    report = {}
    for name in sorted(values):
        difference = _with_interval(values[name], len(one))
        low, high = difference["low"], difference["high"]
        is_noise = low is None or low <= 0 <= high
        difference["wins"] = "" if is_noise else "other" if (low > 0) != (name in LOWER_IS_BETTER) else "one"
        report[name] = difference
    return report


def worst(judged: Judged, number: int = 20) -> list[dict]:
    """Where the engine was furthest off: rows of good pairs it thought little of and of bad ones it praised.

    Each {"row", "kind": "missed" | "praised", "probability", "place"}: the place of the pair among those of its need.
    """
    view = _View(judged)
    distance = np.abs(view.good - view.probabilities)
    rows = [int(row) for row in np.lexsort((np.arange(len(judged)), -distance))[:number]]
    places = view.places()
    return [
        {
            "row": row,
            "kind": "missed" if view.good[row] else "praised",
            "probability": round(float(view.probabilities[row]), 4),
            "place": int(places[row]),
        }
        for row in rows
        if distance[row] > 0.5 or (view.good[row] and places[row] > FIRST)
    ]


class _View:
    """One judged set in the form in which everything is a sum over groups."""

    def __init__(self, judged: Judged):
        self.scores = np.asarray(judged.scores, float)
        self.levels = np.asarray(judged.levels, int)
        self.good = (self.levels >= GOOD).astype(float)
        self.judged = judged
        # A need belongs to its group; the same need under two groups would be two needs.
        self.groups = sorted(set(judged.groups), key=str)
        place = {group: number for number, group in enumerate(self.groups)}
        self.group = np.array([place[group] for group in judged.groups], int)
        rows: dict[tuple, list[int]] = {}
        for row, key in enumerate(zip(judged.groups, judged.demands, strict=True)):
            rows.setdefault(key, []).append(row)
        self.needs = [(place[group], demand, np.array(found)) for (group, demand), found in rows.items()]
        self.probabilities, self.calibration = self._probabilities()

    def figures(self) -> dict[str, Figure]:
        found = {
            "ndcg@10": self._over_needs(lambda rows: ndcg_at_10(self.scores[rows], self.levels[rows])),
            "auc": self._over_needs(lambda rows: auc(self.scores[rows], self.levels[rows])),
            "first_good": self._over_needs(self._first_good),
            f"accepted@{FIRST}": self._over_needs(self._accepted_first),
            "spearman": self._spearman(),
            "ece": self._ece(),
            "brier": self._over_pairs((self.probabilities - self.good) ** 2, np.ones(len(self.good))),
        }
        words = np.array([level_of(value) for value in self.probabilities])
        for level in LEVELS:
            found[f"precision_{level}"] = self._over_pairs(self.good, words == level)
        return found | self._silences()

    def _spearman(self) -> Figure:
        """The correlation of ranks. A draw keeps the ranks of the whole set: ranking each anew changes the third digit
        of an interval and takes a hundred times as long."""
        x, y = (_ranks(side) for side in (self.scores, self.levels.astype(float)))
        x, y = x - x.mean(), y - y.mean()
        parts = [
            np.bincount(self.group, value, len(self.groups)) for value in (np.ones(len(x)), x, y, x * x, y * y, x * y)
        ]
        return Figure(np.column_stack(parts), _correlation, len(x))

    def reliability(self) -> list[dict]:
        """Per tenth of probability that was promised: number, mean promised, share kept, 95% interval (Wilson)."""
        place = _bins(self.probabilities)
        table = []
        for number in range(BINS):
            chosen = place == number
            if chosen.any():
                kept, size = float(self.good[chosen].sum()), int(chosen.sum())
                low, high = wilson(kept, size)
                table.append(
                    {
                        "from": number / BINS,
                        "to": (number + 1) / BINS,
                        "number": size,
                        "promised": round(float(self.probabilities[chosen].mean()), 4),
                        "kept": round(kept / size, 4),
                        "low": low,
                        "high": high,
                    }
                )
        return table

    def places(self) -> np.ndarray:
        """The place of each pair among the judged pairs of its need, from 1."""
        places = np.empty(len(self.scores), int)
        for _group, _demand, rows in self.needs:
            places[rows[np.argsort(-self.scores[rows], kind="stable")]] = np.arange(1, len(rows) + 1)
        return places

    def _probabilities(self) -> tuple[np.ndarray, str]:
        judged = self.judged
        if judged.probabilities is not None:
            return np.asarray(judged.probabilities, float), judged.calibrated
        if enough(self.good > 0, judged.groups):
            return cross_fitted(self.scores, self.good > 0, judged.groups), "held out"
        mean = float(self.good.mean()) if len(self.good) else 0.0
        return np.full(len(self.good), mean), "too few"

    def _first_good(self, rows: np.ndarray) -> float | None:
        good = self.good[rows]
        return float(good[np.argmax(self.scores[rows])]) if good.any() else None

    def _accepted_first(self, rows: np.ndarray) -> float:
        first = rows[np.argsort(-self.scores[rows], kind="stable")[:FIRST]]
        return float(self.good[first].mean())

    def _silences(self) -> dict[str, Figure]:
        """Of needs without, and with, a good pair: the share that is told 暂无高匹配."""
        known = [need for need in self.needs if need[1] in self.judged.silence]
        if not known:
            return {}
        silent = np.array([demand in self.judged.silent for _group, demand, _rows in known], float)
        nothing = np.array([not self.good[rows].any() for _group, _demand, rows in known], float)
        group = np.array([number for number, _demand, _rows in known], int)
        return {
            "silent_when_nothing_fits": self._ratio(group, silent * nothing, nothing),
            "silent_otherwise": self._ratio(group, silent * (1 - nothing), 1 - nothing),
        }

    def _over_needs(self, of) -> Figure:
        found = [(group, figure) for group, _demand, rows in self.needs if (figure := of(rows)) is not None]
        group, values = np.array([g for g, _f in found], int), np.array([f for _g, f in found], float)
        return self._ratio(group, values, np.ones(len(values)))

    def _over_pairs(self, value: np.ndarray, counts: np.ndarray) -> Figure:
        return self._ratio(self.group, value * counts, np.asarray(counts, float))

    def _ratio(self, group: np.ndarray, above: np.ndarray, below: np.ndarray) -> Figure:
        parts = np.column_stack([np.bincount(group, part, len(self.groups)) for part in (above, below)])
        return Figure(parts, lambda sums: _divide(sums[:, 0], sums[:, 1]), int(below.sum()))

    def _ece(self) -> Figure:
        """Expected calibration error: the mean distance of promised and kept over tenths, weighted by their size."""
        key = self.group * BINS + _bins(self.probabilities)
        size = len(self.groups) * BINS
        parts = np.hstack(
            [
                np.bincount(key, values, size).reshape(-1, BINS)
                for values in (self.probabilities - self.good, np.ones(len(key)))
            ]
        )
        return Figure(
            parts, lambda sums: _divide(np.abs(sums[:, :BINS]).sum(axis=1), sums[:, BINS:].sum(axis=1)), len(key)
        )


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, equal values sharing their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def _correlation(sums: np.ndarray) -> np.ndarray:
    """Pearson's of (draws, [n, Σx, Σy, Σxx, Σyy, Σxy])."""
    n, x, y, xx, yy, xy = sums.T
    spread = np.sqrt(np.maximum(n * xx - x * x, 0) * np.maximum(n * yy - y * y, 0))
    return np.divide(n * xy - x * y, spread, out=np.full(len(n), math.nan), where=spread > 1e-9)


def wilson(kept: float, size: int) -> tuple[float, float]:
    """95% interval of a share (E. B. Wilson 1927): sensible also for few and for none."""
    z2 = 1.96**2
    middle = (kept + z2 / 2) / (size + z2)
    half = 1.96 * math.sqrt(kept * (size - kept) / size + z2 / 4) / (size + z2)
    return round(max(middle - half, 0.0), 4), round(min(middle + half, 1.0), 4)


def _bins(probabilities: np.ndarray) -> np.ndarray:
    return np.minimum((probabilities * BINS).astype(int), BINS - 1)


def _draws(groups: int, resamples: int) -> np.ndarray:
    """How often each group is drawn: first once each (the set itself), then `resamples` draws. (1 + draws, groups)."""
    random = np.random.default_rng(SEED)
    weights = np.ones((1 + resamples, groups))
    if groups:
        weights[1:] = random.multinomial(groups, np.full(groups, 1 / groups), size=resamples)
    return weights


def _values(figure: Figure, weights: np.ndarray) -> np.ndarray:
    return figure.of(weights @ figure.parts)


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    return np.divide(above, below, out=np.full(len(above), math.nan), where=below > 0)


def _with_interval(values: np.ndarray, number: int, *, is_share: bool = False) -> dict:
    """`values`: of the set itself, then of each draw; nan where nothing could be computed. `is_share`: so many of
    `number`."""
    if not len(values) or math.isnan(values[0]):
        return {"value": None, "low": None, "high": None, "number": number}
    drawn = values[1:][~np.isnan(values[1:])]
    low, high = np.percentile(drawn, [2.5, 97.5]) if len(drawn) else (values[0], values[0])
    if is_share and values[0] in (0, 1):  # six of six, drawn anew however often, stay six of six
        low, high = wilson(values[0] * number, number)
    value, low, high = (round(float(x), 4) for x in (values[0], low, high))
    return {"value": value, "low": low, "high": high, "number": number}
