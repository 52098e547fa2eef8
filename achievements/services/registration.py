"""Register achievements (入库): assign a registry number that is never reused."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement, RegistryCounter
from achievements.permissions import check_city
from achievements.services.publication import VALIDITY_YEARS, years_later
from achievements.services.transitions import BulkResult, Rows, Status, primary_keys
from audit.services import record_many

BATCH_SIZE = 500
"""Rows per UPDATE. Each row is a branch of one CASE expression, which PostgreSQL evaluates in sequence."""


def register_achievement(achievement: Achievement, *, by: User) -> None:
    """待市科技局审核 → 已入库: assign a registry number and publish it if the institution is willing to transfer it.

    Raises PermissionDenied unless `by` is city staff, ValidationError in any other status.
    """
    if not register_achievements([achievement], by=by).changed:
        achievement.refresh_from_db()
        raise ValidationError(
            "“%(title)s”现在是“%(now)s”，只有“待市科技局审核”的成果可以入库。请刷新页面查看最新状态。"
            % {"title": achievement, "now": achievement.get_status_display()}
        )
    achievement.refresh_from_db()


@transaction.atomic
def register_achievements(achievements: Rows, *, by: User) -> BulkResult:
    """Register those `achievements` that are 待市科技局审核; skip the others.

    Rows are locked before the numbers are taken, so that no transaction holds the counter while it waits for a row.
    """
    check_city(by)
    keys = primary_keys(achievements)
    rows = list(
        Achievement.objects.filter(pk__in=keys, status=Status.CITY_REVIEW).order_by("pk").select_for_update(of=["self"])
    )
    numbers = dict(zip((row.pk for row in rows), next_registry_numbers(len(rows)), strict=True))
    updated = 0
    for start in range(0, len(rows), BATCH_SIZE):
        batch = [row.pk for row in rows[start : start + BATCH_SIZE]]
        updated += Achievement.objects.filter(pk__in=batch, status=Status.CITY_REVIEW).update(
            registry_number=Case(*(When(pk=pk, then=Value(numbers[pk])) for pk in batch)), **_registered(by)
        )
    record_many(
        "登记入库",
        {row: {"status": [row.status, Status.REGISTERED], "registry_number": [None, numbers[row.pk]]} for row in rows},
        by=by,
    )
    return BulkResult(updated, len(keys) - updated)


def next_registry_numbers(count: int) -> list[str]:
    """Reserve the next `count` registry numbers of this year, such as DL-2026-0001, in one atomic statement."""
    if not count:
        return []
    year = timezone.localdate().year
    table = connection.ops.quote_name(RegistryCounter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS counter (year, last) VALUES (%s, %s) "  # noqa: S608  (the table name comes from the model)
            "ON CONFLICT (year) DO UPDATE SET last = counter.last + EXCLUDED.last RETURNING last",
            [year, count],
        )
        last = cursor.fetchone()[0]
    return [f"{settings.CITY.registry_prefix}-{year}-{number:04d}" for number in range(last - count + 1, last + 1)]


def _registered(by: User) -> dict[str, Any]:
    now, today = timezone.now(), timezone.localdate()
    return {
        "status": Status.REGISTERED,
        "status_reason": "",
        "status_changed_at": now,
        "updated_at": now,
        "registered_by": by,
        "registered_at": now,
        # An achievement that the institution does not want to transfer is registered but not published.
        "published_at": Case(When(willingness=Achievement.Willingness.WILLING, then=Value(now)), default=None),
        "expires_on": Case(
            When(expires_on__gte=today, then=F("expires_on")), default=Value(years_later(today, VALIDITY_YEARS))
        ),
    }
