"""How good a ranking is against graded pairs: Spearman, NDCG@10, AUC, each with an interval over groups of needs."""

from collections.abc import Hashable, Sequence

import numpy as np

SEED, RESAMPLES = 20260101, 1000


class Trial:
    """Pairs with their grades, ready to measure scorings of them; all arguments (pairs,): level 1–4, the pair's need,
    the group of near-copies its need belongs to.

    Figures: `spearman` over all pairs; `ndcg@10` mean over needs, gain 2^(level − 1) − 1, needs whose levels are all 1
    left out; `auc` mean over needs, level ≥ 3 against ≤ 2, needs without both left out. Intervals come from drawing
    whole groups anew 1,000 times, always the same draws, since near-copies are not independent.
    """

    def __init__(self, levels: Sequence[int], demands: Sequence[Hashable], groups: Sequence[Hashable]):
        self._levels = np.asarray(levels, int)
        rows_of_group: dict[Hashable, dict[Hashable, list[int]]] = {}
        for row, (demand, group) in enumerate(zip(demands, groups, strict=True)):
            rows_of_group.setdefault(group, {}).setdefault((group, demand), []).append(row)
        self._parts = [[np.array(rows) for rows in needs.values()] for needs in rows_of_group.values()]
        self._rows = [np.concatenate(needs) for needs in self._parts]
        random, size = np.random.default_rng(SEED), len(self._parts)
        self._draws = [np.arange(size), *(random.integers(size, size=size) for _ in range(RESAMPLES))] if size else []

    def measure(self, scores: Sequence[float]) -> dict[str, dict]:
        """Each figure as {"value", "low", "high", "needs"}, a 95% interval; None if it cannot be computed."""
        return {name: _with_interval(drawn) | {"needs": needs} for name, (drawn, needs) in self._drawn(scores).items()}

    def compare(self, scores: Sequence[float], others: Sequence[float]) -> dict[str, dict]:
        """By how much `scores` are better than `others`: differences of the figures, drawn in pairs, as in `measure`.

        An interval that holds 0 says: no difference was shown.
        """
        ours, theirs = self._drawn(scores), self._drawn(others)
        return {
            name: _with_interval(
                [None if None in pair else pair[0] - pair[1] for pair in zip(drawn, theirs[name][0], strict=True)]
            )
            for name, (drawn, _) in ours.items()
        }

    def _drawn(self, scores: Sequence[float]) -> dict[str, tuple[list[float | None], int]]:
        """Each figure over everything and over each draw, and over how many needs it is."""
        scores, levels = np.asarray(scores, float), self._levels
        drawn: dict[str, tuple[list[float | None], int]] = {}
        pooled = (np.concatenate([self._rows[group] for group in draw]) for draw in self._draws)
        drawn["spearman"] = [spearman(scores[rows], levels[rows]) for rows in pooled], sum(map(len, self._parts))
        for name, of in (("ndcg@10", ndcg_at_10), ("auc", auc)):
            figures = [
                [figure for rows in needs if (figure := of(scores[rows], levels[rows])) is not None]
                for needs in self._parts
            ]
            sums, counts = (np.array([by(of_group) for of_group in figures]) for by in (sum, len))
            drawn[name] = (
                [float(sums[draw].sum() / counts[draw].sum()) if counts[draw].any() else None for draw in self._draws],
                sum(map(len, figures)),
            )
        return drawn


def spearman(scores: np.ndarray, levels: np.ndarray) -> float | None:
    """Correlation of ranks, equal values sharing their mean rank. None if a side is constant."""
    one, other = _ranks(scores), _ranks(levels)
    if len(one) < 2 or one.std() == 0 or other.std() == 0:
        return None
    return float(np.corrcoef(one, other)[0, 1])


def ndcg_at_10(scores: np.ndarray, levels: np.ndarray) -> float | None:
    """Gain of the first ten, discounted by log2(place + 1), as a share of the best possible. Ties keep their order."""
    gains = 2.0 ** (levels - 1) - 1
    discounts = 1 / np.log2(np.arange(2, 12))
    best = np.sort(gains)[::-1][:10] @ discounts[: len(gains)]
    if best == 0:
        return None
    return float(gains[np.argsort(-scores, kind="stable")[:10]] @ discounts[: len(gains)] / best)


def auc(scores: np.ndarray, levels: np.ndarray) -> float | None:
    """Chance that a pair of level ≥ 3 scores above one of level ≤ 2, a tie counting half."""
    good = levels >= 3
    if good.all() or not good.any():
        return None
    goods, bads = good.sum(), (~good).sum()
    return float((_ranks(scores)[good].sum() - goods * (goods + 1) / 2) / (goods * bads))


def precision_from(scores: Sequence[float], levels: Sequence[int], minimum: float) -> dict:
    """Of the pairs scored `minimum` or more: how many, and which share has level ≥ 2 and ≥ 3 (None if none)."""
    shown = np.asarray(levels, int)[np.asarray(scores, float) >= minimum]
    share = {f"level_{level}_up": float((shown >= level).mean()) if len(shown) else None for level in (2, 3)}
    return {"from": minimum, "pairs": len(shown), **share}


def _ranks(values: np.ndarray) -> np.ndarray:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]


def _with_interval(drawn: Sequence[float | None]) -> dict:
    """From the figure over everything, followed by the figure of each draw."""
    value = drawn[0] if drawn else None
    known = [figure for figure in drawn[1:] if figure is not None] if value is not None else []
    low, high = np.percentile(known, [2.5, 97.5]) if known else (None, None)
    named = (("value", value), ("low", low), ("high", high))
    return {name: None if x is None else round(float(x), 4) for name, x in named}
