"""Texts of a one-page PDF: as long as the sheet allows."""

from django import template

register = template.Library()


@register.filter
def fitted(text: str, most: int) -> str:
    """The text up to `most` characters, ended at a sentence if one ends there; what is cut is said."""
    if len(text) <= most:
        return text
    head = text[:most]
    end = max(head.rfind(mark) for mark in "。！？；\n")
    return f"{head[: end + 1] if end > most // 2 else head}……（全文见网页）"
