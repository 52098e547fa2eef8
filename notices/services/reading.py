"""What people do with their notices."""

from collections.abc import Iterable

from django.utils import timezone

from audit.services import record
from notices.models import Kind, Notice, Preference


def mark_read(notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


def mark_all_read(user) -> int:
    return Notice.objects.of(user).unread().update(read_at=timezone.now())


def settle_notices(about: str, kinds: Iterable[str], people: Iterable[int] | None = None) -> None:
    """What they asked for is done: they wait for nobody (or for none of `people`) any more, nor for the next mail."""
    waiting = Notice.objects.unread().filter(about=about, kind__in=kinds)
    if people is not None:
        waiting = waiting.filter(recipient__in=people)
    waiting.update(read_at=timezone.now())


def save_preference(user, *, no_mail: bool, muted: Iterable[str]) -> None:
    """What this user is not mailed about; unknown kinds are ignored."""
    kinds = sorted(set(muted) & set(Kind.values))
    Preference.objects.update_or_create(user=user, defaults={"no_mail": no_mail, "muted": kinds})
    record("更改消息设置", user, by=user, changes={"no_mail": [None, no_mail], "muted": [None, kinds]})


def stop_mail(user) -> None:
    """No mail any more; notices in the list stay. Done twice it is done once."""
    _preference, made = Preference.objects.get_or_create(user=user, defaults={"no_mail": True})
    if made or Preference.objects.filter(user=user, no_mail=False).update(no_mail=True):
        record("退订邮件", user, by=None, changes={"no_mail": [False, True]})
