"""Reads a collection sheet cell by cell: header, layout, then each data row as a stream. Writes nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from achievements.intake.across import Across
from achievements.intake.headers import HeaderIndex, key_of
from achievements.intake.layout import Layout, find_layout, is_ditto, row_kinds
from achievements.intake.readers import READERS
from achievements.intake.reading import CellContext, Reading, SheetContext, Status, propose, read, refuse
from achievements.intake.shapes import reshaped
from achievements.intake.tables import prepare
from achievements.intake.ticks import TICKED_KEYS, has_boxes, of_ticks, ticked
from core.confidentiality import find_secrecy_marking
from sheets.archive import FileSource, Limits, UnreadableSheet
from sheets.cells import CellProblem, ErrorValue, Formula, RawCell, clean_text, display_text, fold, is_blank
from sheets.columns import Column
from sheets.dates import DAYS_1904
from sheets.grid import Grid
from sheets.reading import no_header_error, read_grids
from taxonomy.models import MAX_MATURITY_LEVEL, MaturityScale

LIMITS = Limits(rows=50_000, inflated_bytes=1024 * 1024 * 1024)
_CACHED_LENGTH = 40
_CACHED_TEXTS = 5_000
_ENOUGH = 5


@dataclass(slots=True)
class CellOutcome:
    """A filled cell. key: of the column that it belongs to; None if the header is unknown, "" if it is not imported."""

    at: int
    header: str
    key: str | None
    raw: RawCell
    reading: Reading

    @property
    def shown(self) -> str:
        """The cell as written, for people; of a formula the result that was saved."""
        raw = self.raw.cached if isinstance(self.raw, Formula) else self.raw
        return display_text(raw, limit=500)


@dataclass(slots=True)
class RowOutcome:
    """A data row. values: {column key: value} of read and of empty cells. missing: required columns without one."""

    number: int
    cells: list[CellOutcome]
    values: dict[str, Any]
    missing: list[str]
    is_hidden: bool = False

    @property
    def open_cells(self) -> list[CellOutcome]:
        """The cells that somebody must decide."""
        return [cell for cell in self.cells if cell.reading.status != Status.READ and cell.key is not None]


@dataclass
class SheetChoice:
    """A worksheet of the file. rows: number of data rows below a header, 0 without a header."""

    title: str
    rows: int
    is_read: bool = False


@dataclass
class Intake:
    """A sheet whose header is understood. `rows()` reads the data; left_out: [(row number, kind, text)]."""

    title: str
    grid: Grid
    layout: Layout
    columns: tuple[Column, ...]
    context: SheetContext
    sheets: list[SheetChoice]
    constants: Mapping[str, Any] = field(default_factory=dict)
    left_out: list[tuple[int, str, str]] = field(default_factory=list)

    @property
    def missing_columns(self) -> list[Column]:
        """Required columns that no header names and that have no constant."""
        present = {match.key for match in self.layout.columns.values()} | self.constants.keys()
        return [column for column in self.columns if column.required and column.key not in present]

    @property
    def present(self) -> set[str]:
        """Keys of the columns that the sheet has or that a constant fills."""
        return {match.key for match in self.layout.columns.values() if match.key} | set(self.constants)

    def rows(self) -> Iterator[RowOutcome]:
        """The data rows in order. `left_out` is filled while they are read."""
        return _RowReader(self).rows()

    def secret_cells(self) -> Iterator[tuple[int, str, str]]:
        """(row number, header, text) of cells that say that an item is secret, without reading the others."""
        return _RowReader(self).secret_cells()


def read_sheet(
    source: FileSource,
    filename: str,
    *,
    columns: tuple[Column, ...],
    context: SheetContext,
    learned_headers: Mapping[str, str] | None = None,
    mapping: Mapping[int, str] | None = None,
    title: str = "",
    constants: Mapping[str, Any] | None = None,
) -> Intake:
    """Understand the header of the worksheet `title`, by default of the one with most data rows.

    mapping: {column number: column key or ""} chosen by hand. Raises `UnreadableSheet`.
    """
    index = HeaderIndex(columns, learned_headers)
    grids = read_grids(source, filename=filename, limits=LIMITS)
    if not grids:
        raise UnreadableSheet("工作表里没有任何内容，请填写后再上传。")
    grids, layouts = _tables(grids, index)
    sheets = [SheetChoice(name, _data_row_count(grid, layouts.get(name))) for name, grid in grids]
    candidates = [name for name in layouts if not title or name == title]
    if not candidates:
        raise no_header_error(columns)
    counts = {choice.title: choice.rows for choice in sheets}
    chosen = max(candidates, key=lambda name: (min(counts[name], 1), layouts[name].known))
    grid, layout = dict(grids)[chosen], layouts[chosen]
    if not counts[chosen]:
        raise UnreadableSheet(f"“{chosen}”的表头（第 {layout.first} 行）下面没有数据，请填写后再上传。")
    for choice in sheets:
        choice.is_read = choice.title == chosen
    prepare(grid, layout, index)
    _apply_mapping(layout, mapping or {})
    _settle_duplicates(layout, columns)
    _add_examples(grid, layout)
    defaults = dict(constants or {})
    present = {match.key for match in layout.columns.values()}
    if "institution" not in present and len(context.own) == 1:
        defaults.setdefault("institution", next(iter(context.own)))
    return Intake(chosen, grid, layout, columns, context, sheets, defaults)


def _tables(grids: list[tuple[str, Grid]], index: HeaderIndex) -> tuple[list[tuple[str, Grid]], dict[str, Layout]]:
    """The grids, forms and turned tables brought into the usual shape, and {title: layout} of those with a header."""
    tables, layouts = [], {}
    for title, grid in grids:
        layout = find_layout(grid, index, depth=LIMITS.header_depth)
        if (layout is None or layout.known < _ENOUGH) and (table := reshaped(grid, index)):
            other = find_layout(table, index, depth=LIMITS.header_depth)
            if other and (layout is None or other.known > layout.known):
                grid, layout = table, other
        tables.append((title, grid))
        if layout and _is_enough(layout):
            layouts[title] = layout
    return tables, layouts


def _is_enough(layout: Layout) -> bool:
    """Whether the header is one of achievements: it names the title, or so many columns that another may be it."""
    return "title" in {match.key for match in layout.columns.values()} or layout.known >= _ENOUGH


def _data_row_count(grid: Grid, layout: Layout | None) -> int:
    if layout is None:
        return 0
    return sum(1 for _number, kind in row_kinds(grid, layout) if not kind)


def _apply_mapping(layout: Layout, mapping: Mapping[int, str]) -> None:
    for at, key in mapping.items():
        if match := layout.columns.get(int(at)):
            match.key, match.certain = key, True


def _settle_duplicates(layout: Layout, columns: tuple[Column, ...]) -> None:
    """Of several headers for one column, those that were only guessed are unknown again."""
    by_key: dict[str, list[int]] = {}
    for at, match in layout.columns.items():
        if match.key:
            by_key.setdefault(match.key, []).append(at)
    labels = {column.key: {key_of(column.label), *map(key_of, column.aliases)} for column in columns}
    for key, places in by_key.items():
        certain = [at for at in places if layout.columns[at].certain]
        exact = [at for at in certain if key_of(layout.columns[at].header) in labels[key]]
        kept = exact if len(exact) == 1 and key not in {"contact_phone", "contact_email"} else certain
        if len(places) > 1 and kept:
            for at in set(places) - set(kept):
                layout.columns[at].key, layout.columns[at].certain = None, False


def _add_examples(grid: Grid, layout: Layout) -> None:
    wanted = 3
    for number in sorted(grid.rows):
        if number <= layout.last:
            continue
        for at, value in grid.rows[number].items():
            match = layout.columns.get(at)
            if match and len(match.examples) < wanted and not is_blank(value):
                raw = value.cached if isinstance(value, Formula) else value
                text = display_text(raw, limit=24)
                if text and text not in match.examples:
                    match.examples.append(text)
        if number > layout.last + 50:
            break


class _RowReader:
    """Reads the rows of an `Intake` one after the other and remembers what the row above said."""

    def __init__(self, intake: Intake) -> None:
        self.intake = intake
        self.columns = {column.key: column for column in intake.columns}
        self.places = sorted(intake.layout.columns)
        self.contexts = {at: self._context(at) for at in self.places if intake.layout.columns[at].key}
        self.cache: dict[tuple[int, str], Reading] = {}
        self.above: dict[int, RawCell] = {}
        self.college = ""

    def _context(self, at: int) -> CellContext:
        match = self.intake.layout.columns[at]
        parse: Any = self.columns[match.key].parse  # type: ignore[index]
        if match.unit and hasattr(parse, "in_unit"):
            parse = parse.in_unit(match.unit)
        return CellContext(parse, match.header, match.unit, self.intake.context)

    def rows(self) -> Iterator[RowOutcome]:
        intake = self.intake
        intake.left_out.clear()
        intake.grid.fill_merged_rows(below=intake.layout.last)
        data = []
        for number, kind in row_kinds(intake.grid, intake.layout):
            if kind not in {"", "blank"}:
                text = next(
                    (display_text(v) for _at, v in sorted(intake.grid.rows[number].items()) if not is_blank(v)), ""
                )
                intake.left_out.append((number, kind, text))
            data.append((number, kind))
        across = Across(intake, [number for number, kind in data if not kind])
        for number, kind in data:
            if kind == "section":
                self.college = section_college(intake.left_out, number)
            elif not kind:
                yield self._row(number, across)

    def secret_cells(self) -> Iterator[tuple[int, str, str]]:
        """See `Intake.secret_cells`."""
        columns = self.intake.layout.columns
        asking = {at for at, match in columns.items() if match.key in {"secrecy", "non_secret"}}
        for number in sorted(self.intake.grid.rows):
            if number <= self.intake.layout.last:
                continue
            for at, raw in self.intake.grid.rows[number].items():
                if is_blank(raw):
                    continue
                header = columns[at].header if at in columns else ""
                if at in asking and self._cached(at, columns[at].key or "", raw).pattern == "secret":
                    yield number, header, display_text(raw, limit=20) or "公式"
                elif isinstance(raw, str) and (marking := find_secrecy_marking(raw)):
                    yield number, header, marking.strip()[:20]

    def _row(self, number: int, across: Across) -> RowOutcome:
        cells = self.intake.grid.rows[number]
        outcomes: list[CellOutcome] = []
        values: dict[str, Any] = {}
        first_header: dict[str, str] = {}
        for at in self.places:
            raw = cells.get(at)
            if is_blank(raw):
                continue
            match = self.intake.layout.columns[at]
            if not match.key:
                note = "这一列没有认出，请选择它是什么，或选“不导入”" if match.key is None else "不导入的列"
                status = Status.ASKED if match.key is None else Status.READ
                outcomes.append(CellOutcome(at, match.header, match.key, raw, Reading(status, None, note, "header")))
                continue
            reading = self._reading(at, match.key, raw)
            if match.key in first_header:
                label = self.columns[match.key].label
                same = reading.value == values.get(match.key)
                message = f"“{first_header[match.key]}”也是“{label}”，以那一列为准"
                kept = values.get(match.key)
                reading = read(kept) if same else propose(kept, message, "second-column")
                outcomes.append(
                    CellOutcome(at, match.header, "", raw, reading)
                    if same
                    else CellOutcome(at, match.header, match.key, raw, reading)
                )
                continue
            first_header[match.key] = match.header
            if reading.status == Status.READ:
                values[match.key] = reading.value
            outcomes.append(CellOutcome(at, match.header, match.key, raw, reading))
        outcome = RowOutcome(number, outcomes, values, [], number in self.intake.grid.hidden)
        self._fill(outcome)
        across.check(outcome)
        return outcome

    def _reading(self, at: int, key: str, raw: RawCell) -> Reading:
        if is_ditto(raw):
            if at not in self.above:
                return refuse("上面没有可以“同上”的内容，请填写", "ditto")
            reading = self._cached(at, key, self.above[at])
            if reading.status != Status.READ:
                return reading
            return propose(reading.value, f"“同上”按上一行的“{display_text(self.above[at], limit=20)}”记录", "ditto")
        self.above[at] = raw
        return self._cached(at, key, raw)

    def _cached(self, at: int, key: str, raw: RawCell) -> Reading:
        if not isinstance(raw, str) or len(raw) > _CACHED_LENGTH:
            return self._single(at, key, raw)
        if (reading := self.cache.get((at, raw))) is None:
            reading = self.cache[at, raw] = self._single(at, key, raw)
            if len(self.cache) > _CACHED_TEXTS:
                self.cache.clear()
        return reading

    def _single(self, at: int, key: str, raw: RawCell) -> Reading:
        if isinstance(raw, ErrorValue):
            return refuse(f"是错误值 {raw.code}，请改成实际内容", "error-value")
        if isinstance(raw, Formula):
            return self._formula(at, key, raw)
        column, context = self.columns[key], self.contexts[at]
        if isinstance(raw, str) and self.intake.context.learned:
            learned = self.intake.context.learned.get((key, fold(raw[:200])))
            if learned is not None:
                return read(learned, message="按以前认可过的写法")
        if not column.required and isinstance(raw, str) and clean_text(raw[:20]) in column.blank_words:
            return read(column.empty)
        if self.intake.grid.date1904 and key == "evaluated_on" and type(raw) in (int, float):
            raw = raw + DAYS_1904 if raw < 10**5 else raw  # type: ignore[operator]
        try:
            if key in TICKED_KEYS and has_boxes(raw):
                chosen = ticked(str(raw))
                return of_ticks(READERS[key]("、".join(chosen), context) if chosen else refuse(""), chosen)
            return READERS[key](raw, context)
        except CellProblem as problem:
            return refuse(str(problem))
        except (ValueError, ArithmeticError):  # a spelling that a reader did not expect must not stop the sheet
            return refuse("没有读懂这一格，请换一种写法", "unreadable")

    def _formula(self, at: int, key: str, raw: Formula) -> Reading:
        if raw.cached is None or raw.cached == "":
            return refuse("是公式，没有保存结果，请改为数值", "formula")
        reading = self._single(at, key, raw.cached)
        if reading.status != Status.READ:
            return reading
        return propose(reading.value, "单元格是公式，按保存时的结果记录", "formula")

    def _fill(self, outcome: RowOutcome) -> None:
        """Constants, sections, empty cells and missing ones."""
        present = {cell.key for cell in outcome.cells}
        offered = {key for cell in outcome.open_cells for key in cell.reading.extra}
        for key, value in self.intake.constants.items():
            if key not in present:
                outcome.values[key] = value
        if self.college and "college" in self.columns and "college" not in present | offered:
            outcome.values["college"] = self.college
        own = self.intake.context.own
        for key, column in self.columns.items():
            if key in outcome.values or key in present:
                continue
            if key == "institution" and len(own) == 1:
                outcome.values[key] = next(iter(own))
            elif column.required:
                if key not in offered:
                    outcome.missing.append(key)
            else:
                outcome.values[key] = column.empty
        self._check_level(outcome)

    def _check_level(self, outcome: RowOutcome) -> None:
        cell = next((cell for cell in outcome.cells if cell.key == "maturity_level"), None)
        if cell is None or not isinstance(cell.reading.value, int):
            return
        stated = outcome.values.get("maturity_scale") or cell.reading.extra.get("maturity_scale")
        scale = MaturityScale(stated or MaturityScale.TRL9)
        if cell.reading.value > MAX_MATURITY_LEVEL[scale]:
            outcome.values.pop("maturity_level", None)
            cell.reading = refuse(f"超出范围，所选标准只有 {MAX_MATURITY_LEVEL[scale]} 级，请核对等级或标准", "level")


def section_college(rows: list[tuple[int, str, str]], number: int) -> str:
    """The college that the section row `number` names, or ""."""
    text = next((text for row, _kind, text in rows if row == number), "")
    text = re.sub(r"^(?:[（(]?[一二三四五六七八九十\dA-Z]{1,3}(?:[）)]|[、.．:：\s])|[■●◆▶*#【]+)", "", text).strip(
        "】：: "
    )
    text = re.sub(r"[（(][^）)]*[项件][）)]$", "", text)
    return text if re.search(r"(?:学院|学部|系|研究所|研究院|中心|实验室)$", text) else ""
