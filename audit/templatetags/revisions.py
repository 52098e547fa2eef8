"""Display of proposed changes."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from audit.revisions import ChangedField

register = template.Library()


EMPTY = {"before": "（空）", "after": "（删去）"}


@register.simple_tag
def segments(field: ChangedField, side: str) -> SafeString:
    """One side of a changed field ("before" or "after") without white space of a template; changed parts are marked."""
    changed = "<del>{}</del>" if side == "before" else "<ins>{}</ins>"
    parts = field.before if side == "before" else field.after
    marked = [format_html(changed if part.changed else "{}", part.text) for part in parts]
    return format_html_join("", "{}", ((text,) for text in marked or [format_html("{}", EMPTY[side])]))
