"""A skyline: columns with what is offered above a line and what is needed below it, a cell for each row.

Beyond MOST_CELLS rows in a column all columns become bars of one scale. The page writes each number beside its drawing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from portal.drawings.cells import CellDrawing, Counts, draw_bar, draw_column
from taxonomy.models import MaturityBucket

PER_ROW = 5
MOST_CELLS = 120
BAR_HEIGHT, LYING_LENGTH, BAR_THICKNESS = 160, 260, 16
"""Units: the longest bar of a skyline; the longest of a table and its thickness."""
TRANSFERRED, UNSTATED = "sq-transferred", "sq-unstated"
OPEN, CHALLENGE, SOLVED = "sq-open", "sq-challenge", "sq-solved"
OFFERED = (*(f"sq-{bucket}" for bucket in reversed(MaturityBucket.values)), UNSTATED, TRANSFERRED)
"""Kinds of offers from the line upwards: the most mature stand nearest to it."""
NEEDED = (OPEN, CHALLENGE, SOLVED)
LABELS = {
    **{f"sq-{bucket}": str(MaturityBucket(bucket).label) for bucket in reversed(MaturityBucket.values)},
    UNSTATED: "没有填成熟度",
    TRANSFERRED: "已转化",
    OPEN: "需求，还在找",
    CHALLENGE: "需求，已张榜",
    SOLVED: "需求，已解决",
}


@dataclass(frozen=True)
class Column:
    """What one column stands for. Empty addresses: the page shows the number without a link."""

    name: str
    url: str
    offered: Counts
    needed: Counts
    offered_url: str = ""
    needed_url: str = ""

    @property
    def offered_count(self) -> int:
        return sum(count for _kind, count in self.offered)

    @property
    def needed_count(self) -> int:
        return sum(count for _kind, count in self.needed)


@dataclass(frozen=True)
class DrawnColumn:
    column: Column
    above: CellDrawing
    below: CellDrawing


@dataclass(frozen=True)
class Skyline:
    """`legend`: (CSS class, label) of the kinds that occur. `is_bars`: lengths stand for numbers, not cells."""

    columns: Sequence[DrawnColumn]
    legend: Sequence[tuple[str, str]]
    is_bars: bool


def draw_skyline(columns: Iterable[Column]) -> Skyline:
    columns = list(columns)
    most = max((max(column.offered_count, column.needed_count) for column in columns), default=0)
    draw = partial(draw_column, most=most, most_cells=MOST_CELLS, per_row=PER_ROW, length=BAR_HEIGHT)
    drawn = [DrawnColumn(column, draw(column.offered, upwards=True), draw(column.needed)) for column in columns]
    legend = _legend(counts for column in columns for counts in (column.offered, column.needed))
    return Skyline(drawn, legend, most > MOST_CELLS)


@dataclass(frozen=True)
class LyingBars:
    """One bar for each line of a table, all of one scale."""

    drawings: list[CellDrawing]
    legend: Sequence[tuple[str, str]]


def draw_lying_bars(lines: Sequence[Counts]) -> LyingBars:
    most = max((sum(count for _kind, count in counts) for counts in lines), default=0) or 1
    draw = partial(draw_bar, thickness=BAR_THICKNESS, unit=LYING_LENGTH / most, to="right")
    return LyingBars([draw(counts) for counts in lines], _legend(lines))


def _legend(lines: Iterable[Counts]) -> list[tuple[str, str]]:
    """(CSS class, label) of the kinds that occur."""
    kinds = {kind for counts in lines for kind, count in counts if count}
    return [(kind, label) for kind, label in LABELS.items() if kind in kinds]
