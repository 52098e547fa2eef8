"""Durations, shares, and numbers that link to their rows, for the overview of the matching."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

register = template.Library()


@register.filter
def span(duration: timedelta | None) -> str:
    """3.5 天, 5 小时; — for None."""
    if duration is None:
        return "—"
    hours = duration.total_seconds() / 3600
    return f"{hours / 24:.1f} 天" if hours >= 24 else f"{hours:.0f} 小时" if hours >= 1 else "不到 1 小时"


@register.filter
def age(moment: datetime | None) -> str:
    """Days since `moment`: 12 天; — for None."""
    return f"{(timezone.now() - moment).days} 天" if moment else "—"


@register.simple_tag
def share(part: int, whole: int, address: str = "") -> str:
    """The number, linked to its rows if there is an `address`, its percentage, and a bar of the percentage."""
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
def rows_of(name: str, where, **narrower) -> str:
    """The URL of a figure's rows in the query scope `where`, filtered further by `narrower` (region, run …)."""
    query = where.query | {key: str(value) for key, value in narrower.items() if value}
    return f"{reverse('admin:matching_desk_rows', args=[name])}?{urlencode(query)}"


@register.simple_tag
def opens(number: int, address: str) -> str:
    """A number linked to its rows; 0 has no link."""
    return format_html('<a href="{}">{}</a>', address, f"{number:,}") if number else "0"


@register.simple_tag
def cell(line: dict, name: str, where) -> str:
    """A district's figure, linked to its rows."""
    if line["region"] is None:
        return str(line[name])
    return opens(line[name], rows_of(name, where, region=line["region"].code))
