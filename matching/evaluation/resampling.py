"""95% intervals of any figure by bootstrap over groups, for figures that are no sums over groups."""

import random
from collections.abc import Callable, Sequence

SEED, RESAMPLES = 20260101, 1000

type Interval = dict[str, float | int | None]


def with_interval[T](
    groups: Sequence[Sequence[T]], figure: Callable[[list[T]], float | None], resamples: int = RESAMPLES
) -> Interval:
    """Return {"value", "low", "high", "number"} of `figure` over all rows; groups are drawn with replacement.

    The values are None where the figure is undefined. `number`: rows of all groups.
    """
    rows = [row for group in groups for row in group]
    value = figure(rows)
    if value is None:
        return {"value": None, "low": None, "high": None, "number": len(rows)}
    draw = random.Random(SEED)  # noqa: S311 reproducible, no secret
    sampled = []
    for _ in range(resamples):
        drawn = [row for group in draw.choices(groups, k=len(groups)) for row in group]
        if (again := figure(drawn)) is not None:
            sampled.append(again)
    sampled.sort()
    low, high = (sampled[min(int(share * len(sampled)), len(sampled) - 1)] for share in (0.025, 0.975))
    return {"value": round(value, 4), "low": round(low, 4), "high": round(high, 4), "number": len(rows)}


def share_with_interval(successes: int, number: int) -> Interval:
    """Return a proportion with its Wilson interval."""
    from matching.engine.evaluation_report import wilson  # imports NumPy

    if not number:
        return {"value": None, "low": None, "high": None, "number": 0}
    low, high = wilson(successes, number)
    return {"value": round(successes / number, 4), "low": low, "high": high, "number": number}
