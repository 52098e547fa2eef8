"""Sheets of another shape than one header above its rows, brought into that shape before they are read.

A form has a header left of each value (成果名称 | … ), alone or in pairs on a line, once or several times one below
another. A turned table has its headers in the first column and one item in each further column. Row numbers of such
sheets count items, because an item has no row of its own.
"""

from achievements.intake.headers import HeaderIndex
from sheets.cells import RawCell, clean_text, is_blank
from sheets.grid import Grid

_ENOUGH = 6
_MOST_CELLS = 20_000


def reshaped(grid: Grid, index: HeaderIndex) -> Grid | None:
    """The sheet as a table with one header row; None if it is neither a form nor a turned table."""
    if sum(map(len, grid.rows.values())) > _MOST_CELLS:
        return None
    headers = {
        (number, at)
        for number, cells in grid.rows.items()
        for at, value in cells.items()
        if isinstance(value, str) and _is_header(value, index)
    }
    if len(headers) < _ENOUGH:
        return None
    columns = {at for _number, at in headers}
    by_column = max(columns, key=lambda at: sum(1 for _number, place in headers if place == at))
    in_column = [number for number, at in headers if at == by_column]
    names = [_text(grid.rows[number][by_column]) for number in in_column]
    values = {at for number in in_column for at in grid.rows[number] if at > by_column}
    if columns == {by_column} and len(values) > 1 and len(set(names)) == len(names):
        return _turned(grid, by_column)
    return _form(grid, headers, index)


def _text(value: RawCell) -> str:
    return clean_text(value[:60], multiline=False) if isinstance(value, str) else ""


def _is_header(value: str, index: HeaderIndex) -> bool:
    text = _text(value)
    if not 2 <= len(text) <= 30:
        return False
    key, certain = index.find(text.rstrip("：:"))
    return bool(key) and certain


def _turned(grid: Grid, by_column: int) -> Grid:
    """Rows become columns. The header stands in row 1."""
    turned = Grid(date1904=grid.date1904)
    for place, number in enumerate(sorted(grid.rows), 1):
        cells = grid.rows[number]
        if by_column not in cells:
            continue
        for at, value in cells.items():
            if at >= by_column:
                turned.rows.setdefault(at - by_column + 1, {})[place] = value
    turned.rows = dict(sorted(turned.rows.items()))
    return turned


def _form(grid: Grid, headers: set[tuple[int, int]], index: HeaderIndex) -> Grid | None:
    """Pairs of header and value; a header that comes again begins the next item."""
    items: list[dict[str, RawCell]] = [{}]
    for number in sorted(grid.rows):
        cells = sorted(grid.rows[number].items())
        for (at, value), (next_at, following) in zip(cells, [*cells[1:], (0, None)], strict=True):
            if (number, at) not in headers:
                continue
            name = _text(value).rstrip("：:")
            if name in items[-1] and index.find(name)[0] == "title":
                items.append({})
            if next_at and (number, next_at) not in headers and not is_blank(following):
                items[-1].setdefault(name, following)
    items = [item for item in items if item]
    names = list(dict.fromkeys(name for item in items for name in item))
    if len(names) < _ENOUGH or not any(index.find(name)[0] == "title" for name in names):
        return None
    places = {name: at for at, name in enumerate(names, 1)}
    form = Grid(date1904=grid.date1904)
    form.rows[1] = {at: name for name, at in places.items()}
    for number, item in enumerate(items, 2):
        form.rows[number] = {places[name]: value for name, value in item.items()}
    return form
