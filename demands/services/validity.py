"""How long a demand is shown: the checks of its last day, and its extension by the firm."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import User
from audit.transitions import transition
from demands.models import Demand
from demands.permissions import check_permission, owns_or_manages

DEFAULT_VALIDITY = timedelta(days=365)
"""How long a demand is shown if no date is given."""
LONGEST_VALIDITY = timedelta(days=3 * 366)


def check_last_day(day: date | None) -> None:
    """Raise ValidationError, for the field `expires_on`, unless the day is between today and LONGEST_VALIDITY."""
    today = timezone.localdate()
    if day is None or day < today:
        raise ValidationError({"expires_on": "有效期至 %(day)s 已经过去，请写今天或以后的日期。" % {"day": day}})
    if day > today + LONGEST_VALIDITY:
        raise ValidationError({"expires_on": "有效期至 %(day)s 太远，最长三年，到期前可以再延长。" % {"day": day}})


def extend_demand(demand: Demand, *, by: User, until: date | None = None) -> None:
    """Show a published or paused demand until `until`, by default for a year from today. By the firm or staff.

    Only the last day changes, so it needs no review. Raises PermissionDenied, ValidationError.
    """
    check_permission(owns_or_manages, demand, by)
    until = until or timezone.localdate() + DEFAULT_VALIDITY
    check_last_day(until)
    transition(
        demand,
        when={"status__in": Demand.REVISABLE},
        values={"expires_on": until, "updated_at": timezone.now()},
        refusal=lambda row: f"“{row}”现在是“{row.get_status_display()}”，不能延长有效期。",
        action="延长有效期",
        by=by,
        changes={"expires_on": [str(demand.expires_on or ""), str(until)]},
    )
