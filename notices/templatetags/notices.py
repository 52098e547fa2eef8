"""The bell."""

from django import template

from notices.models import Notice

register = template.Library()


@register.simple_tag
def unread_notices(user) -> int:
    """How many notices somebody has not read: one small question of an index."""
    return Notice.objects.of(user).unread().count()
