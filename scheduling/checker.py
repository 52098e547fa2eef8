"""Whether a plan keeps every hard limit. Code of its own: it shares nothing with the planner but the event's words.

It goes from person to person with the clock, not from cell to cell, and is used in every test and before publishing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from scheduling.event import Event, Item, Party
from scheduling.plan import Plan


def check(event: Event, plan: Plan) -> list[str]:
    """Every limit the plan breaks, one sentence each; an empty list is a sound plan."""
    known = {wish.id for wish in event.wishes}
    strangers = [meeting.wish for meeting in plan.meetings if meeting.wish not in known]
    if strangers:
        return [f"安排了不存在的洽谈“{one}”" for one in strangers]
    return [
        *_accounts(event, plan),
        *_places(event, plan),
        *_people(event, plan),
        *_promises(event, plan),
        *_locked(event, plan),
    ]


def _accounts(event: Event, plan: Plan) -> Iterator[str]:
    """Each wish once: held, or left out with a reason."""
    times = Counter(meeting.wish for meeting in plan.meetings)
    for wish in event.wishes:
        if times[wish.id] > 1:
            yield f"洽谈“{wish.id}”安排了 {times[wish.id]} 次"
        if times[wish.id] and wish.id in plan.left_out:
            yield f"洽谈“{wish.id}”既安排又列为未安排"
        if not times[wish.id] and not plan.left_out.get(wish.id):
            yield f"洽谈“{wish.id}”没有安排，也没有说明原因"


def _places(event: Event, plan: Plan) -> Iterator[str]:
    halls = {hall.id: hall for hall in event.halls}
    taken = Counter((meeting.slot, meeting.hall, meeting.table) for meeting in plan.meetings)
    for (slot, hall, table), times in taken.items():
        if not 0 <= slot < len(event.slots):
            yield f"安排在不存在的时段 {slot}"
        elif hall not in halls:
            yield f"安排在不存在的场地“{hall}”"
        elif table not in halls[hall].numbers_at(slot):
            yield f"{event.slots[slot]} 场地“{hall}”没有 {table} 号桌"
        if times > 1:
            yield f"{slot} 号时段场地“{hall}”{table} 号桌安排了 {times} 场"


def _people(event: Event, plan: Plan) -> Iterator[str]:
    days: dict = defaultdict(list)
    windows: dict = defaultdict(list)
    for party in event.parties:
        for person, present in _of(party):
            windows[person] += [window for window in (party.present, present) if window is not None]
            days[person] += _attended(event, party, person)
    wishes = {wish.id: wish for wish in event.wishes}
    parties = {party.id: party for party in event.parties}
    for meeting in plan.meetings:
        wish = wishes[meeting.wish]
        if not 0 <= meeting.slot < len(event.slots):
            continue
        slot = event.slots[meeting.slot]
        for person in {person for party in wish.parties for person, _ in _of(parties[party], wish.people)}:
            days[person].append((slot.start, slot.end, meeting.hall, meeting.wish))
            minutes = range(slot.start, slot.end)
            if not all(any(a <= minute < b for a, b in window) for window in windows[person] for minute in minutes):
                yield f"“{person}”在 {slot} 的洽谈“{meeting.wish}”时不在场"
    for person, day in days.items():
        yield from _hurries(event, person, day)


def _attended(event: Event, party: Party, person) -> list[tuple]:
    return [
        (item.start, item.end, item.hall, item)
        for item in event.items
        if party.id in item.parties or person in item.people
    ]


def _hurries(event: Event, person, day: list[tuple]) -> Iterator[str]:
    engagements = sorted(set(day), key=lambda one: one[:2])
    for n, (_start, end, hall, what) in enumerate(engagements):
        for start, _end, elsewhere, other in engagements[n + 1 :]:
            if isinstance(what, Item) and isinstance(other, Item):
                continue  # two items of the agenda clash by themselves
            if start < end + event.walk(hall, elsewhere):
                yield f"“{person}”来不及从“{getattr(what, 'name', what)}”到“{getattr(other, 'name', other)}”"


def _of(party: Party, named: tuple | None = None) -> list[tuple]:
    """(id, windows) of a party's people, those named if any are."""
    if not party.people:
        return [(f"party {party.id}", None)]
    return [(person.id, person.present) for person in party.people if named is None or person.id in named]


def _promises(event: Event, plan: Plan) -> Iterator[str]:
    held = {meeting.wish: meeting for meeting in plan.meetings}
    for wish in event.wishes:
        if wish.must and wish.id not in held:
            yield f"洽谈“{wish.id}”必须安排却没有安排"
        if wish.id in held and wish.slots is not None and held[wish.id].slot not in wish.slots:
            yield f"洽谈“{wish.id}”不在限定的时段"
    for order in event.orders:
        if order.after in held and (order.before not in held or held[order.before].slot >= held[order.after].slot):
            yield f"洽谈“{order.before}”没有先于“{order.after}”"
    count = Counter(party for wish in event.wishes if wish.id in held for party in wish.parties)
    for party in event.parties:
        if party.most is not None and count[party.id] > party.most:
            yield f"“{party.name or party.id}”有 {count[party.id]} 场，超过最多 {party.most} 场"


def _locked(event: Event, plan: Plan) -> Iterator[str]:
    for lock in event.locks:
        meeting = plan.by_wish.get(lock.wish)
        if meeting is None or meeting.slot != lock.slot:
            yield f"锁定的洽谈“{lock.wish}”被改动"
        elif (lock.hall is not None and meeting.hall != lock.hall) or lock.table not in (None, meeting.table):
            yield f"锁定的洽谈“{lock.wish}”换了桌"
