"""Conversion between the rows of a timetable and the engine's plan."""

from collections.abc import Collection, Iterable

from django.db.models import F, QuerySet

from rounds.models import LeftOut, Meeting, Placement, Timetable
from rounds.planning.named_id import NamedId
from rounds.planning.snapshot import RoundSnapshot, meeting_id_of
from scheduling import Assignment, Schedule

REQUESTED_LATER = "排期之后提出，还没有安排"
"""Reason of a meeting that was requested after the plan was made."""


def placements_of(timetable: Timetable | None) -> list[Placement]:
    """Return the placements with slot, hall and both sides of the meeting, in the order of the day."""
    if timetable is None:
        return []
    return list(
        _in_order_of_day(timetable).select_related(
            "slot",
            "hall",
            "meeting__match__demand",
            "meeting__match__follow_up",
            "meeting__unmatched_demand",
            "meeting__match__achievement",
            "meeting__firm_party__organisation",
            "meeting__institution_party__organisation",
        )
    )


def places_of(timetable: Timetable) -> list[Placement]:
    """Return the placements with their slots, in the order of the day: what a check of the plan reads of them."""
    return list(_in_order_of_day(timetable).select_related("slot"))


def _in_order_of_day(timetable: Timetable) -> QuerySet[Placement]:
    return timetable.placements.order_by("slot__starts_at", "hall__order", "hall__pk", "table")


def plan_of(
    snapshot: RoundSnapshot, placements: Iterable[Placement], reasons: dict[int, str] | None = None
) -> Schedule:
    """Return the engine's plan of these rows. A meeting without a place gets its reason from `reasons`, or that it
    was requested later.

    Meetings that the event does not contain (dropped, missed, or with a side that no longer comes) are skipped.
    """
    slot_numbers = {slot.pk: number for number, slot in enumerate(snapshot.slots)}
    placed = tuple(
        Assignment(
            named_meeting(snapshot, place.meeting_id),
            slot_numbers[place.slot_id],
            _hall_id(snapshot, place),
            place.table,
        )
        for place in placements
        if place.meeting_id in snapshot.meetings and place.slot_id in slot_numbers
    )
    planned = {assignment.meeting for assignment in placed}
    reasons = reasons or {}
    left = {
        meeting.id: reasons.get(meeting.id) or REQUESTED_LATER
        for meeting in snapshot.event.meetings
        if meeting.id not in planned
    }
    return Schedule(placed, left)


def reasons_of(timetable: Timetable) -> dict[int, str]:
    return dict(timetable.left_out.values_list("meeting_id", "reason"))


def save_plan(
    timetable: Timetable,
    snapshot: RoundSnapshot,
    plan: Schedule,
    *,
    carried: Iterable[Placement] = (),
    locked: Collection[int] = frozenset(),
    by_hand: Collection[int] = frozenset(),
):
    """Replace the rows of a timetable by this plan, in the caller's transaction.

    `carried`: placements of finished meetings that the plan does not contain. `locked`: ids of meetings locked by
    users. `by_hand`: ids of meetings whose place staff chose.
    """
    timetable.placements.all().delete()
    timetable.left_out.all().delete()
    rows = [
        Placement(
            timetable=timetable,
            meeting_id=int(assignment.meeting),
            slot=snapshot.slots[assignment.slot],
            hall_id=int(assignment.hall),
            table=assignment.table,
            is_locked=assignment.meeting in locked,
            is_by_hand=assignment.meeting in by_hand,
        )
        for assignment in plan.assignments
    ]
    taken = {(row.slot_id, row.hall_id, row.table) for row in rows}
    rows += [
        Placement(
            timetable=timetable,
            meeting_id=place.meeting_id,
            slot_id=place.slot_id,
            hall_id=place.hall_id,
            table=place.table,
        )
        for place in carried
        if (place.slot_id, place.hall_id, place.table) not in taken
    ]
    Placement.objects.bulk_create(rows, batch_size=1000)
    out = {int(meeting): reason for meeting, reason in plan.left_out.items()} | snapshot.excluded
    LeftOut.objects.bulk_create(
        [LeftOut(timetable=timetable, meeting_id=meeting, reason=reason[:300]) for meeting, reason in out.items()],
        batch_size=1000,
    )


def missed_placements(placements: Iterable[Placement]) -> list[Placement]:
    """Return placements of missed meetings: later versions keep them."""
    return [place for place in placements if place.meeting.status == Meeting.Status.MISSED]


def named_meeting(snapshot: RoundSnapshot, meeting_id: int) -> NamedId:
    return meeting_id_of(snapshot.meetings[meeting_id])


def _hall_id(snapshot: RoundSnapshot, place: Placement) -> NamedId:
    return NamedId(place.hall_id, snapshot.halls[place.hall_id].name)


def remove_from_drafts(meetings: list[int]) -> None:
    """Remove meetings from all drafts and increment the drafts' revisions."""
    drafts = Timetable.objects.filter(status=Timetable.Status.DRAFT, placements__meeting__in=meetings)
    Timetable.objects.filter(pk__in=drafts.values("pk")).update(revision=F("revision") + 1)
    of_drafts = {"timetable__status": Timetable.Status.DRAFT, "meeting__in": meetings}
    Placement.objects.filter(**of_drafts).delete()
    LeftOut.objects.filter(**of_drafts).delete()
