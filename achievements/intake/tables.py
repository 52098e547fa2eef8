"""What a table needs before its rows are read: a unit above it, columns without a header, two columns of one amount,
the same header again with its columns in another order."""

import re
from collections.abc import Iterable

from achievements.intake.headers import HeaderIndex
from achievements.intake.layout import ColumnMatch, Layout
from sheets.cells import RawCell, as_text, clean_text, is_blank
from sheets.grid import Grid

_UNIT = re.compile(r"(?:金额|价格|货币|计量)?单位\s*[:：为]?\s*(?:人民币)?\s*[（(]?(亿元|万元|千元|元)")
_LOW, _HIGH = (
    frozenset({"下限", "最低", "最低价", "起", "从", "min"}),
    frozenset({"上限", "最高", "最高价", "止", "至", "max"}),
)
_MONEY = frozenset({"price", "funds_needed"})
_SEARCHED = 200
_NO_HEADER = "（没有列名）"


def prepare(grid: Grid, layout: Layout, index: HeaderIndex) -> None:
    """Change `layout` and `grid` in place."""
    _unit_above(grid, layout)
    _join_bounds(grid, layout)
    _order_repeated(grid, layout, index)
    _add_headerless(grid, layout)


def _data_rows(grid: Grid, layout: Layout) -> Iterable[int]:
    return (number for number in sorted(grid.rows) if number > layout.last)


def _text(value: RawCell) -> str:
    return clean_text(value[:60], multiline=False) if isinstance(value, str) else ""


def _unit_above(grid: Grid, layout: Layout) -> None:
    """ "金额单位：元" above the table holds for amounts whose header has no unit."""
    for number in sorted(grid.rows):
        if number >= layout.first:
            return
        for value in grid.rows[number].values():
            if isinstance(value, str) and len(value) < 200 and (match := _UNIT.search(value)):
                for column in layout.columns.values():
                    if column.key in _MONEY and not column.unit:
                        column.unit = match[1]


def _join_bounds(grid: Grid, layout: Layout) -> None:
    """Two columns 下限 and 上限 below one header of an amount become one cell: "50-80"."""
    for at, column in list(layout.columns.items()):
        low, high = column, layout.columns.get(at + 1)
        if high is None or not (_ends(low.header, _LOW) and _ends(high.header, _HIGH)) or low.key not in _MONEY:
            continue
        for number in _data_rows(grid, layout):
            cells = grid.rows[number]
            first, second = cells.get(at), cells.pop(at + 1, None)
            if is_blank(second):
                continue
            if is_blank(first):
                cells[at] = f"不超过{as_text(second)}"
            else:
                cells[at] = as_text(first) if first == second else f"{as_text(first)}-{as_text(second)}"
        low.header = low.header.rpartition("/")[0] or low.header
        del layout.columns[at + 1]


def _ends(header: str, words: frozenset[str]) -> bool:
    return header.rpartition("/")[2].casefold() in words


def _order_repeated(grid: Grid, layout: Layout, index: HeaderIndex) -> None:
    """Below the same headers in another order the cells are moved to the columns of the first header."""
    names = {match.header.rpartition("/")[2]: at for at, match in layout.columns.items()}
    moves: dict[int, int] = {}
    for number in _data_rows(grid, layout):
        cells = grid.rows[number]
        texts = {at: text for at, value in cells.items() if (text := _text(value)) in names}
        if len(texts) >= 4 and len(texts) * 2 > len(cells):
            moves = {at: names[text] for at, text in texts.items() if names[text] != at}
            unknown = {at: _text(value) for at, value in cells.items() if at not in texts and _text(value)}
            for at, text in unknown.items():  # a column that the first table does not have
                moves[at] = _new_column(layout, text, index)
                names[text] = moves[at]
            if moves:
                grid.rows[number] = {moves.get(at, at): value for at, value in cells.items()}
        elif moves:
            grid.rows[number] = {moves.get(at, at): value for at, value in cells.items()}


def _new_column(layout: Layout, text: str, index: HeaderIndex) -> int:
    at = max(layout.columns) + 1
    key, certain = index.find(text)
    taken = {match.key for match in layout.columns.values()}
    layout.columns[at] = ColumnMatch(at, text, None if key in taken else key, certain and key not in taken)
    return at


def _add_headerless(grid: Grid, layout: Layout) -> None:
    """Columns with cells and without a header are unknown ones, so that no cell is dropped without a word."""
    filled: dict[int, list[RawCell]] = {}
    for number in _data_rows(grid, layout):
        for at, value in grid.rows[number].items():
            if at not in layout.columns and not is_blank(value):
                cells = filled.setdefault(at, [])
                if len(cells) < _SEARCHED:
                    cells.append(value)
    for at, values in filled.items():
        is_serial = len(values) > 1 and all(re.fullmatch(r"\d{1,5}(?:\.0)?|[①-⑳]", str(value)) for value in values)
        layout.columns[at] = ColumnMatch(at, _NO_HEADER, "" if is_serial else None, is_serial)
    if filled:
        layout.columns = dict(sorted(layout.columns.items()))
