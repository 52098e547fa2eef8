"""Disruptions on the day: each function returns the event as it is after the disruption.

`now` is a minute; meetings that began before it are not affected. All ids must exist in the event.
"""

from collections.abc import Callable
from dataclasses import replace

from scheduling.event import Event, Id, Lock, MeetingHall, TimeWindow


def no_show(event: Event, party_id: Id, now: int) -> Event:
    """The party and its people are absent from `now` on; a meeting that has begun still ends as planned."""
    gone = _end_of_begun_slots(event, now)
    return _with_windows(event, party_id, lambda start, end: (start, min(end, gone)))


def late_arrival(event: Event, party_id: Id, now: int, arrival: int) -> Event:
    """The party is absent from `now` until the minute `arrival`."""
    gone = _end_of_begun_slots(event, now)
    earlier = _with_windows(event, party_id, lambda start, end: (start, min(end, gone)))
    later = _with_windows(event, party_id, lambda start, end: (max(start, arrival), end))
    windows = (*(earlier.party(party_id).availability or ()), *(later.party(party_id).availability or ()))
    return _with_availability(event, party_id, windows)


def table_lost(event: Event, hall_id: Id, table: int, now: int) -> Event:
    """The table cannot be used from `now` on."""
    lost = {(n, table) for n, slot in enumerate(event.slots) if slot.start >= now}
    return _with_lost_tables(event, hall_id, lost)


def hall_closed(event: Event, hall_id: Id, now: int) -> Event:
    """No table of the hall can be used from `now` on."""
    hall = next(hall for hall in event.halls if hall.id == hall_id)
    lost = {(n, table) for n, slot in enumerate(event.slots) if slot.start >= now for table in hall.table_numbers(n)}
    return _with_lost_tables(event, hall_id, lost)


def without_impossible_locks(event: Event, locks: tuple[Lock, ...]) -> Event:
    """The event with those of the locks whose table can be used."""
    halls = {hall.id: hall for hall in event.halls}
    possible = []
    for lock in locks:
        tables = None if lock.hall is None else halls[lock.hall].table_numbers(lock.slot)
        if tables is None or (tables and lock.table in (None, *tables)):
            possible.append(lock)
    return replace(event, locks=tuple(possible))


def _end_of_begun_slots(event: Event, now: int) -> int:
    return max([now, *(slot.end for slot in event.slots if slot.start < now)])


def _with_windows(event: Event, party_id: Id, cut: Callable[[int, int], TimeWindow]) -> Event:
    """The event with `cut` applied to each window of the party; windows that become empty are removed."""
    availability = event.party(party_id).availability
    if availability is None:
        availability = ((event.slots[0].start, event.slots[-1].end),)
    windows = (cut(*window) for window in availability)
    return _with_availability(event, party_id, tuple((start, end) for start, end in windows if start < end))


def _with_availability(event: Event, party_id: Id, windows: tuple[TimeWindow, ...]) -> Event:
    parties = tuple(replace(party, availability=windows) if party.id == party_id else party for party in event.parties)
    return replace(event, parties=parties)


def _with_lost_tables(event: Event, hall_id: Id, lost: set[tuple[int, int]]) -> Event:
    def changed(hall: MeetingHall) -> MeetingHall:
        return replace(hall, lost_tables=hall.lost_tables | lost) if hall.id == hall_id else hall

    return without_impossible_locks(replace(event, halls=tuple(map(changed, event.halls)), locks=()), event.locks)
