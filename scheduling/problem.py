"""An event compiled to integers: persons, meetings, and the cells a meeting can be assigned to.

A cell is a pair (slot, zone). If the breaks between slots are always long enough to walk between the halls, all halls
form one zone: then only the number of tables per slot matters, and the table is chosen last. Otherwise each hall is a
zone of its own.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import combinations

from scheduling.constraints import TABLES, Constraint, absent_slots
from scheduling.event import (
    AgendaActivity,
    Event,
    Id,
    Lock,
    MeetingHall,
    Person,
    RequestedMeeting,
    TimeSlot,
    people_of,
)

type Cells = list[tuple[int, int]]
type Zones = list[list[MeetingHall]]


@dataclass
class Problem:
    """Meetings, persons, parties and cells are numbered from 0; lists are indexed by these numbers."""

    event: Event
    slot_count: int
    cells: Cells
    """(slot, zone) of each cell, ordered by slot."""
    capacity: list[int]
    """Tables of each cell."""
    meeting_ids: list[Id]
    person_ids: list[Id]
    persons_of: list[tuple[int, ...]]
    """Persons of each meeting."""
    parties_of: list[tuple[int, int]]
    """The two parties of each meeting, as indices into event.parties."""
    weights: list[float]
    required: list[bool]
    blocked: list[dict[int, list[Constraint]]]
    """For each meeting, {cell it cannot be assigned to: constraints that forbid it}."""
    precedences: list[tuple[int, int]]
    """(before, after) pairs of meetings."""
    incompatible: dict[int, set[int]] = field(default_factory=dict)
    """For a cell, the cells of other slots that the same person cannot reach in time."""
    max_meetings: list[int] = field(default_factory=list)
    """Limit of each party; larger than the number of meetings if the party has none."""

    def __post_init__(self) -> None:
        self.allowed = [
            [cell for cell in range(len(self.cells)) if cell not in blocked and self.capacity[cell] > 0]
            for blocked in self.blocked
        ]
        """Cells each meeting can be assigned to."""
        self.slot_of = [slot for slot, _ in self.cells]
        """Slot of each cell."""
        self.meetings_of: list[list[int]] = [[] for _ in self.person_ids]
        """Meetings of each person."""
        for meeting, persons in enumerate(self.persons_of):
            for person in persons:
                self.meetings_of[person].append(meeting)

    def halls_in(self, zone: int) -> list[MeetingHall]:
        halls = self.event.halls
        return list(halls) if len(self.cells) == self.slot_count else [halls[zone]]

    def cell_at(self, slot: int, hall_id: Id) -> int:
        """The cell of a table. Raises ValueError if there is none."""
        halls = [hall.id for hall in self.event.halls]
        zone = halls.index(hall_id) if len(self.cells) > self.slot_count else 0
        return self.cells.index((slot, zone))

    def subproblem(self, meetings: list[int]) -> "Problem":
        """The problem with these meetings only, all of them required."""
        index = {meeting: n for n, meeting in enumerate(meetings)}
        return Problem(
            event=self.event,
            slot_count=self.slot_count,
            cells=self.cells,
            capacity=self.capacity,
            meeting_ids=[self.meeting_ids[m] for m in meetings],
            person_ids=self.person_ids,
            persons_of=[self.persons_of[m] for m in meetings],
            parties_of=[self.parties_of[m] for m in meetings],
            weights=[self.weights[m] for m in meetings],
            required=[True] * len(meetings),
            blocked=[self.blocked[m] for m in meetings],
            precedences=[(index[a], index[b]) for a, b in self.precedences if a in index and b in index],
            incompatible=self.incompatible,
            max_meetings=self.max_meetings,
        )


def compile_event(event: Event, active: frozenset[Constraint] | None = None) -> Problem:
    """The problem of an event. With `active` only these constraints bind, and only required meetings are included."""
    return _Compiler(event, active).problem()


class _Compiler:
    def __init__(self, event: Event, active: frozenset[Constraint] | None) -> None:
        self.event = event
        self.is_active: Callable[[Constraint], bool] = (lambda _: True) if active is None else active.__contains__
        self.required = required_meetings(event)
        self.meetings = [
            meeting
            for meeting in event.meetings
            if active is None or (meeting.id in self.required and self.is_active(Constraint("required", meeting.id)))
        ]
        self.zones = _zones(event)
        self.cells = [(slot, zone) for slot in range(len(event.slots)) for zone in range(len(self.zones))]
        self.locks = {lock.meeting: lock for lock in event.locks}

    def problem(self) -> Problem:
        event, meetings = self.event, self.meetings
        persons: dict[Id, int] = {}
        for party in event.parties:
            for person in people_of(party):
                persons.setdefault(person.id, len(persons))
        parties = {party.id: n for n, party in enumerate(event.parties)}
        attendees = [event.attendees(meeting) for meeting in meetings]
        unavailable = self._unavailable_cells()
        return Problem(
            event=event,
            slot_count=len(event.slots),
            cells=self.cells,
            capacity=self._capacity(),
            meeting_ids=[meeting.id for meeting in meetings],
            person_ids=list(persons),
            persons_of=[tuple(persons[person.id] for person in people) for people in attendees],
            parties_of=[(parties[meeting.parties[0]], parties[meeting.parties[1]]) for meeting in meetings],
            weights=[meeting.weight for meeting in meetings],
            required=[meeting.id in self.required for meeting in meetings],
            blocked=[
                self._blocked_cells(meeting, people, unavailable)
                for meeting, people in zip(meetings, attendees, strict=True)
            ],
            precedences=self._precedences(),
            incompatible=_incompatible_cells(event, self.cells, self.zones),
            max_meetings=self._max_meetings(),
        )

    @property
    def _unlimited(self) -> int:
        return len(self.meetings) + 1

    def _capacity(self) -> list[int]:
        if not self.is_active(TABLES):
            return [self._unlimited] * len(self.cells)
        return [sum(hall.table_count(slot) for hall in self.zones[zone]) for slot, zone in self.cells]

    def _max_meetings(self) -> list[int]:
        return [
            party.max_meetings
            if party.max_meetings is not None and self.is_active(Constraint("max_meetings", party.id))
            else self._unlimited
            for party in self.event.parties
        ]

    def _precedences(self) -> list[tuple[int, int]]:
        index = {meeting.id: n for n, meeting in enumerate(self.meetings)}
        return [
            (index[pair.before], index[pair.after])
            for pair in self.event.precedences
            if pair.before in index
            and pair.after in index
            and self.is_active(Constraint("precedence", (pair.before, pair.after)))
        ]

    def _unavailable_cells(self) -> dict[Id, dict[int, list[Constraint]]]:
        """{person id: {cell: constraints that keep the person away from it}}"""
        event = self.event
        unavailable: dict[Id, dict[int, list[Constraint]]] = defaultdict(lambda: defaultdict(list))
        people_by_party = {party.id: people_of(party) for party in event.parties}
        for people in people_by_party.values():
            for person in people:
                constraint = Constraint("availability", person.id)
                if self.is_active(constraint) and person.id not in unavailable:
                    absent = set(absent_slots(event, person.id))
                    cells = [n for n, (slot, _) in enumerate(self.cells) if slot in absent]
                    unavailable[person.id].update({cell: [constraint] for cell in cells})
        for index, activity in enumerate(event.activities):
            attending = dict.fromkeys(activity.people) | dict.fromkeys(
                person.id for party in activity.parties for person in people_by_party[party]
            )
            overlapping = [
                cell
                for cell, (slot, zone) in enumerate(self.cells)
                if _overlaps(event, activity, event.slots[slot], self.zones[zone])
            ]
            for person_id in attending:
                if self.is_active(constraint := Constraint("activity", (index, person_id))):
                    for cell in overlapping:
                        unavailable[person_id][cell].append(constraint)
        return unavailable

    def _blocked_cells(
        self,
        meeting: RequestedMeeting,
        people: Iterable[Person],
        unavailable: dict[Id, dict[int, list[Constraint]]],
    ) -> dict[int, list[Constraint]]:
        blocked: dict[int, list[Constraint]] = defaultdict(list)
        for person in people:
            for cell, constraints in unavailable.get(person.id, {}).items():
                blocked[cell].extend(constraints)
        lock = self.locks.get(meeting.id)
        by_slots, by_lock = Constraint("slots", meeting.id), Constraint("lock", meeting.id)
        for cell, (slot, zone) in enumerate(self.cells):
            if meeting.slots is not None and slot not in meeting.slots and self.is_active(by_slots):
                blocked[cell].append(by_slots)
            if lock and self.is_active(by_lock) and not _matches(lock, slot, self.zones[zone]):
                blocked[cell].append(by_lock)
        return dict(blocked)


def _matches(lock: Lock, slot: int, halls: list[MeetingHall]) -> bool:
    return slot == lock.slot and (lock.hall is None or any(hall.id == lock.hall for hall in halls))


def required_meetings(event: Event) -> set[Id]:
    """Ids of meetings that are required or locked, and of their predecessors."""
    required = {meeting.id for meeting in event.meetings if meeting.required} | {lock.meeting for lock in event.locks}
    queue = list(required)
    while queue:
        after = queue.pop()
        predecessors = {pair.before for pair in event.precedences if pair.after == after} - required
        required |= predecessors
        queue.extend(predecessors)
    return required


def all_constraints(event: Event) -> list[Constraint]:
    """Every constraint that can take part in a conflict, the ones that are easiest to give up first."""
    required = required_meetings(event)
    meetings = [meeting for meeting in event.meetings if meeting.id in required]
    persons = dict.fromkeys(person.id for meeting in meetings for person in event.attendees(meeting))
    parties = dict.fromkeys(party for meeting in meetings for party in meeting.parties)
    people_by_party = {party.id: {person.id for person in people_of(party)} for party in event.parties}
    attending = [
        Constraint("activity", (index, person))
        for index, activity in enumerate(event.activities)
        for person in persons
        if person in activity.people or any(person in people_by_party[party] for party in activity.parties)
    ]
    return [
        *(Constraint("precedence", (pair.before, pair.after)) for pair in event.precedences),
        *(Constraint("lock", lock.meeting) for lock in event.locks),
        *(Constraint("slots", meeting.id) for meeting in meetings if meeting.slots is not None),
        *attending,
        *(Constraint("max_meetings", party) for party in parties if event.party(party).max_meetings is not None),
        *(Constraint("availability", person) for person in persons if absent_slots(event, person)),
        TABLES,
        *(Constraint("required", meeting.id) for meeting in meetings),
    ]


def _zones(event: Event) -> Zones:
    halls = list(event.halls)
    breaks = [after.start - slot.end for slot, after in zip(event.slots, event.slots[1:], strict=False)]
    longest = max((event.walking_time(a.id, b.id) for a, b in combinations(halls, 2)), default=0)
    activities_apart = any(
        event.walking_time(activity.hall, hall.id) for activity in event.activities for hall in halls
    )
    if activities_apart or longest > min(breaks, default=longest):
        return [[hall] for hall in halls]
    return [halls]


def _incompatible_cells(event: Event, cells: Cells, zones: Zones) -> dict[int, set[int]]:
    """Pairs of cells in different slots, in both directions. Within a slot a person has at most one meeting anyway."""
    incompatible: dict[int, set[int]] = defaultdict(set)
    if len(zones) == 1:
        return incompatible
    minutes = {
        (a, b): max(event.walking_time(start.id, end.id) for start in zones[a] for end in zones[b])
        for a in range(len(zones))
        for b in range(len(zones))
        if a != b
    }
    for first, (slot, zone) in enumerate(cells):
        for second, (later, elsewhere) in enumerate(cells):
            if slot < later and zone != elsewhere:
                between = event.slots[later].start - event.slots[slot].end
                if between < minutes[zone, elsewhere]:
                    incompatible[first].add(second)
                    incompatible[second].add(first)
    return incompatible


def _overlaps(event: Event, activity: AgendaActivity, slot: TimeSlot, halls: list[MeetingHall]) -> bool:
    """Whether nobody can attend both the activity and a meeting in the slot, walking time included."""
    minutes = max((event.walking_time(activity.hall, hall.id) for hall in halls), default=0)
    return slot.start < activity.end + minutes and activity.start < slot.end + minutes
