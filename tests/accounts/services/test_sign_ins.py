from datetime import timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.services.sign_ins import unlock_user
from accounts.tasks import forget_old_attempts
from tests import factories

pytestmark = pytest.mark.django_db


def attempt(username, **ago):
    row = AccessAttempt.objects.create(username=username, ip_address="203.0.113.7", failures_since_start=5)
    AccessAttempt.objects.filter(pk=row.pk).update(attempt_time=timezone.now() - timedelta(**ago))


def test_expired_attempts_and_sessions_are_deleted():
    attempt("old", minutes=16)
    attempt("fresh", minutes=14)
    Session.objects.create(session_key="over", expire_date=timezone.now() - timedelta(seconds=1))
    Session.objects.create(session_key="open", expire_date=timezone.now() + timedelta(minutes=5))
    forget_old_attempts()
    assert list(AccessAttempt.objects.values_list("username", flat=True)) == ["fresh"]
    assert list(Session.objects.values_list("session_key", flat=True)) == ["open"]


def test_login_logs_are_kept_for_the_retention_period(settings):
    for days in (settings.AUDIT_RETENTION_DAYS - 1, settings.AUDIT_RETENTION_DAYS + 1):
        row = AccessLog.objects.create(username=f"{days}")
        AccessLog.objects.filter(pk=row.pk).update(attempt_time=timezone.now() - timedelta(days=days))
    forget_old_attempts()
    assert AccessLog.objects.get().username == str(settings.AUDIT_RETENTION_DAYS - 1)


def test_second_call_changes_nothing():
    attempt("fresh", minutes=1)
    forget_old_attempts()
    forget_old_attempts()
    assert AccessAttempt.objects.count() == 1


def test_only_system_administrators_end_a_lockout():
    user = factories.user()
    attempt(user.username, minutes=1)
    with pytest.raises(PermissionDenied):
        unlock_user(user, by=factories.city_officer())
    assert unlock_user(user, by=factories.sysadmin()) == 1
    assert not AccessAttempt.objects.exists()
