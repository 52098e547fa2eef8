"""The workbook of figures: one sheet of all figures, one for each split, one of definitions; for Excel and for print.

Every sheet states period, data date and versions; every number links to its rows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, NamedStyle
from openpyxl.styles.fonts import DEFAULT_FONT
from openpyxl.worksheet.worksheet import Worksheet

from accounts.models import User
from audit.exports import watermark
from audit.services import record
from mechanism.kpi.counting import FigureQuery, FigureResults, SignedNumbers
from mechanism.kpi.definitions import DIMENSIONS, TIMES, FigureDefinition, Unit
from mechanism.kpi.formatting import format_value
from mechanism.kpi.presentation import part_text, target_progress_by_key
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.targets import progress_text
from mechanism.kpi.totals import FigureValue, SplitLine, value_of
from mechanism.kpi.unconfirmed import count_all_unconfirmed
from sheets.column_letters import column_letter
from sheets.workbooks import BORDER, CENTERED, HEADER_FILL, HEADER_FONT, WRAPPED, workbook_bytes
from sheets.writing import cell_value, safe_sheet_title, safe_text

LINK_FONT = Font(color="0E5A7D", underline="single")
CHANGED_FONT = Font(color="A62F26", underline="single")
NOTE_FONT = Font(italic=True, color="667085")
RIGHT = Alignment(horizontal="right", vertical="top")
LOOKS = {
    "文字": (WRAPPED, DEFAULT_FONT),
    "数": (RIGHT, DEFAULT_FONT),
    "数，有链接": (RIGHT, LINK_FONT),
    "数，签发以后有变动": (RIGHT, CHANGED_FONT),
}
"""Alignment and font of a kind of cells."""
MAIN_SHEET, DEFINITIONS_SHEET = "成效数据", "口径"
HEADERS = (
    *("指标", "数值", "单位", "记录数", "目标", "进度", "其中", "完整性", "不计入的", "截至", "最近一条", "口径版本"),
    *("签发的数", "签发的版本和差异"),
)
SPLIT_PARTS = ("turnover",)
"""Figures whose parts have columns of their own in the splits."""


@dataclass(frozen=True)
class Value:
    """A number with its number format and the path of its rows; None leaves the cell empty.

    now: what the number is today, if it was signed and has changed.
    """

    number: Decimal | int | None
    number_format: str
    path: str = ""
    now: str = ""


def figure_workbook(scope: FigureScope, *, by: User, site: str, signed: SignedNumbers | None = None) -> bytes:
    """An .xlsx of everything that the user may see; recorded in the audit trail. site: scheme and host of the links.

    With `signed` the signed values of a closed period stand beside the current ones, and its splits are signed.
    """
    figures = [figure for figure in FIGURES.values() if scope.may_see(figure)]
    splits = _splits(figures, scope)
    whole = {figure.key: FigureQuery(figure, scope) for figure in figures}
    queries = {
        (name, figure.key): FigureQuery(figure, scope, name, with_parts=figure.key in SPLIT_PARTS)
        for name, rows in splits.items()
        for figure in rows
    }
    results = FigureResults([*whole.values(), *queries.values()], signed=signed)
    values = {key: results.count(query) for key, query in whole.items()}
    record("导出成效数据", by, by=by, changes={"title": [None, MAIN_SHEET], "rows": [None, len(values)]})
    book = Workbook()
    read_at = f"数据读取于 {timezone.localtime(results.read_at):%Y-%m-%d %H:%M}"
    writer = _Writer(book, scope, by, site, read_at, signed if signed and signed.is_closed else None)
    writer.figures(book.worksheets[0], values)
    for name, rows in splits.items():
        lines = {figure.key: results.split(queries[name, figure.key]) for figure in rows}
        writer.split(name, rows, lines)
    writer.definitions(figures)
    return workbook_bytes(book)


def _splits(figures: list[FigureDefinition], scope: FigureScope) -> dict[str, list[FigureDefinition]]:
    """{dimension or time: figures}: those that the scope does not fix already. Times of a whole year only.

    A snapshot figure by time is counted once for each end, so only those with targets are.
    """
    fixed = dict(scope.filters)
    splits = {
        name: [figure for figure in figures if name in figure.dimensions] for name in DIMENSIONS if name not in fixed
    }
    if scope.period.is_year:
        over_time = [figure for figure in figures if not figure.is_snapshot or figure.is_target]
        splits |= dict.fromkeys(TIMES, over_time)
    return {name: rows for name, rows in splits.items() if rows}


class _Writer:
    def __init__(
        self, book: Workbook, scope: FigureScope, by: User, site: str, read_at: str, signed: SignedNumbers | None
    ):
        self.book, self.scope, self.site, self.signed = book, scope, site, signed
        self.watermark = watermark(by, "仅供工作使用")
        self.stamp = f"{scope.label}；数到 {scope.period.as_of:%Y-%m-%d}；{read_at}；口径版本见“{DEFINITIONS_SHEET}”页"
        if signed and scope.is_whole_city:
            self.stamp += "；已月结，各分项是签发的数，签发以后有变动的标红，现在的数在批注里"

    def figures(self, sheet: Worksheet, values: dict[str, FigureValue]) -> None:
        sheet.title = MAIN_SHEET
        progress = target_progress_by_key(values)
        left_out = count_all_unconfirmed((counted.figure for counted in values.values()), self.scope)
        rows = []
        for key, counted in values.items():
            target, figure = progress.get(key), counted.figure
            parts = [f"{part.part.label} {part_text(part)}" for part in counted.parts]
            rows.append(
                (
                    figure.label,
                    Value(counted.value, number_format(figure.unit), self._rows(key)),
                    figure.unit.label,
                    Value(counted.totals.rows, "#,##0"),
                    Value(target.goal if target else None, number_format(figure.unit)),
                    progress_text(target, counted) if target else "",
                    "；".join(parts),
                    "；".join(counted.notes),
                    "；".join(left.text for left in left_out[key]),
                    counted.as_of,
                    counted.stamp.latest_on,
                    counted.stamp.version,
                    self._signed_value(counted),
                    self.signed.text(counted) if self.signed else "",
                )
            )
        self._fill(sheet, HEADERS, rows, (26, 14, 8, 10, 12, 34, 40, 34, 30, 12, 12, 11, 14, 44))

    def _signed_value(self, counted: FigureValue) -> Value:
        totals = self.signed.whole(counted) if self.signed else None
        number = None if totals is None else value_of(counted.figure, totals, counted.rule)
        return Value(number, number_format(counted.figure.unit))

    def split(self, name: str, figures: list[FigureDefinition], lines: dict[str, list[SplitLine]]) -> None:
        label = DIMENSIONS[name].label if name in DIMENSIONS else TIMES[name]
        sheet = self.book.create_sheet(safe_sheet_title(f"按{label}"))
        if name == "kind":
            self._kinds(sheet, figures, lines)
            return
        headers = [label]
        for figure in figures:
            headers.append(f"{figure.label}（{figure.unit.label}）")
            headers += [f"其中{part.label}（{figure.unit.label}）" for part in _parts(figure)]
        names: dict[str, str] = {}
        by_name = {figure.key: {line.name: line for line in lines[figure.key]} for figure in figures}
        for figure in figures:
            names |= {line.name: line.label for line in lines[figure.key] if line.name not in names}
        rows: list[Sequence[object]] = []
        for line_name in sorted(names, key=lambda other: other == "none"):
            cells: list[object] = [names[line_name]]
            for figure in figures:
                cells += self._cells(name, figure, by_name[figure.key].get(line_name))
            rows.append(cells)
        self._fill(sheet, headers, rows, (24, *(14 for _header in headers[1:])))

    def _cells(self, by: str, figure: FigureDefinition, line: SplitLine | None) -> list[Value]:
        unit = number_format(figure.unit)
        parts = _parts(figure)
        if line is None:
            return [Value(None, unit)] * (1 + len(parts))
        query = {"period": line.name} if by in TIMES else {by: line.name}
        path = self._rows(figure.key, **query) if (line.current or line).totals.rows else ""
        now = f"现在 {format_value(line.current.value, figure)} {figure.unit.label}" if line.current else ""
        cells = [Value(line.value, unit, path, now)]
        for value in line.parts if parts else ():
            cells.append(Value(value.value, unit, self._rows(figure.key, **query, part=value.part.key)))
        return cells + [Value(None, unit)] * (1 + len(parts) - len(cells))

    def _kinds(self, sheet: Worksheet, figures: list[FigureDefinition], lines: dict[str, list[SplitLine]]) -> None:
        rows: list[Sequence[object]] = []
        for figure in figures:
            for line in lines[figure.key]:
                value, number = self._cells("kind", figure, line)[0], Value(line.totals.rows, "#,##0")
                rows.append((figure.label, line.label, value, figure.unit.label, number))
        self._fill(sheet, ("指标", "类别", "数值", "单位", "记录数"), rows, (26, 26, 14, 8, 10))

    def definitions(self, figures: list[FigureDefinition]) -> None:
        rows: list[Sequence[object]] = []
        for figure in figures:
            rows.append((figure.label, figure.unit.label, figure.formula, figure.version, figure.since))
            rows += [
                (f"{figure.label}，其中{part.label}", figure.unit.label, part.definition, figure.version, figure.since)
                for part in figure.parts
            ]
        sheet = self.book.create_sheet(DEFINITIONS_SHEET)
        self._fill(sheet, ("指标", "单位", "怎么算", "口径版本", "这个版本从"), rows, (30, 8, 100, 12, 12))

    def _rows(self, key: str, **query: str) -> str:
        return f"{self.site}{reverse('figure_rows', args=[key])}?{urlencode({**self.scope.query, **query})}"

    def _fill(
        self, sheet: Worksheet, headers: Sequence[str], rows: Iterable[Sequence[object]], widths: Sequence[int]
    ) -> None:
        """Title, stamp, watermark, header and rows; header and first column stay, also on each printed page."""
        title = sheet.cell(1, 1, safe_text(f"{sheet.title}：{self.scope.label}"))
        title.font = Font(bold=True, size=14)
        for at, text in enumerate((self.stamp, self.watermark), 2):
            sheet.cell(at, 1, safe_text(text)).font = NOTE_FONT
        for at, header in enumerate(headers, 1):
            cell = sheet.cell(4, at, safe_text(header))
            cell.font, cell.fill, cell.alignment, cell.border = HEADER_FONT, HEADER_FILL, CENTERED, BORDER
            sheet.column_dimensions[column_letter(at)].width = widths[at - 1]
        last = 4
        for last, row in enumerate(rows, 5):
            for at, value in enumerate(row, 1):
                _write(sheet, last, at, value)
        sheet.freeze_panes = "B5"
        sheet.auto_filter.ref = f"A4:{column_letter(len(headers))}{last}"
        setup = sheet.page_setup  # A4
        setup.paperSize, setup.orientation, setup.fitToWidth, setup.fitToHeight = 9, "landscape", 1, 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        sheet.print_title_rows, sheet.print_title_cols = "4:4", "A:A"
        sheet.oddFooter.left.text = safe_text(self.watermark).replace("&", "&&")
        sheet.oddFooter.right.text = "第 &P 页，共 &N 页"


def _write(sheet: Worksheet, row: int, column: int, value: object) -> None:
    cell = sheet.cell(row, column)
    if not isinstance(value, Value):
        cell.value, text_format = cell_value(value)
        cell.style = _style(sheet, "文字", text_format)
        return
    cell.value, kind = value.number, "数"
    if value.path and value.number is not None:
        cell.hyperlink, kind = value.path, "数，有链接"
    if value.now:
        cell.comment, kind = Comment(safe_text(value.now), "成效数据"), "数，签发以后有变动"
    cell.style = _style(sheet, kind, value.number_format)


def _style(sheet: Worksheet, kind: str, number_format: str) -> str:
    """The name of a style of the workbook. To set font, border and alignment of each cell takes half of the time of an
    export: openpyxl compares each of them with all that the workbook has.
    """
    name, book = f"{kind} {number_format}", sheet.parent
    if name not in book.named_styles:
        alignment, font = LOOKS[kind]
        style = NamedStyle(name, font=font, border=BORDER, alignment=alignment, number_format=number_format)
        book.add_named_style(style)
    return name


def _parts(figure: FigureDefinition) -> tuple:
    return figure.parts if figure.key in SPLIT_PARTS else ()


def number_format(unit: Unit) -> str:
    """Thousands separators; amounts with two places."""
    return "#,##0.00" if unit.places else "#,##0"
