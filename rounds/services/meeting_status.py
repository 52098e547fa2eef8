"""Status of meetings on the day: begun, ended, missed, undone.

Each step is a conditional UPDATE on the meeting's status, so of two hosts, or of a host and a new timetable that drops
the meeting, one succeeds and the other gets an error. A step sent twice with one `key` is applied once.
"""

from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.timezone import localtime

from accounts.models import User
from audit.services import record
from rounds.models import DockingRound, Meeting, Party
from rounds.services.check_in import check_round_in_progress, clamp_moment

Status = Meeting.Status


@transaction.atomic
def begin_meeting(meeting: Meeting, *, by: User, key: UUID | None = None, at: datetime | None = None) -> Meeting:
    """待洽谈 → 洽谈中. Raises PermissionDenied, ValidationError."""
    at = _check(meeting, by, at)
    if meeting.docking_round.status == DockingRound.Status.SCHEDULED:
        raise ValidationError("活动还没有开始，请由市级专员开始活动后再记录洽谈。")
    sides = [meeting.firm_party_id, meeting.institution_party_id]
    parties = list(Party.objects.select_for_update().filter(pk__in=sides).order_by("pk"))
    values = {"status": Status.BEGUN, "begun_at": at, "ended_at": None}
    is_new = _change_status(meeting, (Status.WANTED,), values, by=by, key=key)
    absent = next((party for party in parties if party.absent_at), None)
    if is_new and absent:
        raise ValidationError("“%(party)s”记为未到，请先恢复到场。" % {"party": absent})
    return meeting


@transaction.atomic
def end_meeting(meeting: Meeting, *, by: User, key: UUID | None = None, at: datetime | None = None) -> Meeting:
    """洽谈中 → 已洽谈. Raises PermissionDenied, ValidationError."""
    at = _check(meeting, by, at)
    begun_at = Meeting.objects.values_list("begun_at", flat=True).get(pk=meeting.pk)
    _change_status(
        meeting, (Status.BEGUN,), {"status": Status.HELD, "ended_at": max(at, begun_at or at)}, by=by, key=key
    )
    return meeting


@transaction.atomic
def mark_meeting_missed(meeting: Meeting, *, by: User, key: UUID | None = None, at: datetime | None = None) -> Meeting:
    """待洽谈 → 未能进行. Raises PermissionDenied, ValidationError."""
    _check(meeting, by, at)
    _change_status(meeting, (Status.WANTED,), {"status": Status.MISSED}, by=by, key=key)
    return meeting


@transaction.atomic
def undo_meeting_step(meeting: Meeting, *, by: User, key: UUID | None = None) -> Meeting:
    """Return to the status before the last step. Refused once an outcome is recorded."""
    _check(meeting, by, None)
    status, step_key = Meeting.objects.values_list("status", "step_key").get(pk=meeting.pk)
    if key and step_key == key:
        return meeting
    if meeting.outcomes.exists():
        raise ValidationError("这场洽谈已有结果，不能再改回。")
    steps_back: dict[str, dict[str, object]] = {
        Status.BEGUN: {"status": Status.WANTED, "begun_at": None},
        Status.HELD: {"status": Status.BEGUN, "ended_at": None},
        Status.MISSED: {"status": Status.WANTED},
    }
    values = steps_back.get(status)
    if values is None:
        _refuse_step(meeting)
    _change_status(meeting, (status,), values, by=by, key=key)
    return meeting


def _check(meeting: Meeting, by: User, at: datetime | None) -> datetime:
    may = by.scope.is_city or (by.scope.is_district and Meeting.objects.hosted_by(by).filter(pk=meeting.pk).exists())
    if not may:
        raise PermissionDenied("只有市级专员和企业所在区县的专员可以记录洽谈。")
    at = clamp_moment(at)
    check_round_in_progress(meeting.docking_round, at)
    return at


def _change_status(
    meeting: Meeting, sources: tuple[str, ...], values: dict[str, Any], *, by: User, key: UUID | None
) -> bool:
    """Return True if the status changed now, False if the same step was applied before."""
    rows = Meeting.objects.filter(pk=meeting.pk, status__in=sources)
    rows = rows.exclude(step_key=key) if key else rows
    before = meeting.get_status_display()
    moved = rows.update(**values, step_key=key)
    meeting.refresh_from_db()
    if moved:
        changes = {"status": [before, meeting.get_status_display()]}
        record("记录洽谈进行", meeting, by=by, changes=changes)
    elif key is None or meeting.step_key != key:
        _refuse_step(meeting)
    return bool(moved)


def _refuse_step(meeting: Meeting) -> NoReturn:
    meeting.refresh_from_db()
    began = f"{localtime(meeting.begun_at):%H:%M}" if meeting.begun_at else ""
    refusals: dict[str, str] = {
        Status.WANTED: "“%(meeting)s”还没有开始。",
        Status.BEGUN: "“%(meeting)s”已于 %(time)s 开始。",
        Status.HELD: "“%(meeting)s”已经结束。",
        Status.MISSED: "“%(meeting)s”已记为未能进行，请先改回。",
        Status.DROPPED: "“%(meeting)s”已取消，请刷新查看新的安排。",
    }
    raise ValidationError(refusals[meeting.status] % {"meeting": meeting, "time": began})
