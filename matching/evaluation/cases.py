"""Judged pairs, from wherever they come, ready to be put before any engine."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matching.engine.report import Judged


@dataclass(frozen=True, slots=True)
class Case:
    """One judged pair. `level` 1–4: from 3 on staff accept it. `group`: needs that are near-copies share one.

    `parts` names what it belongs to (round, district, industry), under words for people; `match`: its row, if any.
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
class Cases:
    """`ask` puts them before an engine: its name → Judged, pairs in the order of `rows`."""

    name: str
    rows: Sequence[Case]
    ask: "Callable[[str], Judged]"

    def __len__(self) -> int:
        return len(self.rows)


def some(judged: "Judged", chosen: Iterable[int]) -> "Judged":
    """The same answers for some of the pairs, given by row."""
    chosen = list(chosen)

    def pick(values):
        return [values[row] for row in chosen]

    demands = pick(judged.demands)
    return replace(
        judged,
        scores=pick(judged.scores),
        levels=pick(judged.levels),
        demands=demands,
        groups=pick(judged.groups),
        probabilities=None if judged.probabilities is None else pick(judged.probabilities),
        silence={demand: judged.silence[demand] for demand in set(demands) & judged.silence.keys()},
        silent=judged.silent & set(demands),
    )


def by_part(rows: Sequence[Case], part: str) -> dict[str, list[int]]:
    """{value of this part: rows}, the largest first; rows that say nothing stand under an empty name."""
    found: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        found.setdefault(row.parts.get(part, ""), []).append(number)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))
