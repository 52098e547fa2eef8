"""Check every row of a sheet before anything is written; say of each fault where it is and how to mend it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from .cells import CellProblem, clean_text, display_text, fold, is_blank
from .dates import DAYS_1904, Day
from .reading import Sheet

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class SheetProblem:
    """One fault. row and column are Excel's ("F"; "" when it concerns the row); key and label name the field."""

    row: int
    column: str
    key: str
    label: str
    value: str
    message: str
    level: str = ERROR

    def __str__(self):
        field_name = f"“{self.label}”" if self.label else ""
        said = f"填的是“{self.value}”，" if self.value else ("" if field_name else "：")
        return f"第{self.row}行{field_name}{said}{self.message}"


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row as values: {column key: value}. A cell with an error, and a column that is not there, is None/`empty`."""

    number: int
    values: dict


@dataclass(frozen=True)
class UniqueTogether:
    """No two rows may agree in all of `keys` (compared folded), or in what `of(values)` returns if given.

    Rows where one of them is empty (or `of` gives None) are left alone.
    """

    keys: tuple[str, ...]
    of: Callable | None = None

    def identity(self, values):
        if self.of:
            return self.of(values)
        parts = [values.get(key) for key in self.keys]
        return None if any(part in (None, "", ()) for part in parts) else tuple(map(_comparable, parts))


def _comparable(value):
    return fold(value) if isinstance(value, str) else value


@dataclass
class SheetReport:
    """The outcome of a check."""

    sheet: Sheet
    rows: list[CheckedRow] = field(default_factory=list)
    problems: list[SheetProblem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def add(self, row, key, message, *, level=ERROR):
        """Report a fault of the column `key` ("" for the whole row) in Excel row `row`, also after the check."""
        column = next((column for column in self.sheet.columns if column.key == key), None)
        at = self.sheet.header.positions.get(key)
        self.problems.append(
            SheetProblem(
                row=row,
                column=get_column_letter(at) if at else "",
                key=key,
                label=column.label if column else "",
                value=display_text(self._raw(row, at)),
                message=message,
                level=level,
            )
        )

    def _raw(self, row, at):
        if not hasattr(self, "_cells"):
            self._cells = {row.number: row.cells for row in self.sheet.rows}
        return self._cells.get(row, {}).get(at)

    @property
    def errors(self):
        """Problems that keep the sheet from being written, in the order of the sheet."""
        return self._of(ERROR)

    @property
    def warnings(self):
        """Problems that a person should look at but may leave."""
        return self._of(WARNING)

    def _of(self, level):
        found = [problem for problem in self.problems if problem.level == level]
        return sorted(found, key=lambda problem: (problem.row, len(problem.column), problem.column))

    @property
    def ok(self):
        """Whether nothing keeps the sheet from being written."""
        return not self.errors

    @property
    def clean_rows(self):
        """The rows without errors; none while the header itself is faulty."""
        faulty = {problem.row for problem in self.errors}
        return [] if self.sheet.header.row in faulty else [row for row in self.rows if row.number not in faulty]

    @property
    def counts(self):
        """{"rows", "clean", "errors", "warnings"}"""
        return {
            "rows": len(self.rows),
            "clean": len(self.clean_rows),
            "errors": len(self.errors),
            "warnings": len(self.warnings),
        }


def check_rows(sheet, *, row_checks=(), unique=()):
    """Parse every cell of `sheet` and look at rows and doubles; returns a `Report`.

    row_checks: functions of a row's values, yielding (column key or "", message) or (key, message, level); they see
    None for a faulty cell and must cope with it. unique: `Unique`s.
    """
    report = SheetReport(sheet, notices=list(sheet.notices))
    _check_header(report)
    parsers = [(column, sheet.header.positions.get(column.key), _parser(sheet, column)) for column in sheet.columns]
    for row in sheet.rows:
        values = {}
        for column, at, parse in parsers:
            values[column.key] = column.empty if at is None else _check_cell(report, row, column, at, parse)
        for check in row_checks:
            for key, message, *level in check(values) or ():
                report.add(row.number, key, message, level=level[0] if level else ERROR)
        report.rows.append(CheckedRow(row.number, values))
    for rule in unique:
        _check_doubles(report, rule)
    return report


def _check_header(report):
    header = report.sheet.header
    for column in header.missing:
        report.add(header.row, column.key, "这一列不在表中，请按模板补上这一列")
    for column, places in header.doubled:
        names = "、".join(f"{get_column_letter(at)} 列“{header.texts[at]}”" for at in places)
        report.add(header.row, column.key, f"有不止一列（{names}），分不清用哪一列，请只保留一列")


def _parser(sheet, column):
    parse = column.parse
    unit = sheet.header.units.get(column.key)
    if unit and hasattr(parse, "in_unit"):
        parse = parse.in_unit(unit)
    if sheet.date1904 and isinstance(parse, Day):
        return lambda value: parse(value + DAYS_1904 if type(value) in (int, float) and value < 10**5 else value)
    return parse


def _check_cell(report, row, column, at, parse):
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


def _check_doubles(report, rule):
    labels = {column.key: column.label for column in report.sheet.columns}
    names = "、".join(f"“{labels.get(key, key)}”" for key in rule.keys)
    first = {}
    for row in report.rows:
        identity = rule.identity(row.values)
        if identity is None:
            continue
        earlier = first.setdefault(identity, row.number)
        if earlier != row.number:
            report.add(row.number, rule.keys[0], f"与第{earlier}行重复（{names}相同），请删去其中一行或改正")
