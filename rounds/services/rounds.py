"""Steps of docking rounds. A step is refused with all reasons of its checklist (`rounds.checklist`): what is missing,
and from when on it is possible. Acts with a reason are in `round_changes`."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.timezone import localdate

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from matching.services.runs import start_run
from rounds import checklist
from rounds.models import Attendee, DockingRound, RoundMove
from rounds.readiness import round_facts
from rounds.services.round_notifications import notify_round_moved

Status = DockingRound.Status
Step = RoundMove.Step


CALENDAR_FIELDS = {"name", "place", "starts_at", "ends_at"}
"""Fields shown in calendars: a change increments `sequence`."""


def announce_round(docking_round: DockingRound, *, by: User) -> None:
    """筹备中 → 会前撮合."""
    _step(docking_round, Step.ANNOUNCE, [Status.PREPARING], Status.GATHERING, by=by, announced_at=timezone.now())


def schedule_round(docking_round: DockingRound, *, by: User) -> None:
    """会前撮合 → 日程已发布: timetable and agenda are published and free of conflicts."""
    _step(docking_round, Step.SCHEDULE, [Status.GATHERING], Status.SCHEDULED, by=by)


def begin_round(docking_round: DockingRound, *, by: User) -> None:
    """会前撮合 or 日程已发布 → 进行中, on its day."""
    _step(docking_round, Step.BEGIN, [Status.GATHERING, Status.SCHEDULED], Status.RUNNING, by=by)


@transaction.atomic
def save_round(docking_round: DockingRound, changed: Collection[str], *, by: User) -> None:
    """Save the fields `changed` of a round, or create it. Increments the calendar sequence and notifies guests if time
    or place changed. The day of an announced round is changed by `round_changes.postpone_round`. Raises
    PermissionDenied, ValidationError."""
    check_city(by)
    docking_round.full_clean(exclude=["match_run", "closed_by"])
    if docking_round.pk is None:
        docking_round.save(force_insert=True)
        return
    row = DockingRound.objects.select_for_update().get(pk=docking_round.pk)
    fields = [name for name in changed if name not in {"featured", "institutions"}]
    if "starts_at" in fields and row.status != Status.PREPARING:
        _check_same_day(row, docking_round)
    if CALENDAR_FIELDS & set(fields):
        docking_round.sequence = row.sequence + 1
        fields.append("sequence")
    if fields:
        docking_round.save(update_fields=fields)
    if "place" in fields and docking_round.place != row.place:  # every item's calendar entry shows the place
        row.agenda.active().update(sequence=F("sequence") + 1, changed_at=timezone.now())
    notify_round_moved(row, docking_round, by=by)


def _check_same_day(before: DockingRound, after: DockingRound) -> None:
    if localdate(before.starts_at) != localdate(after.starts_at):
        raise ValidationError(
            {
                "starts_at": (
                    "活动已经发布，原定 %(day)s。改到别的日期请在活动总览用“改期”并写明原因："
                    "议程、时段一起移动，受邀单位都会收到通知。"
                )
                % {"day": localdate(before.starts_at)}
            }
        )


def close_round(docking_round: DockingRound, *, by: User | None, **parameters: Any) -> DockingRound:
    """Close a round whose end or last meeting has passed and queue the matching run whose results the districts review.

    `by` is None for tasks, which choose the rounds themselves. Of two simultaneous calls the second is refused.
    `parameters` are those of `start_run`. Raises PermissionDenied, ValidationError.
    """
    return apply_close(docking_round, Step.CLOSE, by=by, **parameters)


@transaction.atomic
def apply_close(
    docking_round: DockingRound,
    step: str,
    *,
    by: User | None,
    reason: str = "",
    parties_told: int = 0,
    **parameters: Any,
) -> DockingRound:
    """Close by `step`: only `Step.CLOSE` of a person waits for its time."""
    check_city(by)
    row = DockingRound.objects.select_for_update(of=("self",)).get(pk=docking_round.pk)
    if row.status not in DockingRound.OPEN:
        raise ValidationError(
            "“%(round)s”现在是“%(now)s”，不需要再次结束。" % {"round": row, "now": row.get_status_display()}
        )
    if by is not None and step == Step.CLOSE:
        _check_ready("close", row)
    # A round that was opened again keeps the run of its first end; what came since is matched immediately.
    run = row.match_run or start_run("%(round)s 会后匹配" % {"round": row.name}, by=by, **parameters)
    values = {"status": Status.CLOSED, "closed_by": by, "closed_at": timezone.now(), "match_run": run}
    apply_move(row, step, values, by=by, action="结束对接活动", reason=reason, parties_told=parties_told)
    docking_round.refresh_from_db()
    return docking_round


@transaction.atomic
def archive_round(docking_round: DockingRound, *, by: User | None) -> None:
    """会后跟踪 → 已结束. What the guests eat and need has served its purpose and is deleted."""
    _step(docking_round, Step.ARCHIVE, [Status.CLOSED], Status.ARCHIVED, by=by)
    needs = Attendee.objects.filter(party__docking_round=docking_round).with_needs()
    if deleted := needs.update(dietary="", access=""):
        record("删除饮食和无障碍需要", docking_round, by=by, changes={"people": [None, deleted]})


def close_ended_rounds() -> int:
    """Close all rounds whose end has passed; return how many."""
    closed = 0
    for docking_round in DockingRound.objects.ended_but_open():
        try:
            close_round(docking_round, by=None)
            closed += 1
        except ValidationError:
            continue  # closed by hand since the query
    return closed


@transaction.atomic
def _step(
    docking_round: DockingRound, step: str, sources: list[str], target: str, *, by: User | None, **columns: Any
) -> None:
    """The row is locked, so the checklist result still holds when the status changes."""
    check_city(by)
    row = DockingRound.objects.select_for_update(of=("self",)).get(pk=docking_round.pk)
    if row.status not in sources:
        raise ValidationError(
            "“%(round)s”现在是“%(now)s”，不能改为“%(target)s”。"
            % {"round": row, "now": row.get_status_display(), "target": Status(target).label}
        )
    _check_ready(step, row)
    apply_move(row, step, {"status": target} | columns, by=by)
    docking_round.refresh_from_db()


def _check_ready(step: str, row: DockingRound) -> None:
    if reasons := checklist.refusals(step, round_facts(row)):
        raise ValidationError(reasons)


def apply_move(
    row: DockingRound,
    step: str,
    values: dict[str, Any],
    *,
    by: User | None,
    action: str = "更新活动状态",
    reason: str = "",
    parties_told: int = 0,
) -> RoundMove:
    """Set `values` on a locked round and write down the move."""
    before = row.status
    target = values.get("status", before)
    changes = {"status": [before, target]} | ({"reason": [None, reason]} if reason else {})
    transition(
        row,
        when={"status": before},
        values=values,
        refusal=lambda now: (
            "“%(round)s”刚被改为“%(now)s”，请刷新后再看。" % {"round": now, "now": now.get_status_display()}
        ),
        action=action,
        by=by,
        changes=changes,
    )
    return RoundMove.objects.create(
        docking_round=row,
        step=step,
        from_status=before,
        to_status=target,
        reason=reason,
        parties_told=parties_told,
        by=by,
    )


def check_city(by: User | None) -> None:
    """Raise PermissionDenied unless `by` is city staff; None stands for periodic tasks."""
    if by is not None and not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以管理对接活动。")
