"""What the pages of the month-end close list: months to close, open differences, values of a version as lines."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from mechanism.closing.authentic import authentic_of_month, authentic_of_year
from mechanism.closing.differences import as_counted, record_differences
from mechanism.closing.freezing import UNCONFIRMED
from mechanism.closing.spans import span_label, spans_of
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.definitions import DIMENSIONS, TIMES, FigureDefinition
from mechanism.kpi.formatting import format_value
from mechanism.kpi.period import Period, parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import ACTIVITY, APPROACHES, FIGURES, MONEY, TARGETS
from mechanism.models import FigureVersion, FrozenFigure

HEADLINES = tuple(dict.fromkeys((*TARGETS, *MONEY, *ACTIVITY, *APPROACHES)))
Span = FrozenFigure.Span
DIMENSION_LABELS = {name: dimension.label for name, dimension in DIMENSIONS.items()} | TIMES


def months_to_close() -> list[Period]:
    """Ended months of this year after the last signed one, the latest first; and last year's December if unsigned."""
    last_month = timezone.localdate().replace(day=1) - timedelta(days=1)
    latest = authentic_of_year(last_month.year).version
    begun = latest.last_on.month + 1 if latest else 1
    months = [parse_period(f"{last_month.year}-{month:02}") for month in range(begun, last_month.month + 1)]
    december = f"{last_month.year - 1}-12"
    if authentic_of_month(december).version is None:
        months.insert(0, parse_period(december))
    return months[::-1]


@dataclass(frozen=True)
class OpenDifference:
    """`records`: how many counted records differ now from the version."""

    version: FigureVersion
    records: int


def open_differences() -> list[OpenDifference]:
    """Of the last signed month of this year and of last year. Later months include the earlier ones of their year."""
    year = timezone.localdate().year
    versions = [authentic_of_year(number).version for number in (year, year - 1)]
    return [OpenDifference(version, len(record_differences(version)[0])) for version in versions if version]


@dataclass(frozen=True)
class PlannedLine:
    """A figure of the month and of the year up to its end as it would be frozen. `signed`: of the year before it."""

    label: str
    unit: str
    month: str
    year: str
    signed: str
    parts: list[tuple[str, str]]


def planned_lines(month: Period, previous: FigureVersion | None) -> list[PlannedLine]:
    spans = spans_of(month)
    scopes = {span: FigureScope(spans[span]) for span in (Span.MONTH, Span.YEAR)}
    queries = {(key, span): FigureQuery(FIGURES[key], scope) for key in HEADLINES for span, scope in scopes.items()}
    results = FigureResults(queries.values())
    counted = {key: results.count(query) for key, query in queries.items()}
    stored = _stored(previous, Span.YEAR) if previous else {}
    return [
        PlannedLine(
            str(FIGURES[key].label),
            str(FIGURES[key].unit.label),
            format_value(counted[key, Span.MONTH].value, FIGURES[key]),
            format_value(counted[key, Span.YEAR].value, FIGURES[key]),
            stored_text(stored[key]) if key in stored else "—",
            [
                (str(part.part.label), _part_text(FIGURES[key], part.totals.rows, part.totals.total))
                for part in counted[key, Span.YEAR].parts
                if part.totals.rows
            ],
        )
        for key in HEADLINES
    ]


def _stored(version: FigureVersion, span: str) -> dict[str, FrozenFigure]:
    return {row.figure: row for row in version.figures.filter(span=span, by="")}


@dataclass(frozen=True)
class FrozenLine:
    """A figure of a version, or a line of a split. `by_span`: (label of the span, text), month first, year last."""

    label: str
    by_span: list[tuple[str, str]]
    unit: str = ""
    parts: list[tuple[str, str]] = field(default_factory=list)


def headline_lines(version: FigureVersion, keys: tuple[str, ...] = HEADLINES) -> list[FrozenLine]:
    """Values with the labels and units of the definitions that were signed."""
    labels = span_labels(version)
    stored = {span: _stored(version, span) for span in labels}
    return [
        FrozenLine(
            version.definitions[key]["label"],
            [(label, stored_text(stored[span][key])) for span, label in labels.items()],
            version.definitions[key]["unit"],
            part_texts(stored[Span.YEAR][key]),
        )
        for key in keys
        if key in version.definitions and key in stored[Span.YEAR]
    ]


def span_labels(version: FigureVersion) -> dict[str, str]:
    return {span: span_label(span, version.last_on) for span in spans_of(parse_period(version.period))}


def stored_text(row: FrozenFigure) -> str:
    figure = FIGURES.get(row.figure)
    return format_value(as_counted(figure, row.value), figure) if figure else str(row.value or "—")


def part_texts(row: FrozenFigure) -> list[tuple[str, str]]:
    """(label, amount and number) of the parts that have rows."""
    figure = FIGURES.get(row.figure)
    if figure is None:
        return []
    return [
        (str(figure.parts_by_key[key].label), _part_text(figure, rows, Decimal(total)))
        for key, (rows, total) in row.parts.items()
        if key in figure.parts_by_key
    ]


def _part_text(figure: FigureDefinition, rows: int, total: Decimal) -> str:
    return f"{total:,.2f} 万元（{rows} 条）" if figure.amount_field else f"{rows} 条"


@dataclass(frozen=True)
class SplitChoice:
    """`label`: of the figure and the dimension; `dimension`: of the dimension alone."""

    figure: str
    by: str
    label: str
    dimension: str


def split_choices(version: FigureVersion) -> list[SplitChoice]:
    """The splits that a version holds, those of the targets first."""
    kept = set(version.figures.exclude(by="").exclude(by=UNCONFIRMED).values_list("figure", "by").distinct())
    order = list(dict.fromkeys((*HEADLINES, *version.definitions)))
    return [
        split_choice(version, figure, by)
        for figure in order
        for by in DIMENSION_LABELS
        if (figure, by) in kept and figure in version.definitions
    ]


def split_choice(version: FigureVersion, figure: str, by: str) -> SplitChoice:
    definition, dimension = version.definitions[figure], DIMENSION_LABELS[by]
    return SplitChoice(figure, by, f"{definition['label']}（{definition['unit']}），按{dimension}", dimension)


def split_lines(version: FigureVersion, choice: SplitChoice) -> list[FrozenLine]:
    """The lines of a split in the order in which they were frozen; a dash where a span has no such line."""
    labels = span_labels(version)
    lines: dict[str, tuple[str, dict[str, str]]] = {}
    rows = version.figures.filter(figure=choice.figure, by=choice.by).order_by("pk")
    for row in sorted(rows, key=lambda row: row.span != Span.YEAR):  # the year has all lines, in their order
        lines.setdefault(row.name, (row.label, {}))[1][row.span] = stored_text(row)
    present = {span for _label, texts in lines.values() for span in texts}
    shown = {span: label for span, label in labels.items() if span in present}
    return [
        FrozenLine(label, [(span_text, texts.get(span, "—")) for span, span_text in shown.items()])
        for label, texts in lines.values()
    ]
