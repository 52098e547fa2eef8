"""Sign-ins in the audit trail: entered, refused, locked out, left. Django and axes announce them; nobody calls us."""

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record


@receiver(user_logged_in)
def record_entered(sender, user, **kwargs):
    record(_("登录"), user, by=user)


@receiver(user_logged_out)
def record_left(sender, user, **kwargs):
    if user is not None:
        record(_("退出"), user, by=user)


@receiver(user_login_failed)
def record_refused(sender, credentials, request=None, **kwargs):
    """Not while locked out: the lock is in the trail already, and nobody shall fill the trail by knocking on."""
    if not _already_locked(request):
        record(_("登录失败"), _whoever(credentials.get("username")), by=None)


@receiver(user_locked_out)
def record_locked(sender, username, request=None, **kwargs):
    if not _already_locked(request):
        record(_("登录锁定"), _whoever(username), by=None)


def _already_locked(request):
    """Axes counts the failures of a request only when it was not locked out to begin with."""
    locked = getattr(request, "axes_locked_out", False)
    return locked and getattr(request, "axes_failures_since_start", None) is None


def _whoever(username) -> User:
    """The user meant. What an unknown visitor typed is not kept: people type passwords into the wrong field."""
    known = User.objects.filter(username=username).first() if username else None
    return known or User(name=_("未知用户名"))
