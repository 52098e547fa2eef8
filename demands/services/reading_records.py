"""Record who reads which step of a demand, for the firm's list 谁看过."""

from django.db.models import F
from django.utils import timezone

from accounts.models import User
from core.scope import scope_of
from demands.models import Demand, DemandFile, DemandReading


def record_reading(demand: Demand, step: str, *, by: User, file: DemandFile | None = None) -> None:
    """Count one reading of a demand by a user today. Members of the firm and anonymous readers are not recorded.

    `step` is one of `DemandReading.Step`, `file` the file of the step FILE.
    """
    scope = scope_of(by)
    if not scope.user_id or demand.firm_id in scope.firm_ids:
        return
    now = timezone.now()
    row, is_new = DemandReading.objects.get_or_create(
        demand=demand,
        reader=by,
        step=step,
        file=file,
        day=timezone.localdate(now),
        defaults={"organisation_id": _organisation_id(by), "first_at": now, "last_at": now},
    )
    if not is_new:
        DemandReading.objects.filter(pk=row.pk).update(times=F("times") + 1, last_at=now)


def _organisation_id(user: User) -> int | None:
    """The organisation for which the user reads: the institution or agency before others."""
    scope = scope_of(user)
    outside = sorted(scope.institution_ids | scope.agency_ids)
    return next(iter([*outside, *sorted(scope.organisation_ids)]), None)
