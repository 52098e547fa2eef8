"""The numbers behind a conflict, compared with those of the event."""

from dataclasses import replace

from scheduling import Event, MeetingHall, MeetingParty, RequestedMeeting, TimeSlot
from scheduling.infeasibility import find_overload_conflict, suggest_relaxations
from scheduling.problem import compile_event
from scheduling.shortage import shortage_of


def required_event(firms: int, *, slots: int, tables: int, **firm) -> Event:
    """`firms` firms that must each meet the same institution."""
    parties = [MeetingParty("T", "大工", **firm), *(MeetingParty(f"F{n}", f"企业{n}") for n in range(firms))]
    return Event(
        tuple(TimeSlot(540 + 30 * n, 565 + 30 * n) for n in range(slots)),
        (MeetingHall("A", tables),),
        tuple(parties),
        tuple(RequestedMeeting(n, (f"F{n}", "T"), required=True, topic=f"课题{n}") for n in range(firms)),
    )


def conflict_of(event: Event):
    return find_overload_conflict(event, compile_event(event))


def test_too_few_slots_are_counted():
    event = required_event(9, slots=8, tables=5)
    shortage = shortage_of(event, conflict_of(event).conflict)
    assert str(shortage) == "需要 9 个时段，只有 8 个"
    assert (shortage.kind, len(shortage.meetings)) == ("slots", 9)


def test_slots_in_which_the_party_is_away_do_not_count():
    event = required_event(4, slots=8, tables=5, availability=((540, 625),))
    assert str(shortage_of(event, conflict_of(event).conflict)) == "需要 4 个时段，只有 3 个"


def test_a_limit_of_meetings_is_counted_and_the_limit_that_does_is_named():
    event = required_event(5, slots=8, tables=5, max_meetings=3)
    error = conflict_of(event)
    assert str(shortage_of(event, error.conflict)) == "需要 5 场，最多只能 3 场"  # four of the five are a conflict
    limit = next(way for way in suggest_relaxations(event, error) if way.constraint.kind == "max_meetings")
    assert (limit.text, limit.works, limit.amount) == ("大工的最多场次从 3 改为 5", True, 5)


def test_too_few_tables_are_counted():
    event = required_event(2, slots=2, tables=1)
    more = [RequestedMeeting(f"m{n}", (f"F{n}", "U"), required=True) for n in range(2)]
    event = replace(event, parties=(*event.parties, MeetingParty("U", "理工")), meetings=(*event.meetings, *more))
    error = conflict_of(event)
    assert str(shortage_of(event, error.conflict)) == "需要 4 个桌位（每桌每时段一个），只有 2 个"
    assert next(way.amount for way in suggest_relaxations(event, error) if way.amount) == 1


def test_meetings_of_the_same_parties_are_told_apart_by_their_topics():
    assert "企业0 与 大工（课题0）的洽谈必须安排" in str(conflict_of(required_event(9, slots=8, tables=5)))
