"""Means and spread of independent marks by the five values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

SPREAD_WIDE = 25
"""From this distance between the highest and the lowest mark on, experts disagree and it is said."""


@dataclass(frozen=True, slots=True)
class ValueSummary:
    """Marks 0–100 of one value: lowest, highest, mean, standard deviation over the experts asked."""

    lowest: int
    highest: int
    mean: float
    deviation: float
    weight: int

    @property
    def is_disputed(self) -> bool:
        return self.highest - self.lowest >= SPREAD_WIDE


@dataclass(frozen=True, slots=True)
class Summary:
    values: dict[str, ValueSummary]
    total: float
    """Weighted mean, 0–100, one place."""
    totals: tuple[float, ...]
    """Each expert's own weighted mark, lowest first: without names."""


def summary(weights: Mapping[str, int], marks: Sequence[Mapping[str, int]]) -> Summary:
    """`weights`: percent by value, together 100. `marks`: one mapping per expert. Raises ValueError without marks."""
    if not marks:
        raise ValueError("no marks")
    values = {}
    for value, weight in weights.items():
        given = [one[value] for one in marks]
        values[value] = ValueSummary(min(given), max(given), round(fmean(given), 1), round(pstdev(given), 1), weight)
    totals = sorted(round(sum(weights[value] * one[value] for value in weights) / 100, 1) for one in marks)
    exact = sum(weights[value] * one[value] for value in weights for one in marks) / (100 * len(marks))
    return Summary(values, round(exact, 1), tuple(totals))
