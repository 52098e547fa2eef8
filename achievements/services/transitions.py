"""Change the status of achievements: one conditional UPDATE on the row's own columns, one audit record per row."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.services import record, record_many

Status = Achievement.Status
type Rows = QuerySet[Achievement] | Iterable[Achievement]


class BulkResult(NamedTuple):
    """How many rows a bulk change updated, and how many it skipped because their status does not allow it."""

    changed: int
    skipped: int


def validated_reason(reason: str, example: str) -> str:
    """Return the stripped reason. Raises ValidationError if it is empty or longer than `status_reason`."""
    reason = reason.strip()
    if not reason:
        raise ValidationError("请写明原因，例如“%(example)s”。" % {"example": example})
    longest = Achievement._meta.get_field("status_reason").max_length
    if len(reason) > longest:
        raise ValidationError(
            "原因有 %(length)d 个字，最多 %(longest)s 个字，请精简。" % {"length": len(reason), "longest": longest}
        )
    return reason


@transaction.atomic
def change_status(
    achievement: Achievement,
    sources: Collection[str],
    target: str,
    *,
    action: str,
    by: User,
    reason: str = "",
    **fields,
) -> None:
    """Set `target` and `fields` if the status is one of `sources` and still the one that `achievement` was loaded with.

    Of two concurrent calls one succeeds, the other raises ValidationError with the current status.
    """
    seen_status = achievement.status
    updated = 0
    if seen_status in sources:
        values = _status_values(target, reason, fields)
        try:
            with transaction.atomic():
                updated = Achievement.objects.filter(pk=achievement.pk, status=seen_status).update(**values)
        except IntegrityError as error:
            raise ValidationError(constraint_message(error)) from None
    if not updated:
        achievement.refresh_from_db()
        raise ValidationError(
            "“%(title)s”现在是“%(now)s”，不能%(action)s。请刷新页面查看最新状态。"
            % {"title": achievement, "now": achievement.get_status_display(), "action": action}
        )
    changes = {"status": [seen_status, target]} | ({"reason": [None, reason]} if reason else {})
    achievement.refresh_from_db()
    record(action, achievement, by=by, changes=changes | _text_changes(fields))


@transaction.atomic
def bulk_change_status(
    rows: Rows, sources: Collection[str], target: str, *, action: str, by: User, reason: str = "", **fields
) -> BulkResult:
    """Set `target` and `fields` on those `rows` (queryset or list) whose status is one of `sources`; skip the others.

    Rows are locked in the order of their keys, so that concurrent bulk changes do not deadlock.
    """
    keys = primary_keys(rows)
    locked = list(Achievement.objects.filter(pk__in=keys, status__in=sources).order_by("pk").select_for_update())
    updated = Achievement.objects.filter(pk__in=[row.pk for row in locked], status__in=sources).update(
        **_status_values(target, reason, fields)
    )
    extra = ({"reason": [None, reason]} if reason else {}) | _text_changes(fields)
    record_many(action, {row: {"status": [row.status, target]} | extra for row in locked}, by=by)
    return BulkResult(updated, len(keys) - updated)


def primary_keys(rows: Rows) -> list[int]:
    if isinstance(rows, QuerySet):
        return list(rows.order_by().values_list("pk", flat=True))
    return [row.pk for row in rows]


def _status_values(target: str, reason: str, fields: dict) -> dict:
    now = timezone.now()
    return {"status": target, "status_reason": reason, "status_changed_at": now, "updated_at": now} | fields


def _text_changes(fields: dict) -> dict:
    """Text fields that are set with the status, as audit changes."""
    return {name: [None, value] for name, value in fields.items() if isinstance(value, str)}


def constraint_message(error: IntegrityError) -> str:
    """The message of the violated constraint; re-raises `error` if it is not a constraint of Achievement."""
    for constraint in Achievement._meta.constraints:
        if constraint.name in str(error):
            return constraint.get_violation_error_message()
    raise error
