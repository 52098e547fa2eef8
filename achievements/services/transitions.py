"""Change the status of achievements, one or many at once."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from achievements.models import Achievement
from audit.transitions import transition, transition_many

Status = Achievement.Status
STOPPED = (Status.PAUSED, Status.WITHDRAWN)
type Rows = QuerySet[Achievement] | Iterable[Achievement]


class BulkResult(NamedTuple):
    """How many rows a bulk change updated, and how many it skipped because their status does not allow it."""

    changed: int
    skipped: int


@transaction.atomic
def change_status(
    achievement: Achievement,
    sources: Collection[str],
    target: str,
    *,
    action: str,
    by: User | None,
    reason: str = "",
    **fields: Any,
) -> None:
    """Set `target` and `fields` if the status is one of `sources` and still the one that `achievement` was loaded with.

    Of two concurrent calls one succeeds, the other raises ValidationError with the current status.
    """
    seen_status = achievement.status
    changes = {"status": [seen_status, target]} | ({"reason": [None, reason]} if reason else {})
    transition(
        achievement,
        when={"status__in": {seen_status}.intersection(sources)},
        values=_status_values(target, reason, fields),
        refusal=lambda row: f"“{row}”现在是“{row.get_status_display()}”，不能{action}。请刷新页面查看最新状态。",
        action=action,
        by=by,
        changes=changes | _text_changes(fields),
    )
    _tell_if_stopped([achievement], target)


@transaction.atomic
def bulk_change_status(
    rows: Rows, sources: Collection[str], target: str, *, action: str, by: User, reason: str = "", **fields: Any
) -> BulkResult:
    """Set `target` and `fields` on those `rows` (queryset or list) whose status is one of `sources`; skip the others.

    Rows are locked in the order of their keys, so that concurrent bulk changes do not deadlock.
    """
    keys = primary_keys(rows)
    locked = list(Achievement.objects.filter(pk__in=keys, status__in=sources).order_by("pk").select_for_update())
    extra = ({"reason": [None, reason]} if reason else {}) | _text_changes(fields)
    transition_many(
        {row: {"status": [row.status, target]} | extra for row in locked},
        values=_status_values(target, reason, fields),
        action=action,
        by=by,
    )
    _tell_if_stopped(locked, target)
    return BulkResult(len(locked), len(keys) - len(locked))


def primary_keys(rows: Rows) -> list[int]:
    if isinstance(rows, QuerySet):
        return list(rows.order_by().values_list("pk", flat=True))
    return [row.pk for row in rows]


def _tell_if_stopped(rows: Sequence[Achievement], target: str) -> None:
    """Call `settings.ACHIEVEMENT_STOP_LISTENERS` of the apps above, which tell those who are in talks."""
    if target in STOPPED and rows:
        for path in settings.ACHIEVEMENT_STOP_LISTENERS:
            import_string(path)([row.pk for row in rows])


def _status_values(target: str, reason: str, fields: dict[str, Any]) -> dict[str, Any]:
    now = timezone.now()
    return {"status": target, "status_reason": reason, "status_changed_at": now, "updated_at": now} | fields


def _text_changes(fields: dict[str, Any]) -> dict[str, Any]:
    """Text fields that are set with the status, as audit changes."""
    return {name: [None, value] for name, value in fields.items() if isinstance(value, str)}
