"""Publishing a version of the timetable: checked, in one transaction, with notices to the parties it changes."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from rounds.models import DockingRound, GuestMessage, Party, Timetable
from rounds.planning.changes import MeetingChange, changes_between, changes_by_party
from rounds.services import timetable_notifications
from rounds.services.anonymous_numbers import assign_anonymous_numbers
from rounds.services.guest_reach import WayCounts, reach_of
from rounds.services.meeting_moves import plan_violations, snapshot_of
from rounds.services.timetables import check_city

Status = Timetable.Status


@dataclass(frozen=True)
class PublishingPreview:
    """The effect of publishing. `problems`: constraints the plan violates now; with any it cannot be published."""

    changes: list[MeetingChange]
    parties: int
    ways: WayCounts
    unreachable: list[str]
    """Parties with changes but without mail address and account: they go to the call list."""
    problems: list[str]
    is_first: bool
    """Whether nothing was published before."""


def preview_publishing(timetable: Timetable) -> PublishingPreview:
    """Compare a version with the published one."""
    current = timetable.docking_round.timetables.published().first()
    changes = changes_between(current, timetable)
    affected = changes_by_party(changes)
    parties = list(Party.objects.filter(pk__in=affected).select_related("organisation"))
    reach = reach_of(parties)
    return PublishingPreview(
        changes,
        len(affected),
        WayCounts.of(each.way for each in reach),
        [str(each.party) for each in reach if each.way == GuestMessage.Way.CALL],
        plan_violations(timetable, snapshot_of(timetable)),
        current is None,
    )


@transaction.atomic
def publish_timetable(timetable: Timetable, *, revision: int, by: User) -> int:
    """草稿 → 已发布; the version published before → 已被替换. Returns how many parties have changes.

    Of two simultaneous calls one waits and is refused. Both statuses change in one transaction, so readers never see
    half a plan. Raises PermissionDenied, ValidationError with each constraint the plan violates.
    """
    check_city(by)
    docking_round = DockingRound.objects.select_for_update().get(pk=timetable.docking_round_id)
    row = Timetable.objects.select_for_update(of=("self",)).select_related("docking_round").get(pk=timetable.pk)
    current = docking_round.timetables.published().first()
    _check_publishable(row, current, docking_round, revision)
    if problems := plan_violations(row, snapshot_of(row)):
        raise ValidationError(
            [
                "还不能发布，请先改正以下 %(count)d 处：" % {"count": len(problems)},
                *(f"{problem}。" for problem in problems),
            ]
        )
    if not row.placements.exists():
        raise ValidationError("这一版没有安排任何洽谈，不能发布。")
    assign_anonymous_numbers(docking_round)
    changes = changes_between(current, row)
    affected = changes_by_party(changes)
    if current is not None:
        Timetable.objects.filter(pk=current.pk, status=Status.PUBLISHED).update(status=Status.REPLACED)
    Timetable.objects.filter(pk=row.pk, status=Status.DRAFT).update(
        status=Status.PUBLISHED, published_at=timezone.now(), published_by=by
    )
    row.refresh_from_db()
    timetable_notifications.notify_timetable_published(row, affected, is_first=current is None)
    record("发布洽谈日程", row, by=by, changes={"parties_told": [0, len(affected)], "changes": [0, len(changes)]})
    timetable.refresh_from_db()
    return len(affected)


def _check_publishable(row: Timetable, current: Timetable | None, docking_round: DockingRound, revision: int) -> None:
    if docking_round.status not in DockingRound.OPEN:
        raise ValidationError("“%(round)s”已经结束，不能再发布日程。" % {"round": docking_round})
    if row.status != Status.DRAFT:
        raise ValidationError(
            "第 %(number)d 版现在是“%(now)s”，不能再发布。" % {"number": row.number, "now": row.get_status_display()}
        )
    if row.revision != revision:
        raise ValidationError("这一版刚被别人改过，还没有发布；请刷新后核对再发布。")
    if current is not None and row.based_on_id != current.pk:
        raise ValidationError(
            (
                "%(who)s已发布第 %(number)d 版，而这一版不是在它的基础上做的。"
                "请点“以已发布版为准对比”，核对变化后再发布。"
            )
            % {"who": current.published_by or "系统", "number": current.number}
        )


@transaction.atomic
def rebase_timetable(timetable: Timetable, *, revision: int, by: User) -> None:
    """Compare a draft with the version published now, so that it can be published.

    Raises PermissionDenied, ValidationError.
    """
    check_city(by)
    current = Timetable.objects.published().filter(docking_round=timetable.docking_round_id).first()
    if current is None:
        raise ValidationError("还没有已发布的日程，这一版可以直接发布。")
    transition(
        timetable,
        when={"status": Status.DRAFT, "revision": revision},
        values={"based_on": current, "revision": revision + 1},
        refusal="这一版刚被改动或发布，请刷新后再试。",
        action="以已发布版为准对比",
        by=by,
    )
