"""Reminders to parties that have not answered."""

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from deals.models import Confirmation
from deals.services import confirmation_notices


def remind_parties() -> int:
    """Remind each party once a week of what it has not answered. Safe to run twice. Returns the number of notices."""
    now = timezone.now()
    before = now - settings.CONFIRMATION_REMINDER_EVERY
    waiting = Confirmation.objects.pending().exclude(matter="listed").filter(asked_at__lt=before)
    rows = list(
        waiting.filter(Q(reminded_at=None) | Q(reminded_at__lt=before)).select_related("organisation", "broker")
    )
    Confirmation.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_at=now)
    return confirmation_notices.remind(rows, now.date().isoformat())
