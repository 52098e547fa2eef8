"""Template tags of the overview: durations, shares, and figures that link to their rows."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from matching.overview.scope import OverviewScope

register = template.Library()


@register.filter
def span(duration: timedelta | None) -> str:
    """A duration as text (3.5 天, 5 小时), — for None."""
    if duration is None:
        return "—"
    hours = duration.total_seconds() / 3600
    return f"{hours / 24:.1f} 天" if hours >= 24 else f"{hours:.0f} 小时" if hours >= 1 else "不到 1 小时"


@register.filter
def age(moment: datetime | None) -> str:
    """Days since the moment (12 天), — for None."""
    return f"{(timezone.now() - moment).days} 天" if moment else "—"


@register.simple_tag
def share(part: int, whole: int, address: str = "") -> str:
    """The number (a link if `address` is given), its percentage of `whole`, and a bar."""
    percent = round(100 * part / whole) if whole else 0
    number = format_html('<a href="{}">{}</a>', address, part) if part and address else part
    return format_html(
        '<b class="num">{}</b> <span class="muted">{}%</span>'
        '<progress class="bar-l" max="100" value="{}" aria-hidden="true"></progress>',
        number,
        percent,
        percent,
    )


@register.simple_tag
def figure_url(name: str, scope: OverviewScope, **filters) -> str:
    """URL of the rows of a figure in this scope; `filters`: further parameters (region, run, officer)."""
    query = scope.query | {key: str(value) for key, value in filters.items() if value}
    return f"{reverse('admin:matching_desk_rows', args=[name])}?{urlencode(query)}"


@register.simple_tag
def number_link(number: int, address: str) -> str:
    """A number linked to its rows; 0 has no link."""
    return format_html('<a href="{}">{}</a>', address, f"{number:,}") if number else "0"


@register.simple_tag
def district_cell(row: dict, name: str, scope: OverviewScope) -> str:
    """A figure of a district, linked to its rows."""
    if row["region"] is None:
        return str(row[name])
    return number_link(row[name], figure_url(name, scope, region=row["region"].code))
