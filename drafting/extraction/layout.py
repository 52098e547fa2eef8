"""From positioned texts to lines: baselines, gaps between words and cells, columns."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from .lines import Line, clean

CELL_GAP = 0.9
"""Blank between two cells of a row, in heights of the letters."""
WORD_GAP = 0.28
MIN_COLUMN_LINES = 3
_STEP = 3.0


@dataclass(frozen=True, slots=True)
class Fragment:
    """left, right, y: in points, y downwards. size: height of the letters."""

    left: float
    right: float
    y: float
    size: float
    text: str


@dataclass(slots=True)
class Segment:
    """Texts side by side without a wide gap."""

    left: float
    right: float
    y: float
    size: float
    text: str


type Row = list[Segment]


def in_cells(fragments: Iterable[Fragment], is_label: Callable[[str], bool]) -> list[Line]:
    """Lines across the whole page, cells from left to right, for forms. A cell of several lines is one cell.

    is_label: whether a text names a field of the form; no cell goes on in a label.
    """
    merged: list[Row] = []
    bottoms: list[float] = []
    for row in _rows(fragments):
        labelled = any(is_label(segment.text) for segment in row)
        gap = row[0].y - bottoms[-1] if merged else 0.0
        if merged and not labelled and gap <= 1.9 * row[0].size and _is_below(row, merged[-1], is_label):
            _append(merged[-1], row)
            bottoms[-1] = row[0].y
        elif merged and labelled and gap <= 1.1 * row[0].size and not any(is_label(part.text) for part in merged[-1]):
            # A label in the middle of the height of its cell stands between two lines of the value.
            merged[-1] = sorted([*merged[-1], *row], key=lambda segment: segment.left)
            bottoms[-1] = row[0].y
        else:
            merged.append(row)
            bottoms.append(row[0].y)
    return _lines(merged)


def _is_below(row: Row, upper: Row, is_label: Callable[[str], bool]) -> bool:
    if not any(is_label(segment.text) for segment in upper) or len(upper) < 2:
        return False
    values = [segment for segment in upper if not is_label(segment.text)]
    return all(any(abs(part.left - segment.left) <= 0.7 * part.size for segment in values) for part in row)


def _append(upper: Row, row: Row) -> None:
    for part in row:
        cell = min(upper, key=lambda segment: abs(segment.left - part.left))
        joiner = " " if cell.text[-1:].isascii() and part.text[:1].isascii() else ""
        cell.text, cell.right = cell.text + joiner + part.text, max(cell.right, part.right)


def in_columns(fragments: Iterable[Fragment]) -> list[Line]:
    """Lines in the order of reading: of columns side by side the left one first."""
    return _ordered(_rows(fragments), depth=0)


def _rows(fragments: Iterable[Fragment]) -> list[Row]:
    rows: list[list[Fragment]] = []
    for fragment in sorted(fragments, key=lambda piece: (piece.y, piece.left)):
        if rows and abs(_baseline(rows[-1]) - fragment.y) <= 0.45 * min(fragment.size, rows[-1][0].size):
            rows[-1].append(fragment)
        else:
            rows.append([fragment])
    return [segments for row in rows if (segments := _segments(row))]


def _baseline(row: Sequence[Fragment]) -> float:
    return row[0].y


def _segments(row: Iterable[Fragment]) -> Row:
    segments: Row = []
    before: Fragment | None = None
    for piece in sorted(row, key=lambda piece: piece.left):
        last = segments[-1] if segments else None
        if not piece.text.strip():
            if last is not None and piece.left - last.right < piece.size:
                last.text += " "
            continue
        if before is not None and before.text == piece.text and piece.left - before.left < 0.25 * piece.size:
            continue  # printed twice to look bold
        before = piece
        gap = piece.left - last.right if last else 0.0
        if last is None or gap > CELL_GAP * max(piece.size, last.size):
            segments.append(Segment(piece.left, piece.right, piece.y, piece.size, piece.text))
            continue
        last.text += (" " if gap > WORD_GAP * piece.size else "") + piece.text
        last.right, last.size = max(last.right, piece.right), max(last.size, piece.size)
    for segment in segments:
        segment.text = clean(segment.text)
    return [segment for segment in segments if segment.text]


def _lines(rows: Sequence[Row]) -> list[Line]:
    margin = max((row[-1].right for row in rows), default=0.0)
    start = min((row[0].left for row in rows), default=0.0)
    return [
        Line(
            tuple(segment.text for segment in row),
            0,
            0,
            round(max(segment.size for segment in row), 1),
            0,
            row[-1].right - start >= 0.85 * (margin - start),
        )
        for row in rows
    ]


# --- Columns ---------------------------------------------------------------------------------------------------------
def _ordered(rows: list[Row], depth: int) -> list[Line]:
    """The lines with those of each block of columns one column after the other."""
    block = _widest_block(rows) if depth < 3 else None
    if block is None:
        return _lines(rows)
    start, end, gutter = block
    left = [[segment for segment in row if segment.right <= gutter] for row in rows[start:end]]
    right = [[segment for segment in row if segment.left >= gutter] for row in rows[start:end]]
    parts = (rows[:start], [row for row in left if row], [row for row in right if row], rows[end:])
    return [line for part in parts for line in _ordered(part, depth + 1)]


def _widest_block(rows: list[Row]) -> tuple[int, int, float] | None:
    """(first row, row after the last, x of the gutter) of the longest block of rows with columns; None without one."""
    segments = [segment for row in rows for segment in row]
    if len(rows) < MIN_COLUMN_LINES or not segments:
        return None
    low, high = min(segment.left for segment in segments), max(segment.right for segment in segments)
    best: tuple[int, int, float] | None = None
    x = low + 0.2 * (high - low)
    while x < low + 0.8 * (high - low):
        for start, end in _runs(rows, x):
            if best is None or end - start > best[1] - best[0]:
                best = (start, end, x)
        x += _STEP
    return best


def _runs(rows: list[Row], x: float) -> Iterable[tuple[int, int]]:
    """Blocks of rows that leave x free and have lines on both sides."""
    start = None
    for place in range(len(rows) + 1):
        crossed = place == len(rows) or any(segment.left < x < segment.right for segment in rows[place])
        if not crossed:
            start = place if start is None else start
        elif start is not None:
            if run := _trimmed(rows, start, place, x):
                yield run
            start = None


def _trimmed(rows: list[Row], start: int, end: int, x: float) -> tuple[int, int] | None:
    """The block without rows at its ends that have one side only, except where the column simply goes on."""
    has_right = [any(segment.left >= x for segment in row) for row in rows]
    has_left = [any(segment.right <= x for segment in row) for row in rows]
    while start < end and not has_right[start]:
        start += 1
    while start < end and not (has_left[start] or (start + 1 < end and has_left[start + 1])):
        start += 1
    last = end
    while last > start and not has_right[last - 1]:
        last -= 1
    gaps = [lower[0].y - upper[0].y for upper, lower in pairwise(rows[start:last])]
    usual = median(gaps) if gaps else 0.0
    while last < end and rows[last][0].y - rows[last - 1][0].y <= 1.25 * usual and not _begins_item(rows[last]):
        last += 1
    left = sum(has_left[start:last])
    right = sum(has_right[start:last])
    return (start, last) if min(left, right) >= MIN_COLUMN_LINES else None


def _begins_item(row: Row) -> bool:
    text = row[0].text.lstrip("(（[［")
    return text[:2] in {"54", "57"}
