"""The lifecycle of a registered achievement: 推介, 对接, 转化, 暂停, 下架, 恢复."""

from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.models import User
from achievements.models import Achievement
from achievements.permissions import check_city, check_institution_or_city, represents_institution
from achievements.services.transitions import (
    BulkResult,
    Rows,
    Status,
    bulk_change_status,
    change_status,
)
from audit.services import record
from core.plain_text import clean_reason

PAUSE_EXAMPLE = "正在与一家企业独家洽谈"
WITHDRAW_EXAMPLE = "专利权已终止"
DELETED = "草稿已删除"
CONSENT_WITHDRAWN = "完成人撤回了公开的同意"
WITHDRAWABLE = tuple(status for status in Status if status not in {Status.TRANSFERRED, Status.WITHDRAWN})


def feature_achievement(achievement: Achievement, *, by: User) -> None:
    """已入库 → 已推介, by city staff: recommended at events and listed first."""
    check_city(by)
    change_status(achievement, (Status.REGISTERED,), Status.FEATURED, action="推介", by=by)


def feature_achievements(achievements: Rows, *, by: User) -> BulkResult:
    """`feature_achievement` for many."""
    check_city(by)
    return bulk_change_status(achievements, (Status.REGISTERED,), Status.FEATURED, action="推介", by=by)


def start_docking(achievement: Achievement, *, by: User) -> None:
    """已入库 or 已推介 → 对接中: a firm and the institution are in talks. Does nothing if it is 对接中 already.

    Allowed for city staff, staff of any district (the firm is theirs) and officers of the institution.
    """
    if not (by.scope.is_city or by.scope.is_district or represents_institution(achievement, by)):
        raise PermissionDenied("您不能把这项成果标为对接中。")
    if achievement.status != Status.DOCKING:
        change_status(achievement, (Status.REGISTERED, Status.FEATURED), Status.DOCKING, action="开始对接", by=by)


def mark_transferred(achievement: Achievement, *, by: User, note: str) -> None:
    """On offer → 已转化, by the institution or the city. `note` says in which way, when, where and for how much."""
    check_institution_or_city(achievement, by)
    settle_transfer(achievement, by=by, note=note)


def settle_transfer(achievement: Achievement, *, by: User | None, note: str) -> None:
    """`mark_transferred` by a contract that counts. The calling deal service checks permissions."""
    note = clean_reason(note, f"技术许可，2026 年 10 月，{settings.CITY.example_region}，120 万元")
    change_status(
        achievement,
        Achievement.OFFERED,
        Status.TRANSFERRED,
        action="标记已转化",
        by=by,
        transferred_note=note,
        willingness=Achievement.Willingness.DONE,
    )


def revert_transfer(achievement: Achievement, *, by: User, reason: str) -> None:
    """已转化 → 已入库, by city staff, when the registered contract is cancelled."""
    check_city(by)
    unsettle_transfer(achievement, by=by, reason=reason)


def unsettle_transfer(achievement: Achievement, *, by: User | None, reason: str) -> None:
    """`revert_transfer` when no contract counts any more. The calling deal service checks permissions."""
    reason = clean_reason(reason, "合同登记已注销")
    change_status(
        achievement,
        (Status.TRANSFERRED,),
        Status.REGISTERED,
        action="撤回已转化",
        by=by,
        reason=reason,
        transferred_note="",
        willingness=Achievement.Willingness.WILLING,
    )


@transaction.atomic
def mark_exclusive(achievement: Achievement, *, since: date, by: User | None) -> None:
    """Mark an achievement as exclusive to one firm (转让, 独占 or 排他许可) from `since` on; matching then skips it.

    An earlier date already stored is kept. The calling deal service checks permissions.
    """
    row = Achievement.objects.select_for_update(of=("self",)).get(pk=achievement.pk)
    if row.exclusive_from is None or since < row.exclusive_from:
        _set_exclusive(row, since, "记为独占", by)
    achievement.refresh_from_db()


@transaction.atomic
def clear_exclusive(achievement: Achievement, *, by: User | None) -> None:
    """Undo `mark_exclusive` after the deal failed or was revoked. The calling deal service checks permissions."""
    row = Achievement.objects.select_for_update(of=("self",)).get(pk=achievement.pk)
    if row.exclusive_from is not None:
        _set_exclusive(row, None, "撤销独占", by)
    achievement.refresh_from_db()


def _set_exclusive(row: Achievement, since: date | None, action: str, by: User | None) -> None:
    Achievement.objects.filter(pk=row.pk).update(exclusive_from=since, updated_at=timezone.now())
    dates = [None if day is None else day.isoformat() for day in (row.exclusive_from, since)]
    record(action, row, by=by, changes={"exclusive_from": dates})


def pause_achievement(achievement: Achievement, *, by: User, reason: str) -> None:
    """On offer → 暂停对接, with a reason, by the institution or the city."""
    check_institution_or_city(achievement, by)
    reason = clean_reason(reason, PAUSE_EXAMPLE)
    change_status(achievement, Achievement.OFFERED, Status.PAUSED, action="暂停对接", by=by, reason=reason)


def pause_for_consent(achievement: Achievement, *, by: User | None) -> None:
    """On offer → 暂停对接, because a completer withdrew the consent. The calling consent service checks permissions."""
    change_status(achievement, Achievement.OFFERED, Status.PAUSED, action="暂停对接", by=by, reason=CONSENT_WITHDRAWN)


def pause_achievements(achievements: Rows, *, by: User, reason: str) -> BulkResult:
    """`pause_achievement` for many with one reason, by city staff."""
    check_city(by)
    reason = clean_reason(reason, PAUSE_EXAMPLE)
    return bulk_change_status(achievements, Achievement.OFFERED, Status.PAUSED, action="暂停对接", by=by, reason=reason)


def withdraw_achievement(achievement: Achievement, *, by: User, reason: str) -> None:
    """Any status but 已转化 → 已下架, with a reason, by the institution or the city."""
    check_institution_or_city(achievement, by)
    reason = clean_reason(reason, WITHDRAW_EXAMPLE)
    change_status(achievement, WITHDRAWABLE, Status.WITHDRAWN, action="下架", by=by, reason=reason)


def withdraw_achievements(achievements: Rows, *, by: User, reason: str) -> BulkResult:
    """`withdraw_achievement` for many with one reason, by city staff."""
    check_city(by)
    reason = clean_reason(reason, WITHDRAW_EXAMPLE)
    return bulk_change_status(achievements, WITHDRAWABLE, Status.WITHDRAWN, action="下架", by=by, reason=reason)


def delete_draft(achievement: Achievement, *, by: User) -> None:
    """草稿 that was never registered → 已下架: it leaves the institution's list; nothing is destroyed (law 6)."""
    check_institution_or_city(achievement, by)
    if achievement.registry_number:
        raise ValidationError("“%(title)s”有入库编号，不能删除，请下架。" % {"title": achievement})
    change_status(achievement, (Status.DRAFT,), Status.WITHDRAWN, action="删除草稿", by=by, reason=DELETED)


def reinstate_achievement(achievement: Achievement, *, by: User) -> None:
    """暂停对接 → 已入库 by the institution or the city; 已下架 → 已入库 (草稿 if never registered) by the city only.

    Keeps the registry number. Raises ValidationError if the institution has another achievement with this title, or if
    an app above objects (`settings.ACHIEVEMENT_RESUME_CHECKS`).
    """
    check_institution_or_city(achievement, by)
    if achievement.status == Status.WITHDRAWN:
        check_city(by)
    for path in settings.ACHIEVEMENT_RESUME_CHECKS:
        import_string(path)(achievement)
    target = Status.REGISTERED if achievement.registry_number else Status.DRAFT
    change_status(achievement, (Status.PAUSED, Status.WITHDRAWN), target, action="恢复", by=by)
