"""How a state changes: one conditional UPDATE on the row's own columns, and a line in the audit trail for each row."""

from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from achievements.models import Achievement
from audit.services import record, record_many

Status = Achievement.Status


class BulkResult(NamedTuple):
    """How many rows a bulk change moved, and how many it left alone because their state does not allow it."""

    moved: int
    left: int


def check_city(by) -> None:
    if not by.scope.is_city:
        raise PermissionDenied(_("只有市级专员可以这样处理成果。"))


def check_office_or_city(achievement: Achievement, by) -> None:
    if not (by.scope.is_city or achievement.institution_id in by.scope.institution_ids):
        raise PermissionDenied(_("“%(title)s”不是您单位的成果。") % {"title": achievement})


def is_office_of(achievement: Achievement, by) -> bool:
    return achievement.institution_id in by.scope.institution_ids


def checked_reason(reason: str, example: str) -> str:
    """The reason without blanks around it. Raises ValidationError when there is none or it is too long to keep."""
    reason = reason.strip()
    if not reason:
        raise ValidationError(_("请写明原因，例如“%(example)s”。") % {"example": example})
    longest = Achievement._meta.get_field("status_reason").max_length
    if len(reason) > longest:
        raise ValidationError(
            _("原因有 %(length)d 个字，最多 %(longest)d 个字，请精简。") % {"length": len(reason), "longest": longest}
        )
    return reason


@transaction.atomic
def move(achievement: Achievement, sources, target: str, *, action: str, by, reason: str = "", **fields) -> None:
    """Change the state only if it still is what the caller saw: of two clicks one wins, the other is told why not."""
    seen = achievement.status
    moved = 0
    if seen in sources:
        values = _stamped(target, reason, fields)
        try:
            with transaction.atomic():
                moved = Achievement.objects.filter(pk=achievement.pk, status=seen).update(**values)
        except IntegrityError as error:
            raise ValidationError(explained(error)) from None
    if not moved:
        achievement.refresh_from_db()
        raise ValidationError(
            _("“%(title)s”现在是“%(now)s”，不能%(action)s。请刷新页面查看最新状态。")
            % {"title": achievement, "now": achievement.get_status_display(), "action": action}
        )
    changes = {"status": [seen, target]} | ({"reason": [None, reason]} if reason else {})
    achievement.refresh_from_db()
    record(action, achievement, by=by, changes=changes | _told(fields))


@transaction.atomic
def move_many(rows, sources, target: str, *, action: str, by, reason: str = "", **fields) -> BulkResult:
    """Change the state of those rows (queryset or list) that are in one of `sources`; the others are left alone.

    The rows are locked in the order of their keys, so two bulk changes wait for each other instead of colliding.
    """
    keys = keys_of(rows)
    locked = list(Achievement.objects.filter(pk__in=keys, status__in=sources).order_by("pk").select_for_update())
    moved = Achievement.objects.filter(pk__in=[row.pk for row in locked], status__in=sources).update(
        **_stamped(target, reason, fields)
    )
    extra = ({"reason": [None, reason]} if reason else {}) | _told(fields)
    record_many(action, {row: {"status": [row.status, target]} | extra for row in locked}, by=by)
    return BulkResult(moved, len(keys) - moved)


def keys_of(rows) -> list[int]:
    return list(rows.order_by().values_list("pk", flat=True)) if hasattr(rows, "values_list") else [r.pk for r in rows]


def _stamped(target: str, reason: str, fields: dict) -> dict:
    now = timezone.now()
    return {"status": target, "status_reason": reason, "status_changed_at": now, "updated_at": now} | fields


def _told(fields: dict) -> dict:
    """What of the fields set beside the state belongs in the trail: what is said in words."""
    return {name: [None, value] for name, value in fields.items() if isinstance(value, str)}


def explained(error: IntegrityError) -> str:
    """The constraint's own sentence, or the error again when it is none of ours."""
    for constraint in Achievement._meta.constraints:
        if constraint.name in str(error):
            return constraint.get_violation_error_message()
    raise error
