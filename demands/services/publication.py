"""Publish demands after the first review."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import Truncator

from accounts.models import User
from core.plain_text import REASON_LENGTH
from demands.models import Demand
from demands.permissions import check_permission, manages
from demands.services.anonymity import anonymity_problem, exposure_problem, settle_public_name
from demands.services.exposure import ExposureCheck
from demands.services.notifications import has_listeners, notify_consent_needed, notify_published
from demands.services.transitions import (
    SkippedDemand,
    Status,
    Transition,
    TransitionResult,
    bulk_change_status,
    raise_if_skipped,
)
from demands.services.validity import DEFAULT_VALIDITY

SOURCES = (Status.DISTRICT_REVIEW, Status.DIAGNOSIS)


def publish_demand(demand: Demand, *, by: User, expires_on: date | None = None) -> None:
    """待区县初审 or 需求诊断中 → 已发布, until `expires_on` or for a year.

    An anonymous demand that names its firm, or that needs the firm's consent and has none, goes back to the firm with a
    notice: staff cannot consent for it. Raises PermissionDenied out of scope; ValidationError in that case, if the last
    day has passed, and in any other status.
    """
    check_permission(manages, demand, by)
    raise_if_skipped(publish_demands([demand], by=by, expires_on=expires_on), demand)


@transaction.atomic
def publish_demands(
    demands: QuerySet[Demand] | Iterable[Demand], *, by: User, expires_on: date | None = None
) -> TransitionResult:
    """`publish_demand` for many, in a constant number of queries besides those that go back to their firms."""
    today = timezone.localdate()
    last_day = expires_on or today + DEFAULT_VALIDITY
    review = _AnonymityReview()
    transition = Transition("初审通过并发布", SOURCES, Status.PUBLISHED)
    dates: dict[str, Any] = {
        "published_at": timezone.now(),
        "expires_on": last_day if expires_on else Coalesce("expires_on", last_day),
    }

    def objection(demand: Demand) -> str:
        last_day = expires_on or demand.expires_on
        if last_day and last_day < today:
            return "有效期至 %(day)s，已经过去，请先改成今后的日期。" % {"day": last_day.isoformat()}
        return review.problem(demand)

    result = bulk_change_status(demands, transition, by=by, objection=objection, **dates)
    changed = Demand.objects.filter(pk__in=[demand.pk for demand in result.changed]).select_related("firm")
    notify_published(changed)
    skipped = [
        SkippedDemand(item.demand, _give_back(item.demand, problem, by))
        if (problem := review.problems.get(item.demand.pk))
        else item
        for item in result.skipped
    ]
    return TransitionResult(result.changed, skipped)


class _AnonymityReview:
    """The problems of anonymous demands. The registry is read when the first of them is checked."""

    def __init__(self) -> None:
        self.problems: dict[int, str] = {}
        self._check: ExposureCheck | None = None

    def problem(self, demand: Demand) -> str:
        if not demand.is_anonymous:
            return ""
        self._check = self._check or ExposureCheck()
        if not (problem := anonymity_problem(demand)):
            # The registry may have changed since the demand was saved.
            settle_public_name(demand, check=self._check)
            problem = exposure_problem(demand, self._check.assess(demand))
        if problem:
            self.problems[demand.pk] = problem
        return problem


def _give_back(demand: Demand, problem: str, by: User) -> str:
    """Return the demand to its firm and tell it; where nobody of the firm can answer, it stays. Returns the message."""
    if not has_listeners(demand):
        return "%(problem)s需要企业自己确认，但企业还没有可用的账号。请先为企业开通账号，或修改后再发布。" % {
            "problem": problem
        }
    reason = "匿名需求发布前需要企业修改或确认。%(problem)s" % {"problem": problem}
    transition = Transition("退回企业确认", SOURCES, Status.DRAFT)
    bulk_change_status([demand], transition, by=by, reason=Truncator(reason).chars(REASON_LENGTH))
    notify_consent_needed(demand)
    return "%(problem)s专员不能代企业确认，已退回企业，企业已收到消息。" % {"problem": problem}
