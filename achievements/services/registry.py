"""Into the registry (入库), with a number that is given once, and before the public."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from achievements.models import Achievement, RegistryCounter
from achievements.services.moves import (
    BulkResult,
    Status,
    check_city,
    check_office_or_city,
    checked_reason,
    keys_of,
)
from audit.services import record, record_many

YEARS_ON_OFFER = 2
"""How long a registered item is offered before its institution must say that it still holds."""
AT_ONCE = 500
"""Rows per UPDATE: each row's number is a branch of one CASE, and the branches are tried in turn."""


def register_achievement(achievement: Achievement, *, by) -> None:
    """待市科技局审核 → 已入库: the registry number is given and, if the institution is willing, the item published.

    Raises PermissionDenied for anyone but city staff, ValidationError in any other state.
    """
    if not register_achievements([achievement], by=by).moved:
        achievement.refresh_from_db()
        raise ValidationError(
            _("“%(title)s”现在是“%(now)s”，只有“待市科技局审核”的成果可以入库。请刷新页面查看最新状态。")
            % {"title": achievement, "now": achievement.get_status_display()}
        )
    achievement.refresh_from_db()


@transaction.atomic
def register_achievements(achievements, *, by) -> BulkResult:
    """Register every item among `achievements` (queryset or list) that awaits the city; the others are left alone.

    The rows are locked before the numbers are taken, so nobody holds the counter while waiting for a row.
    """
    check_city(by)
    keys = keys_of(achievements)
    rows = list(
        Achievement.objects.filter(pk__in=keys, status=Status.CITY_REVIEW).order_by("pk").select_for_update(of=["self"])
    )
    numbers = dict(zip((row.pk for row in rows), take_numbers(len(rows)), strict=True))
    moved = 0
    for start in range(0, len(rows), AT_ONCE):
        part = [row.pk for row in rows[start : start + AT_ONCE]]
        moved += Achievement.objects.filter(pk__in=part, status=Status.CITY_REVIEW).update(
            registry_number=Case(*(When(pk=pk, then=Value(numbers[pk])) for pk in part)), **_registered(by)
        )
    record_many(
        _("登记入库"),
        {row: {"status": [row.status, Status.REGISTERED], "registry_number": [None, numbers[row.pk]]} for row in rows},
        by=by,
    )
    return BulkResult(moved, len(keys) - moved)


def take_numbers(count: int) -> list[str]:
    """The next `count` registry numbers of this year, DL-2026-0001. One statement takes them, whoever else asks."""
    if not count:
        return []
    year = timezone.localdate().year
    table = connection.ops.quote_name(RegistryCounter._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS counter (year, last) VALUES (%s, %s) "  # noqa: S608  (our own table's name)
            "ON CONFLICT (year) DO UPDATE SET last = counter.last + EXCLUDED.last RETURNING last",
            [year, count],
        )
        last = cursor.fetchone()[0]
    return [f"DL-{year}-{number:04d}" for number in range(last - count + 1, last + 1)]


def publish_achievement(achievement: Achievement, *, by) -> None:
    """Show a registered item to everybody. Does nothing to one that is public already."""
    check_city(by)
    if publish_many([achievement], by=by).left:
        achievement.refresh_from_db()
        raise ValidationError(
            _("“%(title)s”不能公开：须已入库、在有效期内、单位愿意转化。现在是“%(now)s”，%(willingness)s。")
            % {
                "title": achievement,
                "now": achievement.get_status_display(),
                "willingness": achievement.get_willingness_display(),
            }
        )
    achievement.refresh_from_db()


@transaction.atomic
def publish_many(achievements, *, by) -> BulkResult:
    """As `publish_achievement`, for many; what may not be shown is left alone, what is shown counts as moved."""
    check_city(by)
    keys, now = keys_of(achievements), timezone.now()
    may_be_shown = Achievement.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gte=timezone.localdate()), pk__in=keys, status__in=Achievement.SHOWN
    ).exclude(willingness=Achievement.Willingness.UNWILLING)
    rows = list(may_be_shown.order_by("pk").select_for_update(of=["self"]))
    hidden = [row for row in rows if row.published_at is None]
    may_be_shown.filter(pk__in=keys_of(hidden), published_at__isnull=True).update(published_at=now, updated_at=now)
    record_many(_("公开"), {row: {"published_at": [None, now.isoformat()]} for row in hidden}, by=by)
    return BulkResult(len(rows), len(keys) - len(rows))


@transaction.atomic
def unpublish_achievement(achievement: Achievement, *, by, reason: str) -> None:
    """Take an item off the public pages without leaving the registry: by the city or its own office."""
    check_office_or_city(achievement, by)
    reason = checked_reason(reason, _("专利正在变更权属，暂不公开"))
    was = achievement.published_at
    hidden = Achievement.objects.filter(pk=achievement.pk, published_at__isnull=False).update(
        published_at=None, updated_at=timezone.now()
    )
    achievement.refresh_from_db()
    if not hidden:
        raise ValidationError(_("“%(title)s”没有公开，不需要取消公开。") % {"title": achievement})
    changes = {"published_at": [was and was.isoformat(), None], "reason": [None, reason]}
    record(_("取消公开"), achievement, by=by, changes=changes)


@transaction.atomic
def renew_achievement(achievement: Achievement, *, by, until: date | None = None) -> None:
    """Offer an item until a later day, two years from today unless told: its institution says that it still holds."""
    check_office_or_city(achievement, by)
    until = until or years_later(timezone.localdate(), YEARS_ON_OFFER)
    if until <= timezone.localdate():
        raise ValidationError(_("有效期须晚于今天。"))
    was = achievement.expires_on
    renewed = (
        Achievement.objects.registered()
        .filter(pk=achievement.pk)
        .exclude(status__in=[Status.TRANSFERRED, Status.WITHDRAWN])
        .update(expires_on=until, updated_at=timezone.now())
    )
    achievement.refresh_from_db()
    if not renewed:
        raise ValidationError(
            _("“%(title)s”现在是“%(now)s”，不能续期。")
            % {"title": achievement, "now": achievement.get_status_display()}
        )
    record(_("续期"), achievement, by=by, changes={"expires_on": [was and was.isoformat(), until.isoformat()]})


def years_later(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _registered(by) -> dict:
    now, today = timezone.now(), timezone.localdate()
    return {
        "status": Status.REGISTERED,
        "status_reason": "",
        "status_changed_at": now,
        "updated_at": now,
        "registered_by": by,
        "registered_at": now,
        # An institution that is not willing to transfer is in the registry, not in the showcase.
        "published_at": Case(When(willingness=Achievement.Willingness.WILLING, then=Value(now)), default=None),
        "expires_on": Case(
            When(expires_on__gte=today, then=F("expires_on")), default=Value(years_later(today, YEARS_ON_OFFER))
        ),
    }
