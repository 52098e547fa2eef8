"""One cell for each row of a register, in rows of equal length: the pieces of the skyline and of the tile map."""

from collections.abc import Iterable
from dataclasses import dataclass

CELL, STEP = 8, 10
"""Side of a cell and distance from one cell to the next, in units of the drawing."""
INSET = frozenset({"sq-concept", "sq-lab", "sq-unstated", "sq-open", "sq-free", "sq-late"})
"""Kinds that are outlined: their path lies half a border further inside."""
Counts = tuple[tuple[str, int], ...]
"""(CSS class of a kind, number of rows), in drawing order."""


@dataclass(frozen=True)
class CellDrawing:
    """`width` and `height` in units; `paths`: (CSS class, path data), one for each kind."""

    width: int
    height: int
    paths: tuple[tuple[str, str], ...]


def draw_cells(counts: Iterable[tuple[str, int]], *, per_row: int, upwards: bool = False) -> CellDrawing:
    """Cells in rows of `per_row`, from the left; the first row at the top, or at the bottom if `upwards`."""
    kinds = [kind for kind, count in counts for _ in range(count)]
    rows = -(-len(kinds) // per_row)
    paths: dict[str, str] = {}
    for place, kind in enumerate(kinds):
        row, column = divmod(place, per_row)
        inset = 1 if kind in INSET else 0
        side = CELL - 2 * inset
        x, y = column * STEP + inset, (rows - 1 - row if upwards else row) * STEP + inset
        paths[kind] = paths.get(kind, "") + f"M{x} {y}h{side}v{side}h-{side}z"
    return CellDrawing(per_row * STEP - STEP + CELL, max(rows * STEP - STEP + CELL, 0), tuple(paths.items()))


def draw_bar(counts: Iterable[tuple[str, int]], *, thickness: int, unit: float, to: str) -> CellDrawing:
    """A bar with `unit` for each row, divided by kind: for so many rows that cells would be too small to see.

    `to`: "up", "down" or "right", the side to which it grows.
    """
    parts = [(kind, max(round(count * unit), 1)) for kind, count in counts if count]
    total, at, paths = sum(length for _kind, length in parts), 0, []
    for kind, length in parts:
        begin = total - at - length if to == "up" else at
        inset = 1 if kind in INSET and length > 2 else 0
        along, across = length - 2 * inset, thickness - 2 * inset
        x, y, width, height = (
            (begin + inset, inset, along, across) if to == "right" else (inset, begin + inset, across, along)
        )
        paths.append((kind, f"M{x} {y}h{width}v{height}h-{width}z"))
        at += length
    width, height = (total, thickness) if to == "right" else (thickness, total)
    return CellDrawing(width, height, tuple(paths))


def draw_column(
    counts: Counts, *, most: int, most_cells: int, per_row: int, length: int, upwards: bool = False
) -> CellDrawing:
    """Cells, or a bar if one of the columns beside each other, of at most `most` rows, has more than `most_cells`."""
    if most <= most_cells:
        return draw_cells(counts, per_row=per_row, upwards=upwards)
    thickness = per_row * STEP - STEP + CELL
    return draw_bar(counts, thickness=thickness, unit=length / most, to="up" if upwards else "down")
