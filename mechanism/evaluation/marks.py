"""Means and spread of independent marks for the five values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

DISPUTED_SPREAD = 25
"""Minimum difference between the highest and the lowest mark that is reported as a disagreement."""


GRADES = ((90, "优秀"), (75, "良好"), (60, "一般"), (0, "有待完善"))
"""(lowest total, grade), best first: what may be said in public instead of the marks."""


@dataclass(frozen=True, slots=True)
class ValueSummary:
    """Marks (0–100) of one value over all experts. `deviation`: population standard deviation; `weight` in percent."""

    lowest: int
    highest: int
    mean: float
    deviation: float
    weight: int

    @property
    def is_disputed(self) -> bool:
        return self.highest - self.lowest >= DISPUTED_SPREAD


@dataclass(frozen=True, slots=True)
class MarkSummary:
    values: dict[str, ValueSummary]
    total: float
    """Weighted mean, 0–100, one decimal place."""
    totals: tuple[float, ...]
    """The weighted mark of each expert, lowest first, without names."""


def grade_of(total: float) -> str:
    """The grade of a weighted mean of 0–100."""
    return next(grade for lowest, grade in GRADES if total >= lowest)


def summarise_marks(weights: Mapping[str, int], marks: Sequence[Mapping[str, int]]) -> MarkSummary:
    """`weights`: percent per value, sum 100. `marks`: one mapping per expert. Raises ValueError without marks."""
    if not marks:
        raise ValueError("no marks")
    values = {}
    for value, weight in weights.items():
        given = [expert_marks[value] for expert_marks in marks]
        values[value] = ValueSummary(min(given), max(given), round(fmean(given), 1), round(pstdev(given), 1), weight)
    weighted = [sum(weights[value] * expert_marks[value] for value in weights) for expert_marks in marks]
    totals = sorted(round(total / 100, 1) for total in weighted)
    exact = sum(weighted) / (100 * len(marks))
    return MarkSummary(values, round(exact, 1), tuple(totals))
