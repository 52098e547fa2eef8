"""The number beside the bell of the page header."""

from django import template

from accounts.models import User
from notices.models import Notice

register = template.Library()


@register.simple_tag
def unread_notices(user: User) -> int:
    """The number of unread notices. One query on the index `notice_unread`."""
    return Notice.objects.for_user(user).unread().count()
