"""Days in messages: what is left of them, and that they have passed if they have."""

from datetime import date

from django import template
from django.utils import timezone

register = template.Library()


@register.filter
def due_words(day: date | None) -> str:
    """剩 3 天, 今天到期, 已过 5 天."""
    if day is None:
        return ""
    left = (day - timezone.localdate()).days
    if left < 0:
        return f"已过 {-left} 天"
    return f"剩 {left} 天" if left else "今天到期"
