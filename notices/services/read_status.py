"""Marking notices as read."""

from collections.abc import Iterable

from django.utils import timezone

from accounts.models import User
from notices.models import Notice


def mark_read(notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


def mark_all_read(user: User) -> int:
    """Mark all notices of the user as read. Returns how many were unread."""
    return Notice.objects.for_user(user).unread().update(read_at=timezone.now())


def settle_notices(about: str, kinds: Iterable[str], people: Iterable[int] | None = None) -> None:
    """Mark notices as read because the task they announce is done, so that no digest mails them.

    `people`: ids of the recipients; None means all of them.
    """
    waiting = Notice.objects.unread().filter(about=about, kind__in=kinds)
    if people is not None:
        waiting = waiting.filter(recipient__in=people)
    waiting.update(read_at=timezone.now())
