"""Checks all rows of a sheet before anything is written, and says for each problem where it is and how to fix it."""

from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from .cells import CellProblem, RawCell, clean_text, display_text, fold, is_blank
from .column_letters import column_letter
from .columns import Column
from .dates import DAYS_1904, Day
from .progress import advance
from .reading import Sheet, SheetRow

ERROR, WARNING = "error", "warning"

type RowCheck = Callable[[dict[str, Any]], Iterable[tuple[str, str] | tuple[str, str, str]] | None]


@dataclass(frozen=True)
class SheetProblem:
    """One problem of a sheet.

    row: Excel's row number. column: Excel's column letters, "" if the problem concerns the whole row.
    key, label: of the `Column`. value: the cell as shown to the user.
    """

    row: int
    column: str
    key: str
    label: str
    value: str
    message: str
    level: str = ERROR

    def __str__(self) -> str:
        field_name = f"“{self.label}”" if self.label else ""
        value = f"填的是“{self.value}”，" if self.value else ("" if field_name else "：")
        return f"第{self.row}行{field_name}{value}{self.message}"


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row with parsed values, {column key: value}.

    The value is None for a cell with an error, and the column's `empty` for an empty cell or a missing column.
    """

    number: int
    values: dict[str, Any]


@dataclass(frozen=True)
class UniqueTogether:
    """No two rows may have the same values (folded) of all `keys`, or the same result of `of(values)` if it is given.

    Rows with an empty value, or for which `of` returns None, are not compared.
    """

    keys: tuple[str, ...]
    of: Callable[[dict[str, Any]], Hashable] | None = None

    def identity(self, values: dict[str, Any]) -> Hashable:
        if self.of:
            return self.of(values)
        parts = [values.get(key) for key in self.keys]
        return None if any(part in (None, "", ()) for part in parts) else tuple(map(_comparable, parts))


def _comparable(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value


@dataclass
class SheetReport:
    """The result of `check_rows`."""

    sheet: Sheet
    rows: list[CheckedRow] = field(default_factory=list)
    problems: list[SheetProblem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def add(self, row: int, key: str, message: str, *, level: str = ERROR) -> None:
        """Add a problem in column `key` ("" for the whole row) of Excel row `row`. Callers may add more later."""
        column = next((column for column in self.sheet.columns if column.key == key), None)
        at = self.sheet.header.positions.get(key)
        self.problems.append(
            SheetProblem(
                row=row,
                column=column_letter(at) if at else "",
                key=key,
                label=column.label if column else "",
                value=display_text(self._raw(row, at)),
                message=message,
                level=level,
            )
        )

    def _raw(self, row: int, at: int | None) -> RawCell:
        return self._cells.get(row, {}).get(at) if at else None

    @cached_property
    def _cells(self) -> dict[int, dict[int, RawCell]]:
        return {row.number: row.cells for row in self.sheet.rows}

    @property
    def errors(self) -> list[SheetProblem]:
        """Problems that prevent writing, in the order of the sheet."""
        return self._of(ERROR)

    @property
    def warnings(self) -> list[SheetProblem]:
        """Problems that do not prevent writing, in the order of the sheet."""
        return self._of(WARNING)

    def _of(self, level: str) -> list[SheetProblem]:
        problems = [problem for problem in self.problems if problem.level == level]
        return sorted(problems, key=lambda problem: (problem.row, len(problem.column), problem.column))

    @property
    def ok(self) -> bool:
        """Whether there are no errors."""
        return not self.errors

    @property
    def clean_rows(self) -> list[CheckedRow]:
        """The rows without errors; an empty list if the header has an error."""
        faulty = {problem.row for problem in self.errors}
        return [] if self.sheet.header.row in faulty else [row for row in self.rows if row.number not in faulty]

    def parts(self, size: int) -> "Iterator[tuple[int, SheetReport]]":
        """(number of its last row, the report with these rows only) for each `size` rows.

        The report gives its rows away: those of a part that is written do not stay in memory.
        """
        self.forget_cells()
        while rows := self.rows[:size]:
            del self.rows[:size]
            yield rows[-1].number, replace(self, rows=rows)

    def forget_cells(self) -> None:
        """Free the raw cells after the last problem is added: the values of the rows are all that an import needs."""
        self.sheet = replace(self.sheet, rows=())
        self.__dict__.pop("_cells", None)

    @property
    def counts(self) -> dict[str, int]:
        """{"rows", "clean", "errors", "warnings"}"""
        return {
            "rows": len(self.rows),
            "clean": len(self.clean_rows),
            "errors": len(self.errors),
            "warnings": len(self.warnings),
        }


def check_rows(
    sheet: Sheet, *, row_checks: Iterable[RowCheck] = (), unique: Iterable[UniqueTogether] = ()
) -> SheetReport:
    """Parse all cells of `sheet`, then apply the row checks and the uniqueness rules.

    row_checks: functions of a row's values that yield (column key or "", message) or (key, message, level). The value
    of a faulty cell is None.
    """
    report = SheetReport(sheet, notices=list(sheet.notices))
    _check_header(report)
    parsers = [(column, sheet.header.positions.get(column.key), _parser(sheet, column)) for column in sheet.columns]
    for number, row in enumerate(sheet.rows):
        advance(number, len(sheet.rows))
        values: dict[str, Any] = {}
        for column, at, parse in parsers:
            values[column.key] = column.empty if at is None else _check_cell(report, row, column, at, parse)
        for check in row_checks:
            for key, message, *level in check(values) or ():
                report.add(row.number, key, message, level=level[0] if level else ERROR)
        report.rows.append(CheckedRow(row.number, values))
    for rule in unique:
        _check_unique(report, rule)
    return report


def _check_header(report: SheetReport) -> None:
    header = report.sheet.header
    for column in header.missing:
        report.add(header.row, column.key, "这一列不在表中，请按模板补上这一列")
    for column, places in header.duplicates:
        names = "、".join(f"{column_letter(at)} 列“{header.texts[at]}”" for at in places)
        report.add(header.row, column.key, f"有不止一列（{names}），分不清用哪一列，请只保留一列")


def _parser(sheet: Sheet, column: Column) -> Callable[[Any], Any]:
    parse = column.parse
    unit = sheet.header.units.get(column.key)
    if unit and hasattr(parse, "in_unit"):
        parse = parse.in_unit(unit)
    if sheet.date1904 and isinstance(parse, Day):
        # Serial numbers in cells without a date format, which the reader does not convert.
        return lambda value: parse(value + DAYS_1904 if type(value) in (int, float) and value < 10**5 else value)
    return parse


def _check_cell(report: SheetReport, row: SheetRow, column: Column, at: int, parse: Callable[[Any], Any]) -> Any:
    """The value of the cell; None, and a problem in the report, if it is faulty."""
    raw = row.cells.get(at)
    if is_blank(raw):
        if column.required:
            report.add(row.number, column.key, "没有填写，请补上")
        return column.empty
    if not column.required and isinstance(raw, str) and clean_text(raw[:20]) in column.blank_words:
        return column.empty
    try:
        return parse(raw)
    except CellProblem as problem:
        report.add(row.number, column.key, str(problem))
        return None


def _check_unique(report: SheetReport, rule: UniqueTogether) -> None:
    labels = {column.key: column.label for column in report.sheet.columns}
    names = "、".join(f"“{labels.get(key, key)}”" for key in rule.keys)
    first: dict[Hashable, int] = {}
    for row in report.rows:
        identity = rule.identity(row.values)
        if identity is None:
            continue
        earlier = first.setdefault(identity, row.number)
        if earlier != row.number:
            report.add(row.number, rule.keys[0], f"与第{earlier}行重复（{names}相同），请删去其中一行或改正")
