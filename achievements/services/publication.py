"""Publish, unpublish and renew registered achievements."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from achievements.permissions import check_city, check_institution_or_city
from achievements.services.transitions import BulkResult, Rows, Status, primary_keys
from audit.services import record, record_many
from core.plain_text import clean_reason

VALIDITY_YEARS = 2
"""How long an achievement is offered before its institution has to renew it."""


def publish_achievement(achievement: Achievement, *, by: User) -> None:
    """Publish a registered achievement. Does nothing if it is published. Raises PermissionDenied, ValidationError."""
    check_city(by)
    if publish_achievements([achievement], by=by).skipped:
        achievement.refresh_from_db()
        raise ValidationError(
            "“%(title)s”不能公开：须已入库、在有效期内、单位愿意转化。现在是“%(now)s”，%(willingness)s。"
            % {
                "title": achievement,
                "now": achievement.get_status_display(),
                "willingness": achievement.get_willingness_display(),
            }
        )
    achievement.refresh_from_db()


@transaction.atomic
def publish_achievements(achievements: Rows, *, by: User) -> BulkResult:
    """`publish_achievement` for many. `changed` includes those published before, `skipped` those that may not be."""
    check_city(by)
    keys, now = primary_keys(achievements), timezone.now()
    publishable = Achievement.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gte=timezone.localdate()), pk__in=keys, status__in=Achievement.SHOWN
    ).exclude(willingness=Achievement.Willingness.UNWILLING)
    rows = list(publishable.order_by("pk").select_for_update(of=["self"]))
    hidden = [row for row in rows if row.published_at is None]
    publishable.filter(pk__in=primary_keys(hidden), published_at__isnull=True).update(published_at=now, updated_at=now)
    record_many("公开", {row: {"published_at": [None, now.isoformat()]} for row in hidden}, by=by)
    return BulkResult(len(rows), len(keys) - len(rows))


@transaction.atomic
def unpublish_achievement(achievement: Achievement, *, by: User, reason: str) -> None:
    """Remove an achievement from the public pages; it stays registered. By the institution or the city."""
    check_institution_or_city(achievement, by)
    reason = clean_reason(reason, "专利正在变更权属，暂不公开")
    previous = achievement.published_at
    hidden = Achievement.objects.filter(pk=achievement.pk, published_at__isnull=False).update(
        published_at=None, updated_at=timezone.now()
    )
    achievement.refresh_from_db()
    if not hidden:
        raise ValidationError("“%(title)s”没有公开，不需要取消公开。" % {"title": achievement})
    changes = {"published_at": [previous and previous.isoformat(), None], "reason": [None, reason]}
    record("取消公开", achievement, by=by, changes=changes)


@transaction.atomic
def renew_achievement(achievement: Achievement, *, by: User, until: date | None = None) -> None:
    """Extend `expires_on`, by default to two years from today. By the institution or the city."""
    check_institution_or_city(achievement, by)
    until = until or years_later(timezone.localdate(), VALIDITY_YEARS)
    if until <= timezone.localdate():
        raise ValidationError("有效期须晚于今天。")
    previous = achievement.expires_on
    renewed = (
        Achievement.objects.registered()
        .filter(pk=achievement.pk)
        .exclude(status__in=[Status.TRANSFERRED, Status.WITHDRAWN])
        .update(expires_on=until, updated_at=timezone.now())
    )
    achievement.refresh_from_db()
    if not renewed:
        raise ValidationError(
            "“%(title)s”现在是“%(now)s”，不能续期。" % {"title": achievement, "now": achievement.get_status_display()}
        )
    record("续期", achievement, by=by, changes={"expires_on": [previous and previous.isoformat(), until.isoformat()]})


def years_later(day: date, years: int) -> date:
    """The same day `years` later; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
