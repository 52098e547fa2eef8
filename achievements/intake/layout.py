"""The layout of a collection sheet: its header of one to three rows, section rows, footers, repeated headers."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from achievements.intake.headers import HeaderIndex, money_unit
from sheets.cells import RawCell, as_text, clean_text, fold, is_blank
from sheets.grid import Grid

_SECTION = re.compile(
    r"^(?:[一二三四五六七八九十]{1,3}[、.．:：]|[（(][一二三四五六七八九十]{1,3}[）)]|第[一二三四五六七八九十]+(?:部分|类|批)|[A-Z][、.．]\s*|[IVX]{1,4}[、.．]|【.+】$|[■●◆▶*#]+)"
    r"|(?:学院|学部|系|研究所|研究院|中心|实验室|领域|方向|产业|类|板块|部分|批次)(?:[（(（].*[)）])?[:：]?$"
)
_FOOTER = re.compile(
    r"^\W*(?:填表人|填报人|制表人?|审核人?|负责人签字|单位负责人|经办人|联系人|联系电话|填表日期|填报日期|填报单位|单位[（(]?(?:盖章|公章)|盖章|日期|时间|注|备注|说明|填表说明|注意事项|合计|总计|小计|共计|共\s*\d+\s*[项行条]|以上|以下空白|示例|样例|范例|例|本表|此表|审批意见|签字|数据来源|截止|截至)"
)
_TOTAL = re.compile(r"(?:小计|合计|总计|共计)\s*(?:[:：（(].*)?$")
_EXAMPLE = re.compile(r"^\W*(?:填写|填表|字段)?(?:示例|样例|范例|举例|例如|例)(?:行|[:：\d)）]|$)")
_HINT = re.compile(
    r"^[（(【\[].*[)）】\]]$|^(?:必填|选填|非必填|可选|可多选|文本|数字|日期|下拉|单选|多选|格式|不超过|限|至少|最多|请|填|全称|简称)\S{0,20}$"
    r"|^\d{1,4}\s*(?:字|个|人|项|位)(?:以内|左右|以上)?$|^(?:[^/、]{1,8}[/、]){1,5}[^/、]{1,8}$"
)
_SURE_HINT = re.compile(
    r"^[（(【\[]?(?:必填|选填|非必填|单选|多选|可多选|下拉\S{0,4}|全称|不超过.*|限?\s*\d{1,4}\s*字\S{0,3}|文本|是[/、]否|请\S{1,12}|填“?是”?)[)）】\]]?$"
)
_UNIT_ONLY = re.compile(r"^[（(【\[]?\s*(?:单位\s*[:：]?\s*)?(?:人民币)?(?:亿元|万元|千元|元|级|年|%)\s*[)）】\]]?$")
_BOUNDS = frozenset({"下限", "上限", "最低", "最高", "最低价", "最高价", "起", "止", "min", "max"})
_DITTO = frozenset(
    {
        "同上",
        "〃",
        "″",
        '"',
        "“",
        "”",
        "''",
        "同前",
        "上同",
        "同上一行",
        "同上行",
        "ditto",
        "↑",
        "⬆",
        "々",
        "同上。",
        "同上格",
    }
)


@dataclass
class ColumnMatch:
    """A column of the sheet. key: None if unknown, "" if not imported. certain: whether the user need not look."""

    at: int
    header: str
    key: str | None
    certain: bool
    unit: str = ""
    examples: list[str] = field(default_factory=list)


@dataclass
class Layout:
    """first, last: rows of the header. columns: in order. Rows outside of `first`…`last` are data or are left out."""

    first: int
    last: int
    columns: dict[int, ColumnMatch]
    above: frozenset[str] = frozenset()
    """Folded texts of the rows above the header, which come again on each printed page."""

    @property
    def known(self) -> int:
        return len({match.key for match in self.columns.values() if match.key})


def find_layout(
    grid: Grid, index: HeaderIndex, *, depth: int, mapping: Mapping[str, str] | None = None
) -> Layout | None:
    """The header among the first `depth` rows that names most columns; None if no row names two."""
    numbers = sorted(grid.rows)[:depth]
    best: Layout | None = None
    for place, number in enumerate(numbers):
        if not _header_like(grid.rows[number]):
            continue
        single = _layout(grid, index, numbers[place : place + 1])
        if single.known < 2 and not _has_second_row(grid, index, numbers, place):
            continue
        for count in (1, 2, 3):
            rows = numbers[place : place + count]
            if len(rows) < count or any(not _continues(grid, index, upper, lower) for upper, lower in pairwise(rows)):
                break
            layout = _layout(grid, index, rows)
            if best is None or layout.known > best.known:
                best = layout
    if best is None or best.known < 2:
        return None
    _skip_bounds(grid, best, numbers)
    _skip_hints(grid, best, numbers)
    rows_above = (grid.rows[number] for number in numbers if number < best.first)
    best.above = frozenset(fold(text) for cells in rows_above for text in _texts(cells).values())
    return best


def _texts(cells: Mapping[int, RawCell]) -> dict[int, str]:
    return {
        at: clean_text(value[:200], multiline=False)
        for at, value in cells.items()
        if isinstance(value, str) and not is_blank(value)
    }


def _header_like(cells: Mapping[int, RawCell]) -> bool:
    return len(_texts(cells)) >= 2 and max(len(text) for text in _texts(cells).values()) < 120


def _has_second_row(grid: Grid, index: HeaderIndex, numbers: list[int], place: int) -> bool:
    return place + 1 < len(numbers) and _continues(grid, index, numbers[place], numbers[place + 1])


def _continues(grid: Grid, index: HeaderIndex, upper: int, lower: int) -> bool:
    """Whether row `lower` is the next row of the header: only texts, most of them headers, none a data cell."""
    below = grid.rows[lower]
    texts = _texts(below)
    if len(texts) < len(below) or not texts or any(len(text) > 30 for text in texts.values()):
        return False
    above = spread_texts(grid, upper)
    listed = 0
    for at, text in texts.items():
        key, certain = index.find(text, above.get(at, ""))
        plain_key, plain_certain = index.find(text)
        listed += bool((key and certain) or (plain_key and plain_certain))
    return listed * 2 >= len(texts)


def spread_texts(grid: Grid, number: int) -> dict[int, str]:
    """The texts of a header row; a horizontally merged one stands above each of its columns."""
    texts = _texts(grid.rows.get(number, {}))
    for top, left, bottom, right in grid.merges:
        if top <= number <= bottom and right > left and (text := texts.get(left)):
            for at in range(left + 1, min(right, left + 60) + 1):
                texts.setdefault(at, text)
    return texts


def _layout(grid: Grid, index: HeaderIndex, rows: list[int]) -> Layout:
    levels = [_texts(grid.rows[number]) for number in rows]
    spread = [spread_texts(grid, number) for number in rows]
    columns: dict[int, ColumnMatch] = {}
    places = sorted(set().union(*levels))
    for at in places:
        own = next(level[at] for level in reversed(levels) if at in level)
        depth = max(place for place, level in enumerate(levels) if at in level)
        above = next((spread[place].get(at, "") for place in range(depth - 1, -1, -1) if spread[place].get(at)), "")
        if depth and not above:
            above = _left_of(levels[depth - 1], at)
        above = "" if above == own else above
        key, certain = index.find(own, above)
        header = f"{above}/{own}" if above else own
        columns[at] = ColumnMatch(at, header, key, certain, money_unit(own) or money_unit(above))
    return Layout(rows[0], rows[-1], columns)


def _left_of(texts: Mapping[int, str], at: int) -> str:
    """In a csv file, where merged cells are lost: the nearest text to the left in the upper row."""
    left = [place for place in texts if place < at]
    return texts[max(left)] if left else ""


def _skip_hints(grid: Grid, layout: Layout, numbers: list[int]) -> None:
    """Count a row of hints or column numbers below the header as part of it."""
    following = [number for number in numbers if number > layout.last][:1]
    for number in following:
        texts = [text for _at, text in sorted(_texts(grid.rows[number]).items())]
        values = [value for value in grid.rows[number].values() if not is_blank(value)]
        counts = [str(value) for value in values] == [str(place) for place in range(1, len(values) + 1)]
        letters = len(values) > 3 and texts == [chr(65 + place) for place in range(len(values))]
        if (counts and len(values) > 3) or letters or (len(texts) == len(values) and _are_hints(texts)):
            for at, text in _texts(grid.rows[number]).items():
                if at in layout.columns and not layout.columns[at].unit:
                    layout.columns[at].unit = money_unit(text)
            layout.last = number


def _are_hints(texts: list[str]) -> bool:
    """Whether a row of `texts` explains the header: units only, or hints, half of them unmistakable."""
    if texts and all(map(_UNIT_ONLY.match, texts)):
        return True
    hints = sum(1 for text in texts if _HINT.match(text))
    sure = sum(1 for text in texts if _SURE_HINT.match(text))
    return len(texts) >= 2 and (hints == len(texts) or (sure >= 3 and hints * 2 >= len(texts)))


def _skip_bounds(grid: Grid, layout: Layout, numbers: list[int]) -> None:
    """A row with nothing but 下限 and 上限 below the header of an amount."""
    number = next((number for number in numbers if number > layout.last), None)
    texts = _texts(grid.rows[number]) if number else {}
    if not number or len(texts) < 2 or len(texts) < len(grid.rows[number]) or not set(texts.values()) <= _BOUNDS:
        return
    above = spread_texts(grid, layout.last)
    for at, text in texts.items():
        upper = layout.columns.get(at) or layout.columns.get(at - 1)
        if upper:
            header = f"{above.get(at) or upper.header.partition('/')[0]}/{text}"
            layout.columns[at] = ColumnMatch(at, header, upper.key, upper.certain, upper.unit)
    layout.columns = dict(sorted(layout.columns.items()))
    layout.last = number


def row_kinds(grid: Grid, layout: Layout) -> Iterator[tuple[int, str]]:
    """(number, kind as of `left_out`) of the rows below the header. Sentences that follow a footer belong to it."""
    header_texts = {at: match.header.rpartition("/")[2] for at, match in layout.columns.items()}
    is_below_table = False
    for number in sorted(grid.rows):
        if number <= layout.last:
            continue
        cells = grid.rows[number]
        kind = left_out(cells, layout, header_texts)
        alone = layout.known > 3 and sum(1 for value in cells.values() if not is_blank(value)) == 1
        if is_below_table and alone and not kind:
            kind = "footer"
        if kind != "blank":
            is_below_table = kind == "footer"
        yield number, kind


def left_out(cells: Mapping[int, RawCell], layout: Layout, header_texts: Mapping[int, str]) -> str:
    """Why the row is no data row: "section", "footer", "example", "header", "number"; "" for a data row."""
    filled = {at: value for at, value in sorted(cells.items()) if not is_blank(value)}
    if not filled:
        return "blank"
    first = _plain(next(iter(filled.values())))
    own = {at for at in filled if at in layout.columns and layout.columns[at].key}
    if _EXAMPLE.match(first):
        return "example"
    if len(filled) <= 2 and fold(first) in layout.above:
        return "header"
    if (_FOOTER.match(first) or _TOTAL.search(first)) and (len(filled) <= 3 or not _has_title(filled, layout)):
        return "footer"
    if len(filled) > 8 and sum(header_texts.get(at) == value for at, value in filled.items()) == 0:
        return "" if own else "number"
    texts = _texts(cells)
    if len(texts) >= 3 and sum(header_texts.get(at) == text for at, text in texts.items()) >= 0.7 * len(texts):
        return "header"
    distinct = {fold(_plain(value)) for value in filled.values()}
    few = len(distinct) == 1 or (len(filled) <= 2 and _is_number(first))
    if few and len(layout.columns) > 4:
        text = next((_plain(value) for _at, value in sorted(filled.items()) if not _is_number(_plain(value))), first)
        if _SECTION.search(text) or (len(distinct) == 1 and len(filled) > 3):
            return "section"
        if _FOOTER.match(text):
            return "footer"
    return "" if own else "number"


def _has_title(filled: Mapping[int, RawCell], layout: Layout) -> bool:
    """Whether a row whose first cell looks like a footer has data in most columns anyway."""
    return sum(1 for at in filled if at in layout.columns and layout.columns[at].key) >= max(4, layout.known // 2)


def _plain(value: RawCell) -> str:
    try:
        return clean_text(as_text(value)[:300], multiline=False)
    except ValueError:
        return ""


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,5}(?:\.0)?", text) is not None


def is_ditto(value: RawCell) -> bool:
    return isinstance(value, str) and clean_text(value[:20], multiline=False).casefold() in _DITTO
