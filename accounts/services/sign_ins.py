from datetime import timedelta

from axes.models import AccessAttempt, AccessLog
from axes.utils import reset
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.services import record


def unlock_user(user: User, *, by) -> int:
    """Lift the lock that failed sign-ins put on a user. Returns the number of attempts forgotten."""
    if not by.scope.is_sysadmin:
        raise PermissionDenied(_("只有系统管理员可以解除登录锁定。"))
    forgotten = reset(username=user.username)
    record(_("解除登录锁定"), user, by=by, changes={"attempts": [forgotten, 0]})
    return forgotten


def forget_old_attempts() -> int:
    """Drop what only kept count: attempts whose lock is over, sign-in logs past the trail's age, expired sessions.

    The trail itself keeps every sign-in. Safe to run twice. Returns the number of rows dropped.
    """
    now = timezone.now()
    old = [
        AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME),
        AccessLog.objects.filter(attempt_time__lt=now - timedelta(days=settings.AUDIT_RETENTION_DAYS)),
        Session.objects.filter(expire_date__lt=now),
    ]
    return sum(rows.delete()[0] for rows in old)
