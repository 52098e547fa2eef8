"""How figures stand on a page."""

from decimal import Decimal
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mechanism.kpi.figure import Figure
from mechanism.kpi.reading import target_in_words
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.tally import Counted, Line
from mechanism.kpi.targets import Progress, in_words
from mechanism.kpi.where import Where
from mechanism.kpi.wording import plain, shown

register = template.Library()


@register.filter
def told(counted: Counted) -> str:
    return shown(counted.value, counted.figure)


@register.filter
def told_line(line: Line | None, figure: Figure) -> str:
    return "—" if line is None else shown(line.value, figure)


@register.filter
def percent(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:.2f}%"


@register.filter
def yi(value: Decimal | None) -> str:
    """亿元 with as many places as tell something."""
    return "—" if value is None else shown(value, FIGURES["turnover"])


@register.filter
def wan2(value: Decimal | None) -> str:
    return "—" if value is None else plain(value)


@register.filter
def step_words(step: Progress, counted: Counted) -> str:
    return in_words(step, counted)


@register.filter
def target_words(step: Progress, figure: Figure) -> str:
    return target_in_words(step, figure)


@register.filter
def label_of(key: str) -> str:
    return FIGURES[key].label


@register.filter
def unit_of(key: str) -> str:
    return FIGURES[key].unit.label


@register.simple_tag
def figure_link(where: Where, key: str) -> str:
    return f"{reverse('figure', args=[key])}?{urlencode(where.query)}"


@register.simple_tag
def cell(where: Where, key: str, line: Line | None, by: str) -> SafeString | str:
    """A number in a table that opens its rows; zero and what is not there open nothing."""
    if line is None or not line.tally.rows:
        return "—" if line is None else told_line(line, FIGURES[key])
    query = urlencode({by: line.name} | {name: value for name, value in where.query.items() if name != by})
    return format_html(
        '<a href="{}?{}">{}</a>', reverse("figure_rows", args=[key]), query, told_line(line, FIGURES[key])
    )


@register.simple_tag
def period_cell(where: Where, key: str, line: Line) -> SafeString | str:
    """As `cell`, for a line of a split by time."""
    if not line.tally.rows:
        return told_line(line, FIGURES[key])
    query = urlencode(where.query | {"period": line.name})
    return format_html(
        '<a href="{}?{}">{}</a>', reverse("figure_rows", args=[key]), query, told_line(line, FIGURES[key])
    )
