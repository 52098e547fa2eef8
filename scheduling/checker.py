"""Verifies that a schedule satisfies all hard constraints.

Independent of the solver: it shares only the input and output types with it, and works on the times of each person
instead of on cells. Used by the tests and before a timetable is published.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from scheduling.event import Event, Id, MeetingParty, TimeWindow
from scheduling.schedule import Schedule


def check(event: Event, schedule: Schedule) -> list[str]:
    """One Chinese sentence, without a full stop, per violated constraint; empty if the schedule is valid."""
    known = {meeting.id for meeting in event.meetings}
    if unknown := [assignment.meeting for assignment in schedule.assignments if assignment.meeting not in known]:
        return [f"安排了不存在的洽谈“{meeting}”" for meeting in unknown]
    return [
        *_completeness_violations(event, schedule),
        *_table_violations(event, schedule),
        *_person_violations(event, schedule),
        *_meeting_violations(event, schedule),
        *_lock_violations(event, schedule),
    ]


def _completeness_violations(event: Event, schedule: Schedule) -> Iterator[str]:
    """Every meeting is either assigned once or left out with a reason."""
    times = Counter(assignment.meeting for assignment in schedule.assignments)
    for meeting in event.meetings:
        if times[meeting.id] > 1:
            yield f"洽谈“{meeting.id}”安排了 {times[meeting.id]} 次"
        if times[meeting.id] and meeting.id in schedule.left_out:
            yield f"洽谈“{meeting.id}”既安排又列为未安排"
        if not times[meeting.id] and not schedule.left_out.get(meeting.id):
            yield f"洽谈“{meeting.id}”没有安排，也没有说明原因"


def _table_violations(event: Event, schedule: Schedule) -> Iterator[str]:
    halls = {hall.id: hall for hall in event.halls}
    taken = Counter((assignment.slot, assignment.hall, assignment.table) for assignment in schedule.assignments)
    for (slot, hall, table), times in taken.items():
        if not 0 <= slot < len(event.slots):
            yield f"安排在不存在的时段 {slot}"
        elif hall not in halls:
            yield f"安排在不存在的场地“{hall}”"
        elif table not in halls[hall].table_numbers(slot):
            yield f"{event.slots[slot]} 场地“{hall}”没有 {table} 号桌"
        if times > 1:
            yield f"{slot} 号时段场地“{hall}”{table} 号桌安排了 {times} 场"


@dataclass(frozen=True)
class _Engagement:
    """A meeting or an agenda activity in the day of a person."""

    start: int
    end: int
    hall: Id | None
    name: Id
    is_meeting: bool


def _person_violations(event: Event, schedule: Schedule) -> Iterator[str]:
    """Each person is available during their meetings and has the time to walk between engagements."""
    days: dict[Id, list[_Engagement]] = defaultdict(list)
    availabilities: dict[Id, list[tuple[TimeWindow, ...]]] = defaultdict(list)
    for party in event.parties:
        for person, availability in _people(party):
            availabilities[person] += [windows for windows in (party.availability, availability) if windows is not None]
            days[person] += _activities(event, party, person)
    parties = {party.id: party for party in event.parties}
    meetings = {meeting.id: meeting for meeting in event.meetings}
    for assignment in schedule.assignments:
        if not 0 <= assignment.slot < len(event.slots):
            continue
        meeting, slot = meetings[assignment.meeting], event.slots[assignment.slot]
        people = {person for party in meeting.parties for person, _ in _people(parties[party], meeting.people)}
        for person in people:
            days[person].append(_Engagement(slot.start, slot.end, assignment.hall, meeting.id, is_meeting=True))
            if not all(_contain(windows, slot.start, slot.end) for windows in availabilities[person]):
                yield f"“{person}”在 {slot} 的洽谈“{meeting.id}”时不在场"
    for person, day in days.items():
        yield from _walking_violations(event, person, day)


def _activities(event: Event, party: MeetingParty, person: Id) -> list[_Engagement]:
    return [
        _Engagement(activity.start, activity.end, activity.hall, activity.name, is_meeting=False)
        for activity in event.activities
        if party.id in activity.parties or person in activity.people
    ]


def _contain(windows: tuple[TimeWindow, ...], start: int, end: int) -> bool:
    return all(any(opens <= minute < closes for opens, closes in windows) for minute in range(start, end))


def _walking_violations(event: Event, person: Id, day: list[_Engagement]) -> Iterator[str]:
    engagements = sorted(dict.fromkeys(day), key=lambda engagement: (engagement.start, engagement.end))
    for n, first in enumerate(engagements):
        for second in engagements[n + 1 :]:
            if not first.is_meeting and not second.is_meeting:
                continue  # overlapping agenda activities are not the fault of the schedule
            if second.start < first.end + event.walking_time(first.hall, second.hall):
                yield f"“{person}”来不及从“{first.name}”到“{second.name}”"


def _people(party: MeetingParty, named: tuple[Id, ...] | None = None) -> list[tuple[Id, tuple[TimeWindow, ...] | None]]:
    """(id, availability) of the people of a party, only those in `named` if given."""
    if not party.people:
        return [(f"party {party.id}", None)]
    return [(person.id, person.availability) for person in party.people if named is None or person.id in named]


def _meeting_violations(event: Event, schedule: Schedule) -> Iterator[str]:
    """Required meetings, allowed slots, precedences, and the limits of parties."""
    scheduled = {assignment.meeting: assignment for assignment in schedule.assignments}
    for meeting in event.meetings:
        if meeting.required and meeting.id not in scheduled:
            yield f"洽谈“{meeting.id}”必须安排却没有安排"
        if meeting.id in scheduled and meeting.slots is not None and scheduled[meeting.id].slot not in meeting.slots:
            yield f"洽谈“{meeting.id}”不在限定的时段"
    for pair in event.precedences:
        if pair.after in scheduled and (
            pair.before not in scheduled or scheduled[pair.before].slot >= scheduled[pair.after].slot
        ):
            yield f"洽谈“{pair.before}”没有先于“{pair.after}”"
    count = Counter(party for meeting in event.meetings if meeting.id in scheduled for party in meeting.parties)
    for party in event.parties:
        if party.max_meetings is not None and count[party.id] > party.max_meetings:
            yield f"“{party.name or party.id}”有 {count[party.id]} 场，超过最多 {party.max_meetings} 场"


def _lock_violations(event: Event, schedule: Schedule) -> Iterator[str]:
    for lock in event.locks:
        assignment = schedule.by_meeting.get(lock.meeting)
        if assignment is None or assignment.slot != lock.slot:
            yield f"锁定的洽谈“{lock.meeting}”被改动"
        elif lock.hall not in (None, assignment.hall) or lock.table not in (None, assignment.table):
            yield f"锁定的洽谈“{lock.meeting}”换了桌"
