"""Audit records of logins, failed logins, lockouts and logouts, written on the signals of Django and axes."""

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from audit.services import record


@receiver(user_logged_in)
def record_login(sender: object, user: User, **kwargs) -> None:
    record("登录", user, by=user)


@receiver(user_logged_out)
def record_logout(sender: object, user: User | None, **kwargs) -> None:
    if user is not None:
        record("退出", user, by=user)


@receiver(user_login_failed)
def record_failed_login(sender: object, credentials: dict, request: HttpRequest | None = None, **kwargs) -> None:
    """Attempts during a lockout are not recorded: the trail has the lockout, and repeated attempts must not fill it."""
    if not _was_locked_out_before(request):
        record("登录失败", _known_user(credentials.get("username")), by=None)


@receiver(user_locked_out)
def record_lockout(sender: object, username: str, request: HttpRequest | None = None, **kwargs) -> None:
    if not _was_locked_out_before(request):
        record("登录锁定", _known_user(username), by=None)


def _was_locked_out_before(request: HttpRequest | None) -> bool:
    """Axes counts the failures of a request only if it was not locked out before."""
    locked = getattr(request, "axes_locked_out", False)
    return locked and getattr(request, "axes_failures_since_start", None) is None


def _known_user(username: str | None) -> User:
    """The user of that name, else a placeholder. Unknown names are not stored: they may be mistyped passwords."""
    known = User.objects.filter(username=username).first() if username else None
    return known or User(name="未知用户名")
