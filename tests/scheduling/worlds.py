"""Random small events for hypothesis, and the truth about tiny ones by trying everything."""

from itertools import product

from hypothesis import strategies as st

from scheduling import Event, Hall, Item, Lock, Order, Party, Person, Slot, Wish

LENGTH, BREAK = 20, 5


def slots(number: int) -> tuple[Slot, ...]:
    step = LENGTH + BREAK
    return tuple(Slot(540 + n * step, 540 + n * step + LENGTH) for n in range(number))


@st.composite
def events(draw, *, must: bool | None = None, most_wishes: int = 10, rich: bool = True):
    """An event of a few parties; `must`: whether all wishes, or none, must be held (None: some). `rich`: halls apart,
    people, agenda items, limits and locks as well."""
    number = draw(st.integers(2, 5))
    day = slots(number)
    firms, teams = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    window = st.tuples(st.integers(0, number - 1), st.integers(1, number)).map(
        lambda ends: ((day[ends[0]].start, day[max(ends[0], ends[1] - 1)].end),)
    )
    present = st.none() | window
    shared = Person("shared")

    def party(name: str) -> Party:
        people = ()
        if rich and draw(st.integers(0, 4)) == 0:
            people = (Person(f"{name}-1"), draw(st.sampled_from([Person(f"{name}-2"), shared])))
        most = draw(st.none() | st.integers(1, number)) if rich and not must else None
        return Party(name, name, people, draw(present), most)

    parties = [party(f"F{n}") for n in range(firms)] + [party(f"T{n}") for n in range(teams)]
    pairs = draw(
        st.lists(st.tuples(st.integers(0, firms - 1), st.integers(0, teams - 1)), min_size=1, max_size=most_wishes)
    )
    wishes = tuple(
        Wish(
            n,
            (f"F{a}", f"T{b}"),
            weight=draw(st.integers(1, 9)),
            slots=draw(st.none() | st.sets(st.integers(0, number - 1), min_size=1).map(lambda s: tuple(sorted(s)))),
            must=draw(st.booleans()) if must is None else must,
        )
        for n, (a, b) in enumerate(pairs)
    )
    halls = [Hall("A", draw(st.integers(1, 3)))]
    walks, items, locks = {}, (), ()
    if rich and draw(st.booleans()):
        halls.append(Hall("B", tuple(draw(st.integers(0, 2)) for _ in day)))
        walks = {("A", "B"): draw(st.sampled_from([0, 4, 12, 30]))}
    if rich and draw(st.integers(0, 2)) == 0:
        start = draw(st.sampled_from([slot.start for slot in day]))
        items = (Item("推介", start, start + 30, parties=(parties[0].id,), hall=draw(st.sampled_from(["A", None]))),)
    if rich and draw(st.integers(0, 3)) == 0:
        locks = (Lock(0, draw(st.integers(0, number - 1))),)
    orders = tuple(
        Order(a, b) for a, b in draw(st.lists(st.tuples(*[st.integers(0, len(wishes) - 1)] * 2), max_size=2)) if a < b
    )
    return Event(day, tuple(halls), tuple(parties), wishes, walks, items, locks, orders)


def fewest_gaps(event: Event) -> int | None:
    """Fewest gaps of a plan of all wishes, by trying every slot for every wish; None if there is none.

    For events in one hall, without people, items, limits or locks; written without a look at the planner.
    """
    number = len(event.slots)
    present = {
        party.id: [
            party.present is None or any(a <= slot.start and slot.end <= b for a, b in party.present)
            for slot in event.slots
        ]
        for party in event.parties
    }
    choices = [
        [
            n
            for n in range(number)
            if (wish.slots is None or n in wish.slots) and all(present[party][n] for party in wish.parties)
        ]
        for wish in event.wishes
    ]
    place = {wish.id: n for n, wish in enumerate(event.wishes)}
    best = None
    for taken in product(*choices):
        if any(taken.count(n) > event.halls[0].tables for n in range(number)):
            continue
        days = {party.id: [] for party in event.parties}
        for wish, slot in zip(event.wishes, taken, strict=True):
            for party in wish.parties:
                days[party].append(slot)
        if any(len(set(day)) < len(day) for day in days.values()):
            continue
        if any(taken[place[order.before]] >= taken[place[order.after]] for order in event.orders):
            continue
        gaps = sum(b > a + 1 for day in days.values() for a, b in zip(sorted(day), sorted(day)[1:], strict=False))
        best = gaps if best is None else min(best, gaps)
    return best
