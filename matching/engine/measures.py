"""How good a ranking is against graded pairs: Spearman, NDCG@10, AUC, each with an interval over groups of needs."""

from collections.abc import Hashable, Sequence

import numpy as np

SEED, RESAMPLES = 20260101, 1000


def measure(
    scores: Sequence[float], levels: Sequence[int], demands: Sequence[Hashable], groups: Sequence[Hashable]
) -> dict[str, dict]:
    """Figures of one scoring, all arguments (pairs,): score, level 1–4, the pair's need, the group of near-copies.

    `spearman` over all pairs; `ndcg@10` mean over needs, gain 2^(level − 1) − 1, needs whose levels are all 1 left
    out; `auc` mean over needs, level ≥ 3 against ≤ 2, needs without both left out. Each as {"value", "low", "high",
    "needs"}: the 95% interval comes from drawing whole groups anew 1,000 times, since near-copies are not independent.
    A figure that cannot be computed is None.
    """
    scores, levels = np.asarray(scores, float), np.asarray(levels, int)
    rows_of_group: dict[Hashable, dict[Hashable, list[int]]] = {}
    for row, (demand, group) in enumerate(zip(demands, groups, strict=True)):
        rows_of_group.setdefault(group, {}).setdefault((group, demand), []).append(row)
    parts = [[np.array(rows) for rows in needs.values()] for needs in rows_of_group.values()]
    ndcgs, aucs = (
        [[figure for rows in needs if (figure := of(scores[rows], levels[rows])) is not None] for needs in parts]
        for of in (ndcg_at_10, auc)
    )
    rows_per_group = [np.concatenate(needs) for needs in parts]
    random = np.random.default_rng(SEED)
    draws = [random.integers(len(parts), size=len(parts)) for _ in range(RESAMPLES)] if parts else []

    def pooled(chosen):
        rows = np.concatenate([rows_per_group[group] for group in chosen])
        return spearman(scores[rows], levels[rows])

    everything = range(len(parts))
    report = {"spearman": _with_interval(pooled, everything, draws, len(set(demands)))}
    for name, figures in (("ndcg@10", ndcgs), ("auc", aucs)):

        def mean(chosen, figures=figures):
            drawn = [figure for group in chosen for figure in figures[group]]
            return float(np.mean(drawn)) if drawn else None

        report[name] = _with_interval(mean, everything, draws, sum(map(len, figures)))
    return report


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


def _with_interval(of, everything, draws, needs: int) -> dict:
    value = of(everything) if len(everything) else None
    drawn = [figure for draw in draws if (figure := of(draw)) is not None] if value is not None else []
    low, high = np.percentile(drawn, [2.5, 97.5]) if drawn else (None, None)
    return {
        name: None if x is None else round(float(x), 4) for name, x in (("value", value), ("low", low), ("high", high))
    } | {"needs": needs}
