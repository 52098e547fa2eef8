"""Hypothesis strategies for small random events, and an exhaustive search for tiny ones."""

from itertools import product

from hypothesis import strategies as st

from scheduling import (
    AgendaActivity,
    Event,
    Lock,
    MeetingHall,
    MeetingParty,
    Person,
    Precedence,
    RequestedMeeting,
    TimeSlot,
)

LENGTH, BREAK = 20, 5


def slots(number: int) -> tuple[TimeSlot, ...]:
    step = LENGTH + BREAK
    return tuple(TimeSlot(540 + n * step, 540 + n * step + LENGTH) for n in range(number))


@st.composite
def events(draw, *, required: bool | None = None, max_count: int = 10, rich: bool = True):
    """An event of a few parties.

    `required`: whether all meetings are required, or none (None: some). `rich`: also several halls, people, agenda
    activities, limits of parties and locks.
    """
    number = draw(st.integers(2, 5))
    slots_of_day = slots(number)
    firms, institutions = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    window = st.tuples(st.integers(0, number - 1), st.integers(1, number)).map(
        lambda ends: ((slots_of_day[ends[0]].start, slots_of_day[max(ends[0], ends[1] - 1)].end),)
    )
    availability = st.none() | window
    shared = Person("shared")

    def party(name: str) -> MeetingParty:
        people = ()
        if rich and draw(st.integers(0, 4)) == 0:
            people = (Person(f"{name}-1"), draw(st.sampled_from([Person(f"{name}-2"), shared])))
        max_meetings = draw(st.none() | st.integers(1, number)) if rich and not required else None
        return MeetingParty(name, name, people, draw(availability), max_meetings)

    parties = [party(f"F{n}") for n in range(firms)] + [party(f"T{n}") for n in range(institutions)]
    pairs = draw(
        st.lists(st.tuples(st.integers(0, firms - 1), st.integers(0, institutions - 1)), min_size=1, max_size=max_count)
    )
    meetings = tuple(
        RequestedMeeting(
            n,
            (f"F{a}", f"T{b}"),
            weight=draw(st.integers(1, 9)),
            slots=draw(st.none() | st.sets(st.integers(0, number - 1), min_size=1).map(lambda s: tuple(sorted(s)))),
            required=draw(st.booleans()) if required is None else required,
        )
        for n, (a, b) in enumerate(pairs)
    )
    halls = [MeetingHall("A", draw(st.integers(1, 3)))]
    walking_minutes, activities, locks = {}, (), ()
    if rich and draw(st.booleans()):
        halls.append(MeetingHall("B", tuple(draw(st.integers(0, 2)) for _ in slots_of_day)))
        walking_minutes = {("A", "B"): draw(st.sampled_from([0, 4, 12, 30]))}
    if rich and draw(st.integers(0, 2)) == 0:
        start = draw(st.sampled_from([slot.start for slot in slots_of_day]))
        activities = (
            AgendaActivity(
                "推介", start, start + 30, parties=(parties[0].id,), hall=draw(st.sampled_from(["A", None]))
            ),
        )
    if rich and draw(st.integers(0, 3)) == 0:
        locks = (Lock(0, draw(st.integers(0, number - 1))),)
    precedences = tuple(
        Precedence(a, b)
        for a, b in draw(st.lists(st.tuples(*[st.integers(0, len(meetings) - 1)] * 2), max_size=2))
        if a < b
    )
    return Event(slots_of_day, tuple(halls), tuple(parties), meetings, walking_minutes, activities, locks, precedences)


def fewest_gaps(event: Event) -> int | None:
    """Fewest gaps of a schedule of all meetings, by trying every slot for every meeting; None if it is infeasible.

    For events with one hall and without people, activities, limits or locks. Independent of the solver.
    """
    number = len(event.slots)
    present = {
        party.id: [
            party.availability is None or any(a <= slot.start and slot.end <= b for a, b in party.availability)
            for slot in event.slots
        ]
        for party in event.parties
    }
    choices = [
        [
            n
            for n in range(number)
            if (meeting.slots is None or n in meeting.slots) and all(present[party][n] for party in meeting.parties)
        ]
        for meeting in event.meetings
    ]
    place = {meeting.id: n for n, meeting in enumerate(event.meetings)}
    best = None
    for taken in product(*choices):
        if any(taken.count(n) > event.halls[0].tables for n in range(number)):
            continue
        days = {party.id: [] for party in event.parties}
        for meeting, slot in zip(event.meetings, taken, strict=True):
            for party in meeting.parties:
                days[party].append(slot)
        if any(len(set(slots_of_day)) < len(slots_of_day) for slots_of_day in days.values()):
            continue
        if any(taken[place[order.before]] >= taken[place[order.after]] for order in event.precedences):
            continue
        gaps = sum(
            b > a + 1
            for slots_of_day in days.values()
            for a, b in zip(sorted(slots_of_day), sorted(slots_of_day)[1:], strict=False)
        )
        best = gaps if best is None else min(best, gaps)
    return best
