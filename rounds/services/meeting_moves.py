"""Manual changes of a draft timetable. The caller names the revision; the checker refuses violations by name."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from audit.services import record
from rounds.models import Hall, LeftOut, Meeting, Placement, Slot, Timetable
from rounds.planning.changes import place_text
from rounds.planning.messages import merge_by_party
from rounds.planning.snapshot import REMOVED_BY_STAFF, RoundSnapshot, read_snapshot
from rounds.planning.stored_plans import placements_of, places_of, plan_of, reasons_of
from rounds.services.timetables import check_city
from scheduling import InvalidEventError, check


@transaction.atomic
def move_meeting(
    timetable: Timetable,
    meeting: Meeting,
    *,
    slot: Slot,
    hall: Hall,
    table: int,
    revision: int,
    by: User,
    swap: bool = False,
) -> Timetable:
    """Place a meeting of a draft at this table, whether it has a place or was left out.

    If another meeting is there, the two change places when `swap` is true. Returns the draft with its new revision.
    Raises PermissionDenied, ValidationError with each constraint that the move would violate.
    """
    row = _lock_draft(timetable, revision, by)
    places = placements_of(row)
    here = next((place for place in places if place.meeting_id == meeting.pk), None)
    there = next((p for p in places if (p.slot_id, p.hall_id, p.table) == (slot.pk, hall.pk, table)), None)
    _check_movable(meeting, here)
    if there is not None and there.meeting_id == meeting.pk:
        return row
    if there is not None:
        _check_movable(there.meeting, there)
        if not swap or here is None:
            raise ValidationError(
                "%(place)s已安排 %(other)s，请选空桌%(or)s。"
                % {"place": place_text(there), "other": there.meeting, "or": "或对换" if here else ""}
            )
    was = place_text(here) if here else "未安排"

    def change() -> None:
        target = {"slot": slot, "hall": hall, "table": table, "is_by_hand": True}
        if there is not None and here is not None:
            Placement.objects.filter(pk=there.pk).update(slot=here.slot, hall=here.hall, table=here.table)
        if here is not None:
            Placement.objects.filter(pk=here.pk).update(**target)
        else:
            row.left_out.filter(meeting=meeting).delete()
            Placement.objects.create(timetable=row, meeting=meeting, **target)

    _apply_checked(row, change)
    now = Placement.objects.select_related("slot", "hall").get(timetable=row, meeting=meeting)
    record("移动洽谈", row, by=by, changes={str(meeting): [was, place_text(now)]})
    return row


@transaction.atomic
def remove_meeting(timetable: Timetable, meeting: Meeting, *, revision: int, by: User) -> Timetable:
    """Move a meeting of a draft to those left out. Raises PermissionDenied, ValidationError."""
    row = _lock_draft(timetable, revision, by)
    here = row.placements.select_related("slot", "hall").filter(meeting=meeting).first()
    if here is None:
        raise ValidationError("这场洽谈不在这一版里。")
    _check_movable(meeting, here)

    def change() -> None:
        here.delete()
        LeftOut.objects.create(timetable=row, meeting=meeting, reason=REMOVED_BY_STAFF)

    was = place_text(here)
    _apply_checked(row, change)
    record("移出洽谈", row, by=by, changes={str(meeting): [was, None]})
    return row


@transaction.atomic
def lock_meeting(timetable: Timetable, meeting: Meeting, *, locked: bool = True, revision: int, by: User) -> Timetable:
    """Lock a meeting to its place in all later plans, or unlock it. Raises PermissionDenied, ValidationError."""
    row = _lock_draft(timetable, revision, by)
    if not row.placements.filter(meeting=meeting).update(is_locked=locked):
        raise ValidationError("这场洽谈还没有安排，不能锁定。")
    _increment_revision(row)
    record("锁定洽谈" if locked else "取消锁定", row, by=by, changes={str(meeting): [not locked, locked]})
    return row


def _lock_draft(timetable: Timetable, revision: int, by: User) -> Timetable:
    """Return the draft's row, locked. Raises PermissionDenied, ValidationError if the revision is not current."""
    check_city(by)
    row = Timetable.objects.select_for_update(of=("self",)).select_related("docking_round").get(pk=timetable.pk)
    if row.status != Timetable.Status.DRAFT:
        raise ValidationError(
            "第 %(number)d 版现在是“%(now)s”，不能改动；请在草稿上改。"
            % {"number": row.number, "now": row.get_status_display()}
        )
    if row.revision != revision:
        raise ValidationError("这一版刚被别人改过，本次改动没有生效；页面刷新后请再试。")
    return row


def _check_movable(meeting: Meeting, place: Placement | None) -> None:
    if meeting.status in meeting.SAT_DOWN:
        raise ValidationError("%(meeting)s 已经开始，不能移动。" % {"meeting": meeting})
    if place is not None and place.is_locked:
        raise ValidationError("%(meeting)s 已锁定，请先取消锁定。" % {"meeting": meeting})


def _apply_checked(row: Timetable, change: Callable[[], None]) -> None:
    """Apply the change and check the whole plan; refuse it if it adds a violation."""
    snapshot = snapshot_of(row)
    broken = set(plan_violations(row, snapshot))
    with transaction.atomic():
        change()
        if new := [problem for problem in plan_violations(row, snapshot) if problem not in broken]:
            raise ValidationError([f"{problem}。" for problem in new])
        _increment_revision(row)


def snapshot_of(row: Timetable) -> RoundSnapshot:
    """Return the current snapshot of the round with the version's locks. Raises ValidationError with the event's
    faults."""
    try:
        return read_snapshot(row.docking_round, locked=places_of(row), lenient=True)
    except InvalidEventError as error:
        raise ValidationError([f"{problem}。" for problem in error.problems]) from error


def plan_violations(row: Timetable, snapshot: RoundSnapshot) -> list[str]:
    """Return every hard constraint that a version violates, by name. The checker shares no code with the solver."""
    return merge_by_party(check(snapshot.event, plan_of(snapshot, places_of(row), reasons_of(row))))


def _increment_revision(row: Timetable) -> None:
    row.revision += 1
    row.save(update_fields=["revision"])
