"""Publish demands after the first review."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from demands.models import Demand
from demands.permissions import check_permission, manages
from demands.services.anonymity import anonymity_problem
from demands.services.transitions import Status, Transition, TransitionResult, bulk_change_status, raise_if_skipped

DEFAULT_VALIDITY = timedelta(days=365)
"""How long a demand is shown if no date is given."""


def publish_demand(demand: Demand, *, by: User, expires_on: date | None = None) -> None:
    """待区县初审 or 需求诊断中 → 已发布, until `expires_on` or for a year.

    Raises PermissionDenied out of scope; ValidationError if a public field names the anonymous firm, if the last day
    has passed, and in any other status.
    """
    check_permission(manages, demand, by)
    raise_if_skipped(publish_demands([demand], by=by, expires_on=expires_on), demand)


def publish_demands(
    demands: QuerySet[Demand] | Iterable[Demand], *, by: User, expires_on: date | None = None
) -> TransitionResult:
    """`publish_demand` for many, in a constant number of queries."""
    today = timezone.localdate()
    last_day = expires_on or today + DEFAULT_VALIDITY
    transition = Transition("初审通过并发布", (Status.DISTRICT_REVIEW, Status.DIAGNOSIS), Status.PUBLISHED)
    dates: dict[str, Any] = {
        "published_at": timezone.now(),
        "expires_on": last_day if expires_on else Coalesce("expires_on", last_day),
    }
    return bulk_change_status(
        demands, transition, by=by, objection=lambda demand: _publication_problem(demand, expires_on, today), **dates
    )


def _publication_problem(demand: Demand, expires_on: date | None, today: date) -> str:
    last_day = expires_on or demand.expires_on
    if last_day and last_day < today:
        return "有效期至 %(day)s，已经过去，请先改成今后的日期。" % {"day": last_day.isoformat()}
    return anonymity_problem(demand)
