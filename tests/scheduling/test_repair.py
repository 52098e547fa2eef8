"""Repair: begun and locked meetings stay, and few people are affected."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling import Assignment, Event, Lock, MeetingHall, MeetingParty, RequestedMeeting, Schedule, TimeSlot, check
from scheduling.disruptions import hall_closed, late_arrival, no_show, table_lost
from scheduling.left_out import left_out_reasons
from scheduling.local_search import LocalSearch
from scheduling.partial_schedule import PartialSchedule
from scheduling.problem import compile_event
from scheduling.repair import _Repair, affected_by_party, repair, replacements
from scheduling.table_assignment import assign_tables
from tests.scheduling.random_events import events

SLOTS = tuple(TimeSlot(540 + 30 * n, 560 + 30 * n) for n in range(4))


def greedy_schedule(event: Event) -> Schedule:
    """Any complete schedule."""
    problem = compile_event(event)
    partial = PartialSchedule(problem)
    LocalSearch(partial, [1.0] * len(problem.persons_of), 0).construct()
    cells = partial.assigned_cells()
    return Schedule(tuple(assign_tables(problem, cells)), left_out_reasons(problem, cells))


def assignments_by_person(event: Event, schedule: Schedule) -> dict:
    """The assignments of each person."""
    lists: dict = {}
    for assignment in schedule.assignments:
        for person in event.attendees(event.meeting(assignment.meeting)):
            lists.setdefault(person.id, set()).add(assignment)
    return lists


def disrupted(draw, event: Event, now: int) -> Event:
    party = draw(st.sampled_from(event.parties)).id
    hall = draw(st.sampled_from(event.halls)).id
    kind = draw(st.sampled_from(["no_show", "late", "table", "hall", "added"]))
    if kind == "no_show":
        return no_show(event, party, now)
    if kind == "late":
        return late_arrival(event, party, now, now + 30)
    if kind == "table":
        return table_lost(event, hall, 1, now)
    if kind == "hall":
        return hall_closed(event, hall, now)
    return replace(event, meetings=(*event.meetings, RequestedMeeting("new", event.meetings[0].parties, 5.0)))


@pytest.mark.long
@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=80, derandomize=True)
@given(st.data())
def test_a_repaired_schedule_is_valid_and_names_exactly_the_affected_people(data):
    event = data.draw(events(required=False))
    event = replace(event, locks=())
    schedule = greedy_schedule(event)
    assert check(event, schedule) == []
    now = data.draw(st.sampled_from([0, *(slot.start + 1 for slot in event.slots)]))
    upcoming = [assignment for assignment in schedule.assignments if event.slots[assignment.slot].start >= now]
    if upcoming:
        locked = data.draw(st.sampled_from(upcoming))
        event = replace(event, locks=(Lock(locked.meeting, locked.slot, locked.hall, locked.table),))
    changed = disrupted(data.draw, event, now)
    repaired = repair(changed, schedule, now=now)
    assert check(repaired.event, repaired.schedule) == []
    for previous in schedule.assignments:
        if event.slots[previous.slot].start < now or previous.meeting in {
            lock.meeting for lock in repaired.event.locks
        }:
            assert repaired.schedule.by_meeting[previous.meeting] == previous
    before, after = assignments_by_person(changed, schedule), assignments_by_person(changed, repaired.schedule)
    affected = {person for person in before | after if before.get(person, set()) != after.get(person, set())}
    assert repaired.difference.affected == affected
    assert set(repaired.difference.cancelled) == schedule.by_meeting.keys() - repaired.schedule.by_meeting.keys()
    assert repaired.seconds < 60


def event(**parts) -> Event:
    whole = {
        "slots": SLOTS,
        "halls": (MeetingHall("A", 2),),
        "parties": (
            MeetingParty("F1", "甲公司"),
            MeetingParty("F2"),
            MeetingParty("F3"),
            MeetingParty("T1"),
            MeetingParty("T2"),
        ),
        "meetings": (
            RequestedMeeting(1, ("F1", "T1")),
            RequestedMeeting(2, ("F2", "T1")),
            RequestedMeeting(3, ("F2", "T2")),
            RequestedMeeting(4, ("F3", "T2"), 0.5),
        ),
    }
    return Event(**(whole | parts))


SCHEDULE = Schedule((Assignment(1, 0, "A", 1), Assignment(2, 1, "A", 1), Assignment(3, 2, "A", 1)), {4: "来得晚"})


def test_a_no_show_frees_the_table_and_affects_only_the_two_parties():
    repaired = repair(no_show(event(), "F1", 530), SCHEDULE, now=530)
    assert list(repaired.difference.cancelled) == [1]
    assert "甲公司" in repaired.difference.cancelled[1]
    assert affected_by_party(repaired.event, repaired.difference.affected) == {"F1": ["party F1"], "T1": ["party T1"]}
    assert (repaired.difference.moved, repaired.is_minimal) == ({}, True)
    assert replacements(repaired.event, repaired.schedule, now=530) == [Assignment(4, 0, "A", 1)]


def test_a_late_party_is_moved_without_affecting_others():
    repaired = repair(late_arrival(event(), "F1", 530, 595), SCHEDULE, now=530)
    assert repaired.difference.moved[1][1].slot in (2, 3)
    assert repaired.difference.affected == {"party F1", "party T1"}


def test_a_lost_table_moves_its_meeting_to_another_table_in_the_same_slot():
    repaired = repair(table_lost(event(), "A", 1, 565), SCHEDULE, now=565)
    assert repaired.schedule.by_meeting[1] == Assignment(1, 0, "A", 1)
    assert (repaired.schedule.by_meeting[2], repaired.schedule.by_meeting[3]) == (
        Assignment(2, 1, "A", 2),
        Assignment(3, 2, "A", 2),
    )


def test_meetings_of_a_closed_hall_move_to_another_hall():
    halls = (MeetingHall("A", 1), MeetingHall("B", 1))
    repaired = repair(hall_closed(event(halls=halls), "A", 565), SCHEDULE, now=565)
    assert [assignment.hall for assignment in repaired.schedule.assignments] == ["A", "B", "B"]


def test_other_meetings_are_moved_only_if_necessary_and_as_few_as_possible():
    """T1 has three meetings in three slots. F1 arrives after its own, so exactly one other firm must be moved."""
    parties = (MeetingParty("F1"), MeetingParty("F2"), MeetingParty("F3"), MeetingParty("T1"))
    meetings = tuple(RequestedMeeting(n, (f"F{n}", "T1")) for n in (1, 2, 3))
    full = event(slots=SLOTS[:3], parties=parties, meetings=meetings)
    schedule = Schedule(tuple(Assignment(n, n - 1, "A", 1) for n in (1, 2, 3)))
    repaired = repair(late_arrival(full, "F1", 0, 565), schedule, now=0)
    assert len(repaired.schedule.assignments) == 3
    assert len(repaired.difference.affected) == 3
    assert repaired.is_minimal


def test_a_meeting_that_has_begun_stays_even_if_a_party_leaves():
    repaired = repair(no_show(event(), "T1", 565), SCHEDULE, now=565)
    assert repaired.schedule.by_meeting[1] == Assignment(1, 0, "A", 1)
    assert list(repaired.difference.cancelled) == [2]


def test_an_impossible_lock_is_reported_as_released():
    locked = event(locks=(Lock(1, 0, "A", 1),))
    assert repair(locked, SCHEDULE, now=530).released_locks == ()
    repaired = repair(no_show(locked, "F1", 530), SCHEDULE, now=530)
    assert repaired.released_locks == (1,)


@pytest.mark.parametrize("party, affected", [("F3", {"party F3", "party T1"}), ("F1", {"party F1", "party T2"})])
def test_an_added_meeting_is_placed_without_moving_others(party, affected):
    other = "T1" if party == "F3" else "T2"
    added = event(meetings=(*event().meetings, RequestedMeeting(5, (party, other))))
    repaired = repair(added, SCHEDULE, now=0)
    assert repaired.difference.added[5].meeting == 5
    assert repaired.difference.affected == affected


def test_a_lost_table_of_a_full_day_does_not_start_a_search_that_cannot_succeed(monkeypatch):
    """Every table is taken in every slot, so no chain of moves can end at a free one."""
    firms, slots = 12, 3
    event = Event(
        tuple(TimeSlot(540 + 30 * n, 565 + 30 * n) for n in range(slots)),
        (MeetingHall("A", firms),),
        tuple(MeetingParty(f"{side}{n}") for side in "FT" for n in range(firms)),
        tuple(
            RequestedMeeting(f"{n}-{k}", (f"F{n}", f"T{(n + k) % firms}")) for n in range(firms) for k in range(slots)
        ),
    )
    schedule = Schedule(
        tuple(Assignment(f"{n}-{k}", k, "A", n + 1) for n in range(firms) for k in range(slots)),
    )
    tried = []
    monkeypatch.setattr(_Repair, "_ejection_sets", lambda *_: tried.append(1) or [])
    result = repair(table_lost(event, "A", 1, 540), schedule, now=540, seconds=0.0)
    assert len(result.difference.cancelled) == slots and not tried
