"""How the page of heads shows a time, a share and a figure that opens its rows."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

register = template.Library()


@register.filter
def span(duration) -> str:
    """3.5 天, 5 小时; — for none."""
    if duration is None:
        return "—"
    hours = duration.total_seconds() / 3600
    return f"{hours / 24:.1f} 天" if hours >= 24 else f"{hours:.0f} 小时" if hours >= 1 else "不到 1 小时"


@register.filter
def age(moment) -> str:
    """How long ago: 12 天; — for none."""
    return f"{(timezone.now() - moment).days} 天" if moment else "—"


@register.simple_tag
def share(part: int, whole: int) -> str:
    """The number, its percentage, and a bar that says the same."""
    percent = round(100 * part / whole) if whole else 0
    return format_html(
        '<b class="num">{}</b> <span class="muted">{}%</span>'
        '<progress class="bar-l" max="100" value="{}" aria-hidden="true"></progress>',
        part,
        percent,
        percent,
    )


@register.simple_tag
def cell(line: dict, name: str, where) -> str:
    """A district's figure, leading to its rows."""
    if not line[name] or line["region"] is None:
        return str(line[name])
    query = {"region": line["region"].code} | ({"run": where.run.pk} if where.run else {})
    return format_html(
        '<a href="{}?{}">{}</a>', reverse("admin:matching_desk_rows", args=[name]), urlencode(query), line[name]
    )
