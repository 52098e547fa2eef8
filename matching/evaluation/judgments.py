"""Judged pairs from any source, ready to be scored by any engine."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matching.engine.evaluation_report import ScoredJudgments


@dataclass(frozen=True, slots=True)
class Judgment:
    """One judged pair.

    `level`: 1–4, staff accept from 3 on; `group`: group of near-duplicate demands; `parts`: subsets that the pair
    belongs to, {label: value} (round, district, industry); `match`: primary key of the match, if there is one.
    """

    demand: str | int
    achievement: str | int
    group: str | int
    level: int
    demand_title: str
    achievement_title: str
    reason: str = ""
    parts: dict[str, str] = field(default_factory=dict)
    match: int | None = None


@dataclass(frozen=True)
class JudgmentSet:
    """Judgments with a function that scores them: name of an engine → ScoredJudgments in the order of `rows`."""

    name: str
    rows: Sequence[Judgment]
    score_with: "Callable[..., ScoredJudgments]"

    def __len__(self) -> int:
        return len(self.rows)


def subset(judgments: "ScoredJudgments", rows: Iterable[int]) -> "ScoredJudgments":
    """Return the given rows of scored judgments."""
    rows = list(rows)

    def select(values):
        return [values[row] for row in rows]

    demands = select(judgments.demands)
    known = set(demands) & judgments.no_match_probabilities.keys()
    return replace(
        judgments,
        scores=select(judgments.scores),
        levels=select(judgments.levels),
        demands=demands,
        groups=select(judgments.groups),
        probabilities=None if judgments.probabilities is None else select(judgments.probabilities),
        no_match_probabilities={demand: judgments.no_match_probabilities[demand] for demand in known},
        no_match_demands=judgments.no_match_demands & set(demands),
    )


def group_by_part(rows: Sequence[Judgment], part: str) -> dict[str, list[int]]:
    """Return {value of the part: rows}, the largest first. Rows without the part have the value ""."""
    groups: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        groups.setdefault(row.parts.get(part, ""), []).append(number)
    return dict(sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])))
