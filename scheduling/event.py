"""The scheduling input: requested meetings, the parties and their availability, and the tables.

Times are minutes after midnight of the first day; an event that runs past midnight continues beyond 1440. Slot numbers
start at 0, table numbers at 1. Ids are chosen by the caller.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from scheduling.errors import InvalidEventError

type Id = int | str
type TimeWindow = tuple[int, int]
"""Start and end in minutes; the end is excluded."""


@dataclass(frozen=True, slots=True)
class TimeSlot:
    """A period in which meetings take place. The break before the next slot is the time to walk to another hall."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.start // 60 % 24:02}:{self.start % 60:02}"


@dataclass(frozen=True, slots=True)
class MeetingHall:
    """A hall with numbered tables."""

    id: Id
    tables: int | tuple[int, ...]
    """Number of tables: the same in every slot, or one number per slot."""
    name: str = ""
    lost_tables: frozenset[tuple[int, int]] = frozenset()
    """(slot, table number) pairs that cannot be used."""

    def table_numbers(self, slot: int) -> list[int]:
        """Numbers of the tables that can be used in a slot."""
        number = self.tables if isinstance(self.tables, int) else self.tables[slot]
        return [table for table in range(1, number + 1) if (slot, table) not in self.lost_tables]

    def table_count(self, slot: int) -> int:
        return len(self.table_numbers(slot))


@dataclass(frozen=True, slots=True)
class Person:
    """A person who attends. The same id in two parties is the same person, who can be at one table at a time."""

    id: Id
    name: str = ""
    availability: tuple[TimeWindow, ...] | None = None
    """None: no restriction besides that of the party."""


@dataclass(frozen=True, slots=True)
class MeetingParty:
    """A firm or an institution. A party without people is scheduled as a single person."""

    id: Id
    name: str = ""
    people: tuple[Person, ...] = ()
    availability: tuple[TimeWindow, ...] | None = None
    """None: the whole event; empty: never."""
    max_meetings: int | None = None


@dataclass(frozen=True, slots=True)
class RequestedMeeting:
    """A meeting of two parties that is to be scheduled."""

    id: Id
    parties: tuple[Id, Id]
    weight: float = 1.0
    """Gain of scheduling it, ≥ 0."""
    people: tuple[Id, ...] | None = None
    """People of the two parties who must be at the table; None: all people of both."""
    slots: tuple[int, ...] | None = None
    """Slots in which it may take place; None: any."""
    required: bool = False
    """Hard constraint: the event is infeasible if the meeting cannot be scheduled."""
    topic: str = ""
    """Tells two meetings of the same parties apart in sentences."""
    unlinked: tuple[Id, ...] = ()
    """Parties that are anonymous here: their people are not led to this table by their other meetings, nor to those by
    this one, so that the numbers of the tables do not show who it is."""


@dataclass(frozen=True, slots=True)
class AgendaActivity:
    """An agenda item with named participants, who are at no table while it lasts."""

    name: str
    start: int
    end: int
    parties: tuple[Id, ...] = ()
    people: tuple[Id, ...] = ()
    hall: Id | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """A fixed assignment of a meeting. A locked meeting is required."""

    meeting: Id
    slot: int
    hall: Id | None = None
    table: int | None = None
    """Only together with a hall."""


@dataclass(frozen=True, slots=True)
class Precedence:
    """If meeting `after` is scheduled, meeting `before` is scheduled in an earlier slot."""

    before: Id
    after: Id


@dataclass(frozen=True)
class Event:
    """The whole input. Raises InvalidEventError on creation if it is inconsistent."""

    slots: tuple[TimeSlot, ...]
    halls: tuple[MeetingHall, ...]
    parties: tuple[MeetingParty, ...]
    meetings: tuple[RequestedMeeting, ...]
    walking_minutes: Mapping[tuple[Id, Id], int] = field(default_factory=dict)
    """Minutes between two halls, in either direction; 0 for pairs that are not listed."""
    activities: tuple[AgendaActivity, ...] = ()
    locks: tuple[Lock, ...] = ()
    precedences: tuple[Precedence, ...] = ()

    def __post_init__(self) -> None:
        if problems := list(dict.fromkeys(_problems(self))):
            raise InvalidEventError(problems)

    def walking_time(self, start: Id | None, end: Id | None) -> int:
        """Minutes from one hall to another; 0 if either hall is not known."""
        if start is None or end is None or start == end:
            return 0
        return self.walking_minutes.get((start, end), self.walking_minutes.get((end, start), 0))

    def party(self, party_id: Id) -> MeetingParty:
        return self.party_by_id[party_id]

    def meeting(self, meeting_id: Id) -> RequestedMeeting:
        return self.meeting_by_id[meeting_id]

    @cached_property
    def party_by_id(self) -> dict[Id, MeetingParty]:
        return {party.id: party for party in self.parties}

    @cached_property
    def meeting_by_id(self) -> dict[Id, RequestedMeeting]:
        return {meeting.id: meeting for meeting in self.meetings}

    @cached_property
    def parties_by_person(self) -> dict[Id, list[tuple[MeetingParty, Person]]]:
        """{person id: (party, person) for each party the person belongs to}"""
        memberships: dict[Id, list[tuple[MeetingParty, Person]]] = {}
        for party in self.parties:
            for person in people_of(party):
                memberships.setdefault(person.id, []).append((party, person))
        return memberships

    def attendees(self, meeting: RequestedMeeting) -> tuple[Person, ...]:
        """The people at the table, each person once."""
        attendees: dict[Id, Person] = {}
        for party in map(self.party, meeting.parties):
            for person in people_of(party):
                if meeting.people is None or not party.people or person.id in meeting.people:
                    attendees.setdefault(person.id, person)
        return tuple(attendees.values())


def people_of(party: MeetingParty) -> tuple[Person, ...]:
    """The people of a party; for a party without people one person with the id "party <id>"."""
    return party.people or (Person(f"party {party.id}", party.name or str(party.id)),)


def _problems(event: Event) -> Iterator[str]:
    if not event.slots:
        yield "没有洽谈时段，请先设置时段"
    if not any(max(_table_counts(hall), default=0) > 0 for hall in event.halls):
        yield "没有洽谈桌，请至少给一个场地设置一张桌"
    for hall in event.halls:
        if not _covers_slots(event, hall):
            yield f"场地“{hall.name or hall.id}”的桌数与 {len(event.slots)} 个时段对不上"
        elif min(_table_counts(hall), default=0) < 0:
            yield f"场地“{hall.name or hall.id}”的桌数不能小于 0"
    for kind, ids in (
        ("场地", [hall.id for hall in event.halls]),
        ("单位", [party.id for party in event.parties]),
        ("洽谈", [meeting.id for meeting in event.meetings]),
        ("锁定的洽谈", [lock.meeting for lock in event.locks]),
    ):
        yield from (f"{kind}“{repeated}”出现了不止一次，请保留一个" for repeated in _repeated(ids))
    yield from _time_problems(event)
    yield from _reference_problems(event)


def _table_counts(hall: MeetingHall) -> tuple[int, ...]:
    return (hall.tables,) if isinstance(hall.tables, int) else hall.tables


def _covers_slots(event: Event, hall: MeetingHall) -> bool:
    return isinstance(hall.tables, int) or len(hall.tables) == len(event.slots)


def _repeated(ids: Iterable[Id]) -> list[Id]:
    return [repeated for repeated, times in Counter(ids).items() if times > 1]


def _time_problems(event: Event) -> Iterator[str]:
    for slot in event.slots:
        if slot.end <= slot.start:
            yield f"{slot} 开始的时段结束得不晚于开始；跨过零点时请接着往后数分钟"
    for slot, following in zip(event.slots, event.slots[1:], strict=False):
        if following.start < slot.end:
            yield f"{slot} 与 {following} 开始的时段重叠或顺序颠倒"
    for activity in event.activities:
        if activity.end <= activity.start:
            yield f"议程“{activity.name}”结束得不晚于开始；跨过零点时请接着往后数分钟"
    for party in event.parties:
        windows = [party.availability, *(person.availability for person in party.people)]
        if any(end <= start for window in windows for start, end in window or ()):
            yield f"“{party.name or party.id}”的在场时间结束得不晚于开始；跨过零点时请接着往后数分钟"
        if party.max_meetings is not None and party.max_meetings < 0:
            yield f"“{party.name or party.id}”的最多场次不能小于 0"


def _reference_problems(event: Event) -> Iterator[str]:
    for meeting in event.meetings:
        yield from _meeting_problems(event, meeting)
    yield from _lock_problems(event)
    for precedence in event.precedences:
        ends = {precedence.before, precedence.after}
        if len(ends) == 1 or not ends <= event.meeting_by_id.keys():
            yield f"先后要求“{precedence.before} 先于 {precedence.after}”应指向两场存在的不同洽谈"
    for activity in event.activities:
        if unknown := [party for party in activity.parties if party not in event.party_by_id]:
            yield f"议程“{activity.name}”中的单位“{unknown[0]}”不存在或已删除"
        if activity.hall is not None and activity.hall not in {hall.id for hall in event.halls}:
            yield f"议程“{activity.name}”的场地“{activity.hall}”不存在"


def _meeting_problems(event: Event, meeting: RequestedMeeting) -> Iterator[str]:
    if meeting.parties[0] == meeting.parties[1]:
        yield f"洽谈“{meeting.id}”的双方是同一个单位“{meeting.parties[0]}”，请更正或删除"
    if unknown := [party for party in meeting.parties if party not in event.party_by_id]:
        yield f"洽谈“{meeting.id}”中的单位“{unknown[0]}”不存在或已删除，请更正或删除这场洽谈"
        return
    parties = [event.party(party_id) for party_id in meeting.parties]
    known = {person.id for party in parties for person in party.people}
    if meeting.people is not None and (strangers := [person for person in meeting.people if person not in known]):
        yield f"洽谈“{meeting.id}”点名的“{strangers[0]}”不在双方人员之中"
    for party in parties:
        people = {person.id for person in party.people}
        if meeting.people is not None and people and not people & set(meeting.people):
            yield f"洽谈“{meeting.id}”没有点名“{party.name or party.id}”的任何人"
    if not 0 <= meeting.weight < float("inf"):
        yield f"洽谈“{meeting.id}”的权重应是不小于 0 的数"
    if any(not 0 <= slot < len(event.slots) for slot in meeting.slots or ()):
        yield f"洽谈“{meeting.id}”限定在不存在的时段"


def _lock_problems(event: Event) -> Iterator[str]:
    halls = {hall.id: hall for hall in event.halls}
    locked: Counter[Hashable] = Counter()
    for lock in event.locks:
        if lock.meeting not in event.meeting_by_id:
            yield f"锁定了不存在的洽谈“{lock.meeting}”，请先补上或取消锁定"
        if not 0 <= lock.slot < len(event.slots):
            yield f"洽谈“{lock.meeting}”锁定在不存在的时段"
        if lock.hall is not None and lock.hall not in halls:
            yield f"洽谈“{lock.meeting}”锁定在不存在的场地“{lock.hall}”"
        if lock.table is not None and lock.hall is None:
            yield f"洽谈“{lock.meeting}”锁定了桌号，请同时说明场地"
        elif 0 <= lock.slot < len(event.slots) and lock.hall in halls and _covers_slots(event, halls[lock.hall]):
            yield from _table_lock_problems(event, lock, halls[lock.hall].table_numbers(lock.slot), locked)


def _table_lock_problems(event: Event, lock: Lock, tables: list[int], locked: Counter[Hashable]) -> Iterator[str]:
    """Count the lock in `locked`, by (slot, hall) and by (slot, hall, table), and report what exceeds the tables."""
    hall, table = (lock.slot, lock.hall), (lock.slot, lock.hall, lock.table)
    locked[hall] += 1
    locked[table] += lock.table is not None
    place = f"{event.slots[lock.slot]} 场地“{lock.hall}”"
    if lock.table not in (None, *tables) or locked[hall] == len(tables) + 1:
        yield f"{place}只有 {len(tables)} 张桌，放不下锁定的洽谈“{lock.meeting}”"
    elif locked[table] == 2:
        yield f"{place}{lock.table} 号桌锁定了两场洽谈"
