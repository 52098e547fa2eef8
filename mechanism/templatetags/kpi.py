"""Filters and tags that show figures on a page."""

from decimal import Decimal
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mechanism.closing.signed_values import SignedValue, SignedValues
from mechanism.kpi.charts import Bar, bars
from mechanism.kpi.cockpit_content import CockpitFigure
from mechanism.kpi.definitions import TIMES, FigureDefinition
from mechanism.kpi.formatting import format_number, format_value
from mechanism.kpi.movement import Movement
from mechanism.kpi.presentation import part_text, target_text
from mechanism.kpi.public_report import PublicCell
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.sentences import (
    direction,
    forecast_text,
    movement_parts,
    movement_text,
    numeral,
    signed,
    unit_of_change,
)
from mechanism.kpi.targets import progress_text
from mechanism.kpi.totals import FigureValue, PartValue, SplitLine

register = template.Library()
register.filter("progress_text", progress_text)
register.filter("target_text", target_text)


@register.filter
def figure_value(counted: FigureValue) -> str:
    return format_value(counted.value, counted.figure)


@register.filter
def signed_beside(counted: FigureValue, signed: SignedValues | None) -> SignedValue | None:
    """The signed value of a figure in a closed period; None in an open one."""
    return signed.beside(counted) if signed else None


@register.filter
def percent(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:.2f}%"


@register.filter
def yi(value: Decimal | None) -> str:
    """亿元, with as many decimal places as are meaningful."""
    return "—" if value is None else format_value(value, FIGURES["turnover"])


@register.filter
def wan2(value: Decimal | None) -> str:
    return "—" if value is None else format_number(value)


@register.filter
def label_of(key: str) -> str:
    return FIGURES[key].label


@register.filter
def unit_of(key: str) -> str:
    return FIGURES[key].unit.label


@register.simple_tag
def figure_link(scope: FigureScope, key: str) -> str:
    return f"{reverse('figure', args=[key])}?{urlencode(scope.query)}"


@register.simple_tag
def part_link(scope: FigureScope, key: str, part: str) -> str:
    """The page of the rows of a part."""
    return f"{reverse('figure_rows', args=[key])}?{urlencode(scope.query | {'part': part})}"


@register.simple_tag
def part_value(value: PartValue) -> str:
    return part_text(value)


@register.simple_tag
def split_cell(scope: FigureScope, key: str, line: SplitLine | None, by: str) -> SafeString | str:
    """The number of a split line, linked to its records if it has any; a dash for None."""
    if line is None:
        return "—"
    other_filters = {name: value for name, value in scope.query.items() if name != by}
    return _linked_number(key, line, {by: line.name} | other_filters)


@register.simple_tag
def period_cell(scope: FigureScope, key: str, line: SplitLine) -> SafeString | str:
    """As `split_cell`, for a line of a split by time."""
    return _linked_number(key, line, scope.query | {"period": line.name})


@register.simple_tag
def split_part(scope: FigureScope, key: str, line: SplitLine, by: str, value: PartValue) -> SafeString:
    """A part of a split line, linked to its rows. `by`: dimension or "year", "quarter", "month"."""
    name = "period" if by in TIMES else by
    query = scope.query | {name: line.name, "part": value.part.key}
    return format_html('<a href="{}?{}">{}</a>', reverse("figure_rows", args=[key]), urlencode(query), part_text(value))


def _linked_number(key: str, line: SplitLine, query: dict[str, str]) -> SafeString | str:
    """The link leads to the rows as they are now, which a signed line says beside its number where they differ."""
    number = format_value(line.value, FIGURES[key])
    rows = (line.current or line).totals.rows
    if rows:
        url = reverse("figure_rows", args=[key])
        number = format_html('<a href="{}?{}">{}</a>', url, urlencode(query), number)
    return number if line.current is None else format_html("{}{}", number, current_number(key, line.current))


@register.simple_tag
def current_number(key: str, line: SplitLine) -> SafeString:
    """Beside a signed number: what is counted now."""
    return format_html('<span class="now-n">现 {}</span>', current_text(key, line))


def current_text(key: str, line: SplitLine) -> str:
    """Of a line of another figure over the same rows, such as the turnover of a line of a rate, its sum."""
    figure = FIGURES[key]
    value = figure.in_unit(line.totals.total) if figure.is_money else line.totals.rows
    return format_value(line.value if figure.is_rate else value, figure)


# --- The cockpit -----------------------------------------------------------------------------------------------------
register.filter("numeral", numeral)
register.filter("movement_text", movement_text)
register.filter("movement_parts", movement_parts)
register.filter("movement_direction", direction)
register.filter("forecast_text", forecast_text)


@register.filter
def goal_text(cockpit_figure: CockpitFigure) -> str:
    """ "目标 > 500"; without the unit, which stands before it."""
    if cockpit_figure.goal is None:
        return ""
    sign = ">" if cockpit_figure.must_exceed else "≥"
    return f"{sign} {format_number(cockpit_figure.goal)}"


@register.filter
def reason_text(item: CockpitFigure) -> str:
    """Why the light has its colour, and for a rate both ways to calculate it."""
    sentences = [f"{item.light.reason}。"] if item.light.reason else []
    if item.figure.is_rate:
        totals = item.counted.totals
        sentences.append(f"按金额 {percent(totals.by_amount)}，按项数 {percent(totals.by_number)}。")
    return "".join(sentences)


@register.simple_tag
def week_link(scope: FigureScope, movement: Movement) -> str:
    """The rows of the week, or for a snapshot figure the changes since."""
    query = scope.query | {"period": movement.week.name}
    if movement.figure.is_snapshot:
        return changes_link(scope, movement)
    return f"{reverse('figure_rows', args=[movement.figure.key])}?{urlencode(query)}"


@register.simple_tag
def changes_link(scope: FigureScope, movement: Movement) -> str:
    since = timezone.localdate(movement.since).isoformat()
    return f"{reverse('figure_changes', args=[movement.figure.key])}?{urlencode(scope.query | {'since': since})}"


@register.filter
def signed_value(effect: Decimal, figure: FigureDefinition) -> str:
    return f"{signed(effect, figure)} {unit_of_change(figure)}"


@register.simple_tag
def party_link(scope: FigureScope, by: str, name: str) -> str:
    return f"{reverse('board')}?{urlencode({'period': scope.period.name, by: name})}"


@register.filter
def percent1(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:.1f}%"


@register.filter
def part_number(part: PartValue) -> str:
    """The value of a part without its unit."""
    return yi(Decimal(part.value)) if part.unit.label == "亿元" else format_number(part.value)


@register.filter
def figure_number(value: Decimal | int | None, figure: FigureDefinition) -> str:
    return format_value(value, figure)


@register.filter
def with_bars(cells: list[PublicCell]) -> list[tuple[PublicCell, Bar]]:
    """The cells of a public table, each with its bar; a suppressed cell has a gap."""
    return list(zip(cells, bars([None if cell.yi is None else float(cell.yi) for cell in cells]), strict=True))


@register.filter
def yi_number(value: float | None) -> str:
    """A sum of the trend in 亿元; a dash where there is none."""
    return "—" if value is None else yi(Decimal(f"{value:.4f}"))
