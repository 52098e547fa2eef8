"""Change the status of demands, one or many at once.

Each transition locks its rows, checks them and is one UPDATE. Of two concurrent transitions one succeeds; the other
raises ValidationError with the current status.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from audit.services import Changes
from audit.transitions import constraint_message, transition_many
from demands.models import Demand
from demands.permissions import Permission, check_permission, manages
from mandates.models import Right
from mandates.services.acts import note_act_for

Status = Demand.Status
ENDS_WITH_STATUS = {"paused_from": "", "paused_until": None, "solution": "", "solver": None, "solution_note": ""}
type Objection = Callable[[Demand], str]


class SkippedDemand(NamedTuple):
    """A demand that a bulk transition did not change, with the reason as a message."""

    demand: Demand
    message: str


class TransitionResult(NamedTuple):
    """The demands that a bulk transition changed, and those it skipped."""

    changed: list[Demand]
    skipped: list[SkippedDemand]


@dataclass(frozen=True)
class Transition:
    """A status change: name for messages and audit, source statuses, target status, permission."""

    action: str
    sources: tuple[Status, ...]
    target: Status
    allowed: Permission = manages


def change_status(demand: Demand, transition: Transition, *, by: User, **options: Any) -> None:
    """Apply `transition` to one demand. Raises PermissionDenied, ValidationError; options as `bulk_change_status`."""
    check_permission(transition.allowed, demand, by)
    try:
        result = bulk_change_status([demand], transition, by=by, **options)
    except IntegrityError as error:
        raise ValidationError(constraint_message(error, Demand)) from None
    raise_if_skipped(result, demand)


def raise_if_skipped(result: TransitionResult, demand: Demand) -> None:
    """Refresh `demand` and raise ValidationError if the transition skipped it."""
    demand.refresh_from_db()
    if result.skipped:
        raise ValidationError(result.skipped[0].message)


@transaction.atomic
def bulk_change_status(
    demands: QuerySet[Demand] | Iterable[Demand],
    transition: Transition,
    *,
    by: User | None,
    reason: str = "",
    objection: Objection | None = None,
    **fields: Any,
) -> TransitionResult:
    """Apply `transition` to each demand that allows it, in a constant number of queries.

    `objection` takes a locked demand and returns why it must be skipped, or "". `fields` are set with the status; what
    a demand keeps of its pause and its solution ends with every change of status, unless `fields` set it.
    """
    keys = demands.values_list("pk", flat=True) if isinstance(demands, QuerySet) else [demand.pk for demand in demands]
    # Locked in the order of their keys, so that concurrent bulk transitions do not deadlock.
    locked = list(
        Demand.objects.filter(pk__in=keys)
        .order_by("pk")
        .select_for_update(of=("self",))
        .select_related("firm__stat_region", "industry__parent")
        .prefetch_related("indicators", "exposure_consents")
    )
    skipped = [
        SkippedDemand(demand, message)
        for demand in locked
        if (message := _objection(demand, transition, by, objection))
    ]
    skipped_keys = {item.demand.pk for item in skipped}
    changed = [demand for demand in locked if demand.pk not in skipped_keys]
    now = timezone.now()
    extra: dict[str, object] = {"reason": [None, reason]} if reason else {}
    transition_many(
        {
            demand: {"status": [demand.status, transition.target], **extra, **_behalf(demand, transition, by)}
            for demand in changed
        },
        values={"status": transition.target, "status_reason": reason, "status_changed_at": now, "updated_at": now}
        | ENDS_WITH_STATUS
        | fields,
        action=transition.action,
        by=by,
    )
    return TransitionResult(changed, skipped)


def _behalf(demand: Demand, transition: Transition, by: User | None) -> Changes:
    """What the trail says of a step that an agent took in the firm's name."""
    if by is None or not by.scope.is_broker:
        return {}
    return note_act_for(demand.firm, Right.POST, transition.action, demand, by=by)


def _objection(demand: Demand, transition: Transition, by: User | None, objection: Objection | None) -> str:
    if by is not None and not transition.allowed(by, demand.firm):
        return "不在您的管理范围内。"
    if demand.status not in transition.sources:
        return "“%(title)s”现在是“%(now)s”，不能%(action)s。请刷新页面查看最新状态。" % {
            "title": demand,
            "now": demand.get_status_display(),
            "action": transition.action,
        }
    return objection(demand) if objection else ""
