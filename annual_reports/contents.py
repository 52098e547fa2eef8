"""The content of an annual report: the tables of a form filled with numbers and answers, and its faults."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation

from accounts.models import Organisation
from annual_reports.layouts import Layout, LayoutTable, ReportQuestion, layouts, report_questions
from annual_reports.models import AnnualReport, ReportVersion
from mechanism.kpi.institution_report import REPORT_FIGURES, count_institution_year, left_out

FLAGGED_CHANGE = Decimal("0.5")
"""Of last year's number; more is flagged for a second look."""
SMALL = {"count": Decimal(3), "money": Decimal(10)}
"""Smaller differences are not flagged."""


@dataclass(frozen=True)
class ReportCell:
    """number: None for a text and for a question without an answer. figure: key of the rows, empty for an answer."""

    key: str
    text: str
    number: Decimal | None
    kind: str
    figure: str = ""
    last_text: str = ""
    flag: str = ""
    column: str = ""

    @property
    def is_missing(self) -> bool:
        return not self.text

    @property
    def shown(self) -> str:
        """With thousands separators; amounts with two places."""
        if self.number is None:
            return self.text or "（未填）"
        return f"{self.number:,.2f}" if self.kind == "money" else f"{self.number:,.0f}"


@dataclass(frozen=True)
class ReportLine:
    label: str
    cells: tuple[ReportCell, ...]


@dataclass(frozen=True)
class ReportTable:
    title: str
    columns: tuple[str, ...]
    lines: tuple[ReportLine, ...]


@dataclass(frozen=True)
class FilledLayout:
    key: str
    name: str
    title: str
    tables: tuple[ReportTable, ...]


@dataclass
class ReportContent:
    """errors: what must be settled before the review. warnings: what somebody should look at."""

    figures: dict[str, str]
    layouts: list[FilledLayout]
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    has_last_year: bool = False
    last_source: str = ""


def content_of(report: AnnualReport) -> ReportContent:
    """The report as it is now, with last year's numbers beside: as handed in, otherwise as the platform counts them."""
    figures = counted_texts(report.institution, report.year)
    last, source = _last_year(report)
    filled = [_fill(layout, figures, report.answers, last) for layout in layouts()]
    content = ReportContent(figures, filled, has_last_year=bool(last), last_source=source)
    content.errors = [*_missing_answers(report.answers), *_unequal_sums(filled), *_too_large(report.answers)]
    content.warnings = [*_left_out(report), *_flags(filled)]
    return content


def filled_version(version: ReportVersion) -> list[FilledLayout]:
    """The tables of what was handed in."""
    return [_fill(layout, version.content["figures"], version.content["answers"], {}) for layout in layouts()]


def counted_texts(institution: Organisation, year: int) -> dict[str, str]:
    """{key of a figure: number as text}, without insignificant zeros."""
    return {key: number_text(number) for key, number in count_institution_year(institution, year).items()}


def number_text(number: Decimal) -> str:
    text = f"{number:.2f}"
    return text.rstrip("0").rstrip(".")


def changes_since_review(report: AnnualReport, figures: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """(label, number then, number now) of what changed after the review."""
    if not report.reviewed:
        return []
    return [
        (figure.label, report.reviewed.get(key, "0"), figures[key])
        for key, figure in REPORT_FIGURES.items()
        if report.reviewed.get(key, "0") != figures[key]
    ]


def last_answers(report: AnnualReport) -> dict[str, str]:
    """What the office filled in for the year before, handed in or not."""
    before = AnnualReport.objects.filter(institution=report.institution_id, year=report.year - 1).first()
    if before is None:
        return {}
    version = before.versions.first()
    return dict(version.content["answers"] if version else before.answers)


def _last_year(report: AnnualReport) -> tuple[dict[str, str], str]:
    """({key: text}, where it is from)."""
    version = ReportVersion.objects.filter(
        report__institution=report.institution_id, report__year=report.year - 1
    ).first()
    if version is not None:
        return {**version.content["figures"], **version.content["answers"]}, f"去年报送的{version}"
    counted = counted_texts(report.institution, report.year - 1)
    return {**counted, **last_answers(report)}, "平台现在数出的去年的数"


def _fill(
    layout: Layout, figures: Mapping[str, str], answers: Mapping[str, str], last: Mapping[str, str]
) -> FilledLayout:
    questions = report_questions()
    tables = tuple(
        ReportTable(
            table.title,
            table.columns,
            tuple(
                ReportLine(
                    row.label,
                    tuple(
                        replace(_cell(key, figures, answers, last, questions), column=column)
                        for key, column in zip(row.cells, table.columns, strict=True)
                    ),
                )
                for row in table.rows
            ),
        )
        for table in layout.tables
    )
    return FilledLayout(layout.key, layout.name, layout.title, tables)


def _cell(
    key: str,
    figures: Mapping[str, str],
    answers: Mapping[str, str],
    last: Mapping[str, str],
    questions: Mapping[str, ReportQuestion],
) -> ReportCell:
    name = key.removeprefix("?")
    if key.startswith("?"):
        kind, text = questions[name].kind, answers.get(name, "")
    else:
        kind, text = ("money" if REPORT_FIGURES[key].is_money else "count"), figures.get(key, "")
    number = read_number(text) if kind != "text" else None
    last_text = last.get(name, "") if kind != "text" else ""
    flag = _flag(number, read_number(last_text), kind)
    return ReportCell(name, text, number, kind, "" if key.startswith("?") else key, last_text, flag)


def read_number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", ""))
    except (InvalidOperation, AttributeError):
        return None
    return number if number.is_finite() else None


def _flag(number: Decimal | None, last: Decimal | None, kind: str) -> str:
    """比去年多或少一半以上; empty if it is not much."""
    if number is None or last is None or abs(number - last) < SMALL.get(kind, Decimal(0)):
        return ""
    if last == 0:
        return "去年是 0"
    change = (number - last) / last
    if abs(change) <= FLAGGED_CHANGE:
        return ""
    return f"比去年{'多' if change > 0 else '少'} {abs(change):.0%}"


def _missing_answers(answers: Mapping[str, str]) -> list[str]:
    missing = [row.label for row in report_questions().values() if row.is_required and not answers.get(row.key)]
    if not missing:
        return []
    shown = "、".join(missing[:5])
    return [f"还有 {len(missing)} 个问题没有填：{shown}{'等' if len(missing) > 5 else ''}。没有的填 0，文字写“无”。"]


def _unequal_sums(filled: list[FilledLayout]) -> list[str]:
    """Tables whose rows do not add up to their total. Cells without a number are left to `_missing_answers`."""
    faults = []
    for layout, source in zip(filled, layouts(), strict=True):
        for table, shape in zip(layout.tables, source.tables, strict=True):
            faults += _unequal_columns(layout, table, shape)
    return faults


def _unequal_columns(layout: FilledLayout, table: ReportTable, shape: LayoutTable) -> list[str]:
    totals = [line for line, row in zip(table.lines, shape.rows, strict=True) if row.is_sum]
    parts = [line for line, row in zip(table.lines, shape.rows, strict=True) if not row.is_sum]
    faults = []
    for total in totals:
        for at, column in enumerate(table.columns):
            numbers = [line.cells[at].number for line in parts]
            whole = total.cells[at].number
            if whole is None or any(number is None for number in numbers):
                continue
            added = Decimal(0)
            for number in numbers:
                added += number or 0
            if added != whole:
                faults.append(
                    f"{layout.name}“{table.title}”的{column}：各行相加是 {number_text(added)}，"
                    f"“{total.label}”是 {number_text(whole)}。"
                )
    return faults


def _too_large(answers: Mapping[str, str]) -> list[str]:
    questions = report_questions()
    faults = []
    for row in questions.values():
        number, limit = read_number(answers.get(row.key, "")), read_number(answers.get(row.at_most, ""))
        if row.at_most and number is not None and limit is not None and number > limit:
            faults.append(
                f"“{row.label}”填了 {number_text(number)}，"
                f"比“{questions[row.at_most].label}”的 {number_text(limit)} 还大。"
            )
    return faults


def _left_out(report: AnnualReport) -> list[str]:
    rows, year = left_out(report.institution, report.year), report.year
    texts = []
    if rows.without_category:
        texts.append(f"有 {rows.without_category} 份合同没有类别，只算进“全部合同”，不在各类里。请联系登记部门补类别。")
    if rows.without_amount:
        texts.append(f"有 {rows.without_amount} 份合同没有合同金额，项数里有，金额里没有。")
    if rows.signed_not_registered:
        texts.append(
            f"有 {rows.signed_not_registered} 份 {year} 年签订的合同不在数里："
            "没有登记、登记在别的年份，或者双方没有都确认。"
        )
    if rows.registered_not_signed:
        texts.append(f"有 {rows.registered_not_signed} 份合同在 {year} 年登记、在别的年份签订，按登记年份算在里面。")
    return texts


def _flags(filled: list[FilledLayout]) -> list[str]:
    flagged = {
        (line.label, table.columns[at]): cell
        for layout in filled[:1]
        for table in layout.tables
        for line in table.lines
        for at, cell in enumerate(line.cells)
        if cell.flag
    }
    return [
        f"{label}，{column}：{cell.text}，{cell.flag}{_beside(cell)}。请核对。"
        for (label, column), cell in flagged.items()
    ]


def _beside(cell: ReportCell) -> str:
    return "" if read_number(cell.last_text) == 0 else f"（去年 {cell.last_text}）"
