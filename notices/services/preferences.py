"""What a user wants to receive by mail."""

from collections.abc import Iterable

from accounts.models import User
from audit.services import record
from notices.models import NoticeKind, Preference


def save_preference(user: User, *, no_mail: bool, muted: Iterable[str]) -> None:
    """Store whether the user receives no mail at all, and the kinds that are left out. Unknown kinds are ignored."""
    kinds = sorted(set(muted) & set(NoticeKind.values))
    Preference.objects.update_or_create(user=user, defaults={"no_mail": no_mail, "muted": kinds})
    record("更改消息设置", user, by=user, changes={"no_mail": [None, no_mail], "muted": [None, kinds]})


def unsubscribe(user: User) -> None:
    """Stop all mail to the user; the list of notices stays. A second call changes and records nothing."""
    _preference, created = Preference.objects.get_or_create(user=user, defaults={"no_mail": True})
    if created or Preference.objects.filter(user=user, no_mail=False).update(no_mail=True):
        record("退订邮件", user, by=None, changes={"no_mail": [False, True]})
