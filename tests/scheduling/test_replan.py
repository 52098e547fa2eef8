"""Mending a day: what began and what is locked stays, few are told, and who is told is told truly."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduling import Event, Hall, Lock, Meeting, Party, Plan, Slot, Wish, check
from scheduling.board import NOWHERE, Board
from scheduling.placing import Placing
from scheduling.problem import compile_event
from scheduling.reasons import reasons
from scheduling.replan import (
    hall_closed,
    late,
    no_show,
    replacements,
    replan,
    table_lost,
    told_by_party,
)
from scheduling.tables import seat
from tests.scheduling.worlds import events

SLOTS = tuple(Slot(540 + 30 * n, 560 + 30 * n) for n in range(4))


def quick(event: Event) -> Plan:
    """Some complete plan."""
    problem = compile_event(event)
    board = Board(problem)
    Placing(board, [1.0] * len(problem.of), 0).fill()
    cells = {m: cell for m, cell in enumerate(board.cell) if cell != NOWHERE}
    return Plan(tuple(seat(problem, cells)), reasons(problem, cells))


def days(event: Event, plan: Plan) -> dict:
    """What each person has on their list."""
    lists: dict = {}
    for meeting in plan.meetings:
        for person in event.attendees(event.wish(meeting.wish)):
            lists.setdefault(person.id, set()).add(meeting)
    return lists


def changes(draw, event: Event, now: int) -> Event:
    party = draw(st.sampled_from(event.parties)).id
    hall = draw(st.sampled_from(event.halls)).id
    kind = draw(st.sampled_from(["no_show", "late", "table", "hall", "added"]))
    if kind == "no_show":
        return no_show(event, party, now)
    if kind == "late":
        return late(event, party, now, now + 30)
    if kind == "table":
        return table_lost(event, hall, 1, now)
    if kind == "hall":
        return hall_closed(event, hall, now)
    return replace(event, wishes=(*event.wishes, Wish("new", event.wishes[0].parties, 5.0)))


@settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=80, derandomize=True)
@given(st.data())
def test_a_mended_day_is_sound_and_tells_the_truth(data):
    event = data.draw(events(must=False))
    event = replace(event, locks=())
    plan = quick(event)
    assert check(event, plan) == []
    now = data.draw(st.sampled_from([0, *(slot.start + 1 for slot in event.slots)]))
    upcoming = [one for one in plan.meetings if event.slots[one.slot].start >= now]
    if upcoming:
        locked = data.draw(st.sampled_from(upcoming))
        event = replace(event, locks=(Lock(locked.wish, locked.slot, locked.hall, locked.table),))
    changed = changes(data.draw, event, now)
    mended = replan(changed, plan, now=now)
    assert check(mended.event, mended.plan) == []
    for was in plan.meetings:
        if event.slots[was.slot].start < now or was.wish in {lock.wish for lock in mended.event.locks}:
            assert mended.plan.by_wish[was.wish] == was
    before, after = days(changed, plan), days(changed, mended.plan)
    truth = {person for person in before | after if before.get(person, set()) != after.get(person, set())}
    assert mended.difference.told == truth
    assert set(mended.difference.cancelled) == plan.by_wish.keys() - mended.plan.by_wish.keys()
    assert mended.seconds < 60


def event(**parts) -> Event:
    whole = {
        "slots": SLOTS,
        "halls": (Hall("A", 2),),
        "parties": (Party("F1", "甲公司"), Party("F2"), Party("F3"), Party("T1"), Party("T2")),
        "wishes": (Wish(1, ("F1", "T1")), Wish(2, ("F2", "T1")), Wish(3, ("F2", "T2")), Wish(4, ("F3", "T2"), 0.5)),
    }
    return Event(**(whole | parts))


PLAN = Plan((Meeting(1, 0, "A", 1), Meeting(2, 1, "A", 1), Meeting(3, 2, "A", 1)), {4: "来得晚"})


def test_a_no_show_frees_the_table_and_only_the_partner_is_told():
    mended = replan(no_show(event(), "F1", 530), PLAN, now=530)
    assert list(mended.difference.cancelled) == [1]
    assert "甲公司" in mended.difference.cancelled[1]
    assert told_by_party(mended.event, mended.difference.told) == {"F1": ["party F1"], "T1": ["party T1"]}
    assert (mended.difference.moved, mended.fewest) == ({}, True)
    assert replacements(mended.event, mended.plan, now=530) == [Meeting(4, 0, "A", 1)]


def test_somebody_late_is_moved_without_disturbing_others():
    mended = replan(late(event(), "F1", 530, 595), PLAN, now=530)
    assert mended.difference.moved[1][1].slot in (2, 3)
    assert mended.difference.told == {"party F1", "party T1"}


def test_a_lost_table_moves_its_meeting_to_another_table_in_the_same_slot():
    mended = replan(table_lost(event(), "A", 1, 565), PLAN, now=565)
    assert mended.plan.by_wish[1] == Meeting(1, 0, "A", 1)
    assert (mended.plan.by_wish[2], mended.plan.by_wish[3]) == (Meeting(2, 1, "A", 2), Meeting(3, 2, "A", 2))


def test_a_closed_hall_sends_its_meetings_to_another():
    halls = (Hall("A", 1), Hall("B", 1))
    mended = replan(hall_closed(event(halls=halls), "A", 565), PLAN, now=565)
    assert [one.hall for one in mended.plan.meetings] == ["A", "B", "B"]


def test_pushing_is_the_last_resort_and_pushes_few():
    """T1 has three meetings in three slots; F1 comes too late for its own, so exactly one other firm changes place."""
    parties = (Party("F1"), Party("F2"), Party("F3"), Party("T1"))
    wishes = tuple(Wish(n, (f"F{n}", "T1")) for n in (1, 2, 3))
    full = event(slots=SLOTS[:3], parties=parties, wishes=wishes)
    plan = Plan(tuple(Meeting(n, n - 1, "A", 1) for n in (1, 2, 3)))
    mended = replan(late(full, "F1", 0, 565), plan, now=0)
    assert len(mended.plan.meetings) == 3
    assert len(mended.difference.told) == 3
    assert mended.fewest


def test_begun_meetings_stay_even_of_somebody_who_left():
    mended = replan(no_show(event(), "T1", 565), PLAN, now=565)
    assert mended.plan.by_wish[1] == Meeting(1, 0, "A", 1)
    assert list(mended.difference.cancelled) == [2]


def test_a_lock_that_cannot_be_kept_is_named():
    locked = event(locks=(Lock(1, 0, "A", 1),))
    assert replan(locked, PLAN, now=530).released == ()
    mended = replan(no_show(locked, "F1", 530), PLAN, now=530)
    assert mended.released == (1,)


@pytest.mark.parametrize("party, told", [("F3", {"party F3", "party T1"}), ("F1", {"party F1", "party T2"})])
def test_an_added_wish_is_placed_beside_the_others(party, told):
    other = "T1" if party == "F3" else "T2"
    added = event(wishes=(*event().wishes, Wish(5, (party, other))))
    mended = replan(added, PLAN, now=0)
    assert mended.difference.added[5].wish == 5
    assert mended.difference.told == told
