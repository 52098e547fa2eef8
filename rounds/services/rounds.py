"""Status changes of docking rounds. A step is refused with all reasons of its checklist (`rounds.checklist`); closing
has no condition, since a periodic task closes rounds, too."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit.services import record
from matching.services.runs import start_run
from rounds import checklist
from rounds.models import DockingRound
from rounds.readiness import round_facts
from rounds.services.round_notifications import notify_round_moved

Status = DockingRound.Status


CALENDAR_FIELDS = {"name", "place", "starts_at", "ends_at"}
"""Fields shown in calendars: a change increments `sequence`."""


def announce_round(docking_round: DockingRound, *, by: User) -> None:
    """筹备中 → 会前撮合."""
    _change_status(docking_round, [Status.PREPARING], Status.GATHERING, "announce", by=by, announced_at=timezone.now())


def schedule_round(docking_round: DockingRound, *, by: User) -> None:
    """会前撮合 → 日程已发布: timetable and agenda are published and free of conflicts."""
    _change_status(docking_round, [Status.GATHERING], Status.SCHEDULED, "schedule", by=by)


def begin_round(docking_round: DockingRound, *, by: User) -> None:
    """会前撮合 or 日程已发布 → 进行中."""
    _change_status(docking_round, [Status.GATHERING, Status.SCHEDULED], Status.RUNNING, "begin", by=by)


@transaction.atomic
def save_round(docking_round: DockingRound, changed: Collection[str], *, by: User) -> None:
    """Save the fields `changed` of a round, or create it. Increments the calendar sequence and notifies guests if time
    or place changed. Raises PermissionDenied, ValidationError."""
    check_city(by)
    docking_round.full_clean(exclude=["match_run", "closed_by"])
    if docking_round.pk is None:
        docking_round.save(force_insert=True)
        return
    row = DockingRound.objects.select_for_update().get(pk=docking_round.pk)
    fields = [name for name in changed if name not in {"featured", "institutions"}]
    if CALENDAR_FIELDS & set(fields):
        docking_round.sequence = row.sequence + 1
        fields.append("sequence")
    if fields:
        docking_round.save(update_fields=fields)
    if "place" in fields and docking_round.place != row.place:  # every item's calendar entry shows the place
        row.agenda.active().update(sequence=F("sequence") + 1, changed_at=timezone.now())
    notify_round_moved(row, docking_round, by=by)


@transaction.atomic
def close_round(docking_round: DockingRound, *, by: User | None, **parameters: Any) -> DockingRound:
    """Close a round and queue the matching run whose results the districts review, in one transaction.

    `by` is None if the periodic task closes it. The row is locked: of two simultaneous calls the second is refused.
    `parameters` are those of `start_run`. Raises PermissionDenied, ValidationError.
    """
    check_city(by)
    row = DockingRound.objects.select_for_update().get(pk=docking_round.pk)
    if row.status not in DockingRound.OPEN:
        raise ValidationError("“%(round)s”已经结束，匹配已排队，不需要再次结束。" % {"round": row})
    run = start_run("%(round)s 会后匹配" % {"round": row.name}, by=by, **parameters)
    DockingRound.objects.filter(pk=row.pk, status=row.status).update(
        status=Status.CLOSED, closed_by=by, closed_at=timezone.now(), match_run=run
    )
    record("结束对接活动", row, by=by, changes={"status": [row.status, Status.CLOSED]})
    docking_round.refresh_from_db()
    return docking_round


def archive_round(docking_round: DockingRound, *, by: User | None) -> None:
    """会后跟踪 → 已结束."""
    _change_status(docking_round, [Status.CLOSED], Status.ARCHIVED, "archive", by=by)


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
def _change_status(
    docking_round: DockingRound, sources: list[str], target: str, step: str, *, by: User | None, **columns: Any
) -> None:
    """The row is locked, so the checklist result still holds when the status changes."""
    check_city(by)
    row = DockingRound.objects.select_for_update(of=["self"]).get(pk=docking_round.pk)
    docking_round.refresh_from_db()
    if row.status not in sources:
        raise ValidationError(
            "“%(round)s”现在是“%(now)s”，不能改为“%(target)s”。"
            % {"round": docking_round, "now": docking_round.get_status_display(), "target": Status(target).label}
        )
    if reasons := checklist.refusals(step, round_facts(row)):
        raise ValidationError(reasons)
    DockingRound.objects.filter(pk=row.pk, status=row.status).update(status=target, **columns)
    docking_round.refresh_from_db()
    record("更新活动状态", docking_round, by=by, changes={"status": [row.status, target]})


def check_city(by: User | None) -> None:
    """Raise PermissionDenied unless `by` is city staff; None stands for periodic tasks."""
    if by is not None and not by.scope.is_city:
        raise PermissionDenied("只有市级专员可以管理对接活动。")
