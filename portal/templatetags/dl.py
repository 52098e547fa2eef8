"""The few components that templates are made of: icons, status badges, the maturity ladder, marked search hits."""

import functools
import re
from collections.abc import Iterable

from django import template
from django.conf import settings
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from taxonomy.models import TOP_LEVEL

register = template.Library()

SVG = (
    '<svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
)

BADGES = {
    "b-wait": set("office_review city_review district_review submitted proposed asked queued preparing".split()),
    "b-ok": {"registered", "featured", "published", "accepted", "approved", "taken", "done", "transferred", "solved"},
    "b-no": {"rejected", "withdrawn", "closed", "declined"},
    "b-hold": {"diagnosis", "tracking", "paused", "challenge"},
    "b-go": {"docking", "gathering", "running"},
}
"""Shape and colour by the value of a status; the word beside it always says the same."""


@functools.cache
def _svg(name: str) -> str:
    text = (settings.BASE_DIR / "static" / "icons" / f"{name}.svg").read_text()
    return re.sub(r"\s+", " ", re.sub(r"<svg[^>]*>", SVG, text, flags=re.DOTALL)).strip()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Inline static/icons/<name>.svg, hidden from screen readers: a word stands beside every icon."""
    return mark_safe(_svg(name))  # noqa: S308 our own file


@register.simple_tag
def status(obj) -> SafeString:
    """A badge for `obj.status`: shape, word and colour. Closed rounds are past, not refused."""
    style = next((style for style, values in BADGES.items() if obj.status in values), "b-plain")
    if obj._meta.model_name == "dockinground" and obj.status in {"closed", "archived"}:
        style = "b-plain"
    return format_html('<span class="badge {}">{}</span>', style, obj.get_status_display())


@register.simple_tag
def trl(level: int, scale: str) -> SafeString:
    """The small ladder beside a list row: `level` steps of the `scale`'s nine or thirteen."""
    top = TOP_LEVEL[scale]
    steps = mark_safe("".join('<i class="on"></i>' if step < level else "<i></i>" for step in range(top)))  # noqa: S308
    style = "trl trl-13" if top == 13 else "trl"
    return format_html(
        '<span class="{}" role="img" aria-label="技术成熟度 {} 级，满 {} 级">{}</span>', style, level, top, steps
    )


@register.filter
def hl(text: str, terms: Iterable[str]) -> SafeString:
    """Mark `terms` in `text`, whatever their case: longest first, neighbours merged, every piece escaped on its own."""
    longest_first = sorted({term for term in terms if term}, key=len, reverse=True)
    if not longest_first:
        return escape(text)
    word = "(?:{})".format("|".join(map(re.escape, longest_first)))
    pieces = re.split(rf"({word}(?:\s*{word})*)", text, flags=re.IGNORECASE)
    return format_html_join("", "{}", ((format_html("<mark>{}</mark>", p) if i % 2 else p,) for i, p in enumerate(pieces)))


@register.filter
def th(number: int) -> str:
    """A count with thousands separators: 2,367."""
    return f"{number:,}"
