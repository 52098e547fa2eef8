"""What becomes of a registered item: 推介, 对接, 转化, 暂停, 下架, 恢复."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from achievements.models import Achievement
from achievements.services.moves import (
    BulkResult,
    Status,
    check_city,
    check_office_or_city,
    checked_reason,
    is_office_of,
    move,
    move_many,
)
from audit.services import record

PAUSE_EXAMPLE = gettext_lazy("正在与一家企业独家洽谈")
WITHDRAW_EXAMPLE = gettext_lazy("专利权已终止")
WITHDRAWABLE = tuple(status for status in Status if status not in {Status.TRANSFERRED, Status.WITHDRAWN})


def feature_achievement(achievement: Achievement, *, by) -> None:
    """已入库 → 已推介: the city recommends it, at events and on top of lists."""
    check_city(by)
    move(achievement, (Status.REGISTERED,), Status.FEATURED, action=_("推介"), by=by)


def feature_many(achievements, *, by) -> BulkResult:
    """As `feature_achievement`, for many."""
    check_city(by)
    return move_many(achievements, (Status.REGISTERED,), Status.FEATURED, action=_("推介"), by=by)


def start_docking(achievement: Achievement, *, by) -> None:
    """已入库 or 已推介 → 对接中: a firm is talking with the institution. An item already 对接中 stays so.

    By city staff, any district's staff (their firm is the one talking) or the item's own office.
    """
    if not (by.scope.is_city or by.scope.is_district or is_office_of(achievement, by)):
        raise PermissionDenied(_("您不能把这项成果标为对接中。"))
    if achievement.status != Status.DOCKING:
        move(achievement, (Status.REGISTERED, Status.FEATURED), Status.DOCKING, action=_("开始对接"), by=by)


def mark_transferred(achievement: Achievement, *, by, note: str) -> None:
    """On offer → 已转化, with how, when, where and for how much: by the city or the item's own office."""
    check_office_or_city(achievement, by)
    note = checked_reason(note, _("技术许可，2026 年 10 月，金普新区，120 万元"))
    move(
        achievement,
        Achievement.OFFERED,
        Status.TRANSFERRED,
        action=_("标记已转化"),
        by=by,
        transferred_note=note,
        willingness=Achievement.Willingness.DONE,
    )


def take_back_transfer(achievement: Achievement, *, by, reason: str) -> None:
    """已转化 → 已入库, when the contract that stood for it is cancelled: by the city."""
    check_city(by)
    reason = checked_reason(reason, _("合同登记已注销"))
    move(
        achievement,
        (Status.TRANSFERRED,),
        Status.REGISTERED,
        action=_("撤回已转化"),
        by=by,
        reason=reason,
        transferred_note="",
        willingness=Achievement.Willingness.WILLING,
    )


@transaction.atomic
def reserve_for_one(achievement: Achievement, *, since: date, by) -> None:
    """From that day on the item is one firm's alone (转让, 独占 or 排他许可) and is proposed to nobody else.

    Called by the room that keeps deals, which checks who may sign one. The earliest day stands.
    """
    row = Achievement.objects.select_for_update(of=("self",)).get(pk=achievement.pk)
    if row.exclusive_from is None or since < row.exclusive_from:
        _set_exclusive(row, since, _("记为独占"), by)
    achievement.refresh_from_db()


@transaction.atomic
def free_for_others(achievement: Achievement, *, by) -> None:
    """Nobody has it alone any more: the deal failed or was taken back. As `reserve_for_one`."""
    row = Achievement.objects.select_for_update(of=("self",)).get(pk=achievement.pk)
    if row.exclusive_from is not None:
        _set_exclusive(row, None, _("撤销独占"), by)
    achievement.refresh_from_db()


def _set_exclusive(row: Achievement, since: date | None, action: str, by) -> None:
    Achievement.objects.filter(pk=row.pk).update(exclusive_from=since, updated_at=timezone.now())
    told = [None if day is None else day.isoformat() for day in (row.exclusive_from, since)]
    record(action, row, by=by, changes={"exclusive_from": told})


def pause_achievement(achievement: Achievement, *, by, reason: str) -> None:
    """On offer → 暂停对接, with a reason: by the city or the item's own office."""
    check_office_or_city(achievement, by)
    reason = checked_reason(reason, PAUSE_EXAMPLE)
    move(achievement, Achievement.OFFERED, Status.PAUSED, action=_("暂停对接"), by=by, reason=reason)


def pause_many(achievements, *, by, reason: str) -> BulkResult:
    """As `pause_achievement`, by the city, with one reason for all."""
    check_city(by)
    reason = checked_reason(reason, PAUSE_EXAMPLE)
    return move_many(achievements, Achievement.OFFERED, Status.PAUSED, action=_("暂停对接"), by=by, reason=reason)


def withdraw_achievement(achievement: Achievement, *, by, reason: str) -> None:
    """Any state but 已转化 → 已下架, with a reason: by the city or the item's own office, whose item it is."""
    check_office_or_city(achievement, by)
    reason = checked_reason(reason, WITHDRAW_EXAMPLE)
    move(achievement, WITHDRAWABLE, Status.WITHDRAWN, action=_("下架"), by=by, reason=reason)


def withdraw_many(achievements, *, by, reason: str) -> BulkResult:
    """As `withdraw_achievement`, by the city, with one reason for all."""
    check_city(by)
    reason = checked_reason(reason, WITHDRAW_EXAMPLE)
    return move_many(achievements, WITHDRAWABLE, Status.WITHDRAWN, action=_("下架"), by=by, reason=reason)


def reinstate_achievement(achievement: Achievement, *, by) -> None:
    """暂停 → 已入库 by office or city; 已下架 → 已入库, or a draft if it never was registered, by the city alone.

    The registry number stays the one it had. Raises ValidationError when a new item has taken its title since.
    """
    check_office_or_city(achievement, by)
    if achievement.status == Status.WITHDRAWN:
        check_city(by)
    target = Status.REGISTERED if achievement.registry_number else Status.DRAFT
    move(achievement, (Status.PAUSED, Status.WITHDRAWN), target, action=_("恢复"), by=by)
