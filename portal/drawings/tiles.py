"""A schematic map of districts: one tile each, in the rows and columns that the city package names. No outlines.

The tiles show about where a district lies, nothing of its border or size. Districts without a place follow the map.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from portal.drawings.cells import CellDrawing, Counts, draw_bar, draw_cells

PER_ROW = 8
MOST_CELLS = 40
BAR_THICKNESS, BAR_LENGTH = 8, 78
WIDEST = 9
"""Rows and columns that the stylesheet knows."""


@dataclass(frozen=True)
class District:
    """`row`, `column`: its place on the map from 1 on, 0 for none. `full_name` is read out where `name` is short."""

    name: str
    full_name: str
    url: str
    counts: Counts
    row: int = 0
    column: int = 0

    @property
    def count(self) -> int:
        return sum(count for _kind, count in self.counts)


@dataclass(frozen=True)
class Tile:
    district: District
    drawing: CellDrawing


@dataclass(frozen=True)
class TileMap:
    tiles: list[Tile]
    without_place: list[District]
    columns: int


def draw_tiles(districts: Iterable[District]) -> TileMap:
    districts = list(districts)
    placed = sorted((row for row in districts if row.row and row.column), key=lambda row: (row.row, row.column))
    most = max((row.count for row in placed), default=0)
    tiles = [Tile(row, _draw(row.counts, most)) for row in placed]
    columns = max((row.column for row in placed), default=0)
    return TileMap(tiles, [row for row in districts if not (row.row and row.column)], columns)


def _draw(counts: Counts, most: int) -> CellDrawing:
    if most <= MOST_CELLS:
        return draw_cells(counts, per_row=PER_ROW)
    bar = draw_bar(counts, thickness=BAR_THICKNESS, unit=BAR_LENGTH / most, to="right")
    # Each drawing is as wide as its tile: a short bar keeps the scale of the longest.
    return replace(bar, width=max(bar.width, BAR_LENGTH))
