"""Until when a district decides about what a firm has sent, and the reminder once that day has passed."""

from datetime import date

from django.conf import settings
from django.utils import timezone

from audit.services import record
from core.workdays import add_workdays
from demands.models import Demand, DemandRevision
from demands.services.notifications import notify_review_due

REVIEW_WORKDAYS = settings.REVIEW_WORKDAYS
"""Working days for the first review of a demand, and for changes of a published one."""
REMINDER = "提醒区县处理"
"""Audit action of the reminder."""


def decide_by(row: Demand | DemandRevision) -> date:
    """The day until which the district should decide about a submitted demand, or about a pending revision."""
    since = row.proposed_at if isinstance(row, DemandRevision) else row.status_changed_at
    return add_workdays(timezone.localdate(since), REVIEW_WORKDAYS)


def remind_of_reviews() -> int:
    """Remind the districts, once for each submission, of what they should have decided. Returns how many were new."""
    today, reminded = timezone.localdate(), 0
    submitted = Demand.objects.awaiting_district().select_related("firm")
    revisions = DemandRevision.objects.awaiting_decision().select_related("demand__firm")
    waiting: list[tuple[Demand, DemandRevision | None]] = [(demand, None) for demand in submitted]
    waiting += [(revision.demand, revision) for revision in revisions]
    for demand, revision in waiting:
        if decide_by(revision or demand) < today and notify_review_due(demand, revision):
            record(REMINDER, demand, by=None)
            reminded += 1
    return reminded
