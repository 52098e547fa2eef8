"""Tell firms in time that a demand will no longer be shown, and once it is not."""

from datetime import timedelta

from django.utils import timezone

from demands.models import Demand
from demands.services.notifications import notify_expiry

NOTICE_BEFORE = timedelta(days=30)
NOTICE_AFTER = timedelta(days=7)
"""A demand that ended longer ago is not told any more, as after an outage."""


def tell_expiring_demands() -> None:
    """One notice in the 30 days before the last day, one after it. Running again tells nobody twice."""
    today = timezone.localdate()
    rows = Demand.objects.filter(status__in=Demand.OPEN).select_related("firm")
    for demand in rows.filter(expires_on__range=(today, today + NOTICE_BEFORE)):
        notify_expiry(demand, is_over=False)
    for demand in rows.filter(expires_on__range=(today - NOTICE_AFTER, today - timedelta(days=1))):
        notify_expiry(demand, is_over=True)
