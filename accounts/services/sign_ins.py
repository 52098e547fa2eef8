from datetime import timedelta

from axes.models import AccessAttempt, AccessLog
from axes.utils import reset
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from audit.services import record


def unlock_user(user: User, *, by: User) -> int:
    """End the lockout after failed logins. Returns the number of deleted attempts."""
    if not by.scope.is_sysadmin:
        raise PermissionDenied("只有系统管理员可以解除登录锁定。")
    deleted: int = reset(username=user.username)
    record("解除登录锁定", user, by=by, changes={"attempts": [deleted, 0]})
    return deleted


def delete_expired_sign_in_data() -> int:
    """Delete attempts whose lockout is over, login logs older than the retention period, and expired sessions.

    The audit trail keeps all logins. Returns the number of deleted rows.
    """
    now = timezone.now()
    expired = [
        AccessAttempt.objects.filter(attempt_time__lt=now - settings.AXES_COOLOFF_TIME),
        AccessLog.objects.filter(attempt_time__lt=now - timedelta(days=settings.AUDIT_RETENTION_DAYS)),
        Session.objects.filter(expire_date__lt=now),
    ]
    return sum(rows.delete()[0] for rows in expired)
