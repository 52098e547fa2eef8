"""Possible places of a meeting in a draft, and the reasons against each other place. The checker evaluates each
place on the part of the event that the move affects."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from rounds.models import Placement
from rounds.planning.messages import merge_by_party
from rounds.planning.snapshot import RoundSnapshot, meeting_id_of
from rounds.planning.stored_plans import named_meeting, plan_of
from scheduling import Assignment, Schedule, check
from scheduling.event import people_of

type Place = tuple[int, int, int]
"""Primary key of a slot, primary key of a hall, number of a table."""


def blocked_places(snapshot: RoundSnapshot, placements: list[Placement], meeting_id: int) -> dict[Place, str]:
    """Return {place: reason} for every table in every slot; the reason is empty if the meeting can go there.

    For an occupied place it is empty if the two meetings can change places.
    """
    return _MoveTargets(snapshot, placements, meeting_id).all()


class _MoveTargets:
    def __init__(self, snapshot: RoundSnapshot, placements: list[Placement], meeting_id: int) -> None:
        self.snapshot, self.meeting = snapshot, meeting_id
        self.near = _AffectedMeetings(snapshot, plan_of(snapshot, placements))
        self.there = {(place.slot_id, place.hall_id, place.table): place for place in placements}
        self.here = next((place for place in placements if place.meeting_id == meeting_id), None)

    def all(self) -> dict[Place, str]:
        reasons = {}
        for number, slot in enumerate(self.snapshot.slots):
            for hall in self.snapshot.event.halls:
                usable = hall.table_numbers(number)
                against = self._against({self.meeting: (number, hall.id, usable[0])}) if usable else ""
                for table in range(1, hall.tables + 1):
                    place = (slot.pk, int(hall.id), table)
                    if table not in usable:
                        reasons[place] = "这张桌停用"
                    elif place in self.there and self.there[place].meeting_id != self.meeting:
                        reasons[place] = self._swap(self.there[place], number, hall.id, table)
                    else:
                        reasons[place] = against
        return reasons

    def _swap(self, other: Placement, number: int, hall, table: int) -> str:
        if self.here is None or other.meeting_id not in self.snapshot.meetings:
            return "已安排 %(meeting)s" % {"meeting": meeting_id_of(other.meeting)}
        if other.is_locked or other.meeting.status in other.meeting.SAT_DOWN:
            return "%(meeting)s 已锁定或已开始" % {"meeting": meeting_id_of(other.meeting)}
        mine = self.snapshot.number_of(self.here.slot), self.here.hall_id, self.here.table
        return self._against({self.meeting: (number, hall, table), other.meeting_id: mine})

    def _against(self, moves: dict[int, tuple]) -> str:
        placed = [Assignment(named_meeting(self.snapshot, pk), *where) for pk, where in moves.items()]
        return "；".join(merge_by_party(self.near.broken_by(placed)))


class _AffectedMeetings:
    """The part of the event that a move affects: the meetings of the parties concerned."""

    def __init__(self, snapshot: RoundSnapshot, plan: Schedule) -> None:
        self.event, self.plan = snapshot.event, plan
        self.by_party = defaultdict(list)
        for meeting in self.event.meetings:
            for party in meeting.parties:
                self.by_party[party].append(meeting)
        self.sharing = defaultdict(set)
        for party in self.event.parties:
            for person in people_of(party):
                self.sharing[person.id].add(party.id)
        self.orders = [order for order in self.event.precedences if self._is_kept(order)]
        self.cut: dict[tuple, tuple] = {}

    def _is_kept(self, order) -> bool:
        """An order that the plan violates already is not the move's fault."""
        placed = self.plan.by_meeting
        return order.after not in placed or (
            order.before in placed and placed[order.before].slot < placed[order.after].slot
        )

    def broken_by(self, placed: list[Assignment]) -> Iterable[str]:
        """Return new violations caused by these assignments; tables are checked elsewhere."""
        moved = {assignment.meeting for assignment in placed}
        event, rest, before = self._cut(tuple(sorted(moved)))
        after = check(event, Schedule(tuple([*rest, *placed]), self._left(event, rest, placed)))
        tables = [problem for problem in after if "号桌" in problem]
        return [problem for problem in after if problem not in before and problem not in tables]

    def _cut(self, moved: tuple) -> tuple:
        if moved not in self.cut:
            parties = {party for meeting in moved for party in self.event.meeting(meeting).parties}
            people = {person.id for party in parties for person in people_of(self.event.party(party))}
            parties |= {party for person in people for party in self.sharing[person]}
            meetings = {meeting.id: meeting for party in parties for meeting in self.by_party[party]}
            orders = tuple(order for order in self.orders if {order.before, order.after} & set(moved))
            ordered = {meeting for order in orders for meeting in (order.before, order.after)}
            meetings |= {meeting: self.event.meeting(meeting) for meeting in ordered}
            known = {party for meeting in meetings.values() for party in meeting.parties}
            items = tuple(
                replace(item, parties=tuple(party for party in item.parties if party in known))
                for item in self.event.activities
            )
            event = replace(
                self.event,
                parties=tuple(party for party in self.event.parties if party.id in known),
                meetings=tuple(meetings.values()),
                activities=items,
                locks=tuple(
                    lock for lock in self.event.locks if lock.meeting in meetings and lock.meeting not in moved
                ),
                precedences=(),
            )
            rest = [
                assignment
                for assignment in self.plan.assignments
                if assignment.meeting in meetings and assignment.meeting not in moved
            ]
            before = set(check(event, Schedule(tuple(rest), self._left(event, rest, []))))
            self.cut[moved] = replace(event, precedences=orders), rest, before
        return self.cut[moved]

    @staticmethod
    def _left(event, *groups: list[Assignment]) -> dict:
        placed = {assignment.meeting for group in groups for assignment in group}
        return {meeting.id: "未安排" for meeting in event.meetings if meeting.id not in placed}
