"""An event in whole numbers: persons, meetings, and the cells (slot and zone) a meeting may be put into.

Halls between which nobody ever needs more time than lies between two slots are one zone: then only the number of
tables in a slot matters, and which table is decided last. Otherwise every hall is a zone of its own.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from itertools import combinations

from scheduling.event import Event, Id, people_of
from scheduling.rules import TABLES, Rule, absent_slots


@dataclass
class Problem:
    event: Event
    slots: int
    cells: list[tuple[int, int]]
    """(slot, zone) of each cell; those of one slot stand together."""
    room: list[int]
    """Tables of each cell."""
    wishes: list[Id]
    """Id of each meeting."""
    persons: list[Id]
    of: list[tuple[int, ...]]
    """The persons of each meeting."""
    parties: list[tuple[int, int]]
    """The two parties of each meeting, as places in event.parties."""
    weight: list[float]
    must: list[bool]
    blocked: list[dict[int, list[Rule]]]
    """For each meeting the cells it may not be in, with the limits that say so."""
    orders: list[tuple[int, int]]
    """(before, after) as meetings."""
    far: dict[int, set[int]] = field(default_factory=dict)
    """Cells that no one person can have both, for want of time to walk."""
    most: list[int] = field(default_factory=list)
    """Most meetings of each party; what it wishes for if it did not say."""

    def __post_init__(self):
        self.allowed = [
            [cell for cell in range(len(self.cells)) if cell not in blocked and self.room[cell] > 0]
            for blocked in self.blocked
        ]
        self.slot_of = [slot for slot, _ in self.cells]
        self.meetings_of: list[list[int]] = [[] for _ in self.persons]
        for meeting, persons in enumerate(self.of):
            for person in persons:
                self.meetings_of[person].append(meeting)

    def restricted(self, meetings: list[int]) -> "Problem":
        """The same with these meetings only, all of which must be held."""
        place = {meeting: n for n, meeting in enumerate(meetings)}
        return Problem(
            self.event,
            self.slots,
            self.cells,
            self.room,
            [self.wishes[m] for m in meetings],
            self.persons,
            [self.of[m] for m in meetings],
            [self.parties[m] for m in meetings],
            [self.weight[m] for m in meetings],
            [True] * len(meetings),
            [self.blocked[m] for m in meetings],
            [(place[a], place[b]) for a, b in self.orders if a in place and b in place],
            self.far,
            self.most,
        )


def compile_event(event: Event, keep: frozenset[Rule] | None = None) -> Problem:
    """The problem of an event; with `keep` only these limits bind, and only wishes that must be held take part."""
    kept = (lambda rule: True) if keep is None else keep.__contains__
    locked = {lock.wish: lock for lock in event.locks}
    musts = must_be_held(event)
    wishes = [wish for wish in event.wishes if keep is None or (wish.id in musts and kept(Rule("hold", wish.id)))]
    zones = _zones(event)
    cells = [(slot, zone) for slot in range(len(event.slots)) for zone in range(len(zones))]
    number = {}
    for party in event.parties:
        for person in people_of(party):
            number.setdefault(person.id, len(number))
    place = {wish.id: n for n, wish in enumerate(wishes)}
    away = _away(event, cells, zones, kept)
    attendees = [event.attendees(wish) for wish in wishes]
    party_number = {party.id: n for n, party in enumerate(event.parties)}
    unlimited = len(wishes) + 1
    return Problem(
        event=event,
        slots=len(event.slots),
        cells=cells,
        room=[sum(hall.tables_at(slot) for hall in zones[zone]) if kept(TABLES) else unlimited for slot, zone in cells],
        wishes=[wish.id for wish in wishes],
        persons=list(number),
        of=[tuple(number[person.id] for person in people) for people in attendees],
        parties=[(party_number[wish.parties[0]], party_number[wish.parties[1]]) for wish in wishes],
        weight=[wish.weight for wish in wishes],
        must=[wish.id in musts for wish in wishes],
        blocked=[
            _blocked(wish, people, locked.get(wish.id), away, cells, zones, kept)
            for wish, people in zip(wishes, attendees, strict=True)
        ],
        orders=[
            (place[order.before], place[order.after])
            for order in event.orders
            if order.before in place and order.after in place and kept(Rule("order", (order.before, order.after)))
        ],
        far=_far(event, cells, zones),
        most=[
            party.most if party.most is not None and kept(Rule("most", party.id)) else unlimited
            for party in event.parties
        ],
    )


def must_be_held(event: Event) -> set[Id]:
    """Wishes that must be held: said so, locked, or wanted before one of these."""
    musts = {wish.id for wish in event.wishes if wish.must} | {lock.wish for lock in event.locks}
    queue = list(musts)
    while queue:
        after = queue.pop()
        befores = {order.before for order in event.orders if order.after == after} - musts
        musts |= befores
        queue.extend(befores)
    return musts


def all_rules(event: Event) -> list[Rule]:
    """Every limit that can take part in a conflict, those that are easiest to give up first."""
    musts = must_be_held(event)
    held = [wish for wish in event.wishes if wish.id in musts]
    persons = dict.fromkeys(person.id for wish in held for person in event.attendees(wish))
    parties = dict.fromkeys(party for wish in held for party in wish.parties)
    of_party = {party.id: {person.id for person in people_of(party)} for party in event.parties}
    attending = [
        Rule("item", (n, person))
        for n, item in enumerate(event.items)
        for person in persons
        if person in item.people or any(person in of_party[party] for party in item.parties)
    ]
    return [
        *(Rule("order", (order.before, order.after)) for order in event.orders),
        *(Rule("lock", lock.wish) for lock in event.locks),
        *(Rule("slots", wish.id) for wish in held if wish.slots is not None),
        *attending,
        *(Rule("most", party) for party in parties if event.party(party).most is not None),
        *(Rule("presence", person) for person in persons if absent_slots(event, person)),
        TABLES,
        *(Rule("hold", wish.id) for wish in held),
    ]


def _zones(event: Event) -> list[list]:
    halls = list(event.halls)
    breaks = [other.start - one.end for one, other in zip(event.slots, event.slots[1:], strict=False)]
    longest = max((event.walk(a.id, b.id) for a, b in combinations(halls, 2)), default=0)
    item_halls = any(event.walk(item.hall, hall.id) for item in event.items for hall in halls)
    if item_halls or longest > min(breaks, default=longest):
        return [[hall] for hall in halls]
    return [halls]


def _far(event: Event, cells, zones) -> dict[int, set[int]]:
    """Within one slot a person has one meeting anyway; only later slots count."""
    far: dict[int, set[int]] = defaultdict(set)
    if len(zones) == 1:
        return far
    walks = {
        (a, b): max(event.walk(one.id, other.id) for one in zones[a] for other in zones[b])
        for a in range(len(zones))
        for b in range(len(zones))
        if a != b
    }
    for one, (slot, zone) in enumerate(cells):
        for other, (later, elsewhere) in enumerate(cells):
            if slot < later and zone != elsewhere:
                between = event.slots[later].start - event.slots[slot].end
                if between < walks[zone, elsewhere]:
                    far[one].add(other)
                    far[other].add(one)
    return far


def _away(event: Event, cells, zones, kept) -> dict[Id, dict[int, list[Rule]]]:
    """For each person the cells in which he cannot be, with the limits that say so."""
    away: dict[Id, dict[int, list[Rule]]] = defaultdict(lambda: defaultdict(list))
    of_party = {party.id: people_of(party) for party in event.parties}
    for people in of_party.values():
        for person in people:
            rule = Rule("presence", person.id)
            if kept(rule) and person.id not in away:
                absent = set(absent_slots(event, person.id))
                away[person.id].update({n: [rule] for n, (slot, _) in enumerate(cells) if slot in absent})
    for number, item in enumerate(event.items):
        attending = dict.fromkeys(item.people) | dict.fromkeys(
            person.id for party in item.parties for person in of_party[party]
        )
        taken = [n for n, (slot, zone) in enumerate(cells) if _collides(event, item, event.slots[slot], zones[zone])]
        for person in attending:
            if kept(rule := Rule("item", (number, person))):
                for cell in taken:
                    away[person][cell].append(rule)
    return away


def _collides(event: Event, item, slot, halls) -> bool:
    walk = max((event.walk(item.hall, hall.id) for hall in halls), default=0)
    return slot.start < item.end + walk and item.start < slot.end + walk


def _blocked(wish, people, lock, away, cells, zones, kept) -> dict[int, list[Rule]]:
    blocked: dict[int, list[Rule]] = defaultdict(list)
    for person in people:
        for cell, rules in away.get(person.id, {}).items():
            blocked[cell].extend(rules)
    for cell, (slot, zone) in enumerate(cells):
        if wish.slots is not None and slot not in wish.slots and kept(rule := Rule("slots", wish.id)):
            blocked[cell].append(rule)
        if lock and kept(rule := Rule("lock", wish.id)):
            elsewhere = lock.hall is not None and all(hall.id != lock.hall for hall in zones[zone])
            if slot != lock.slot or elsewhere:
                blocked[cell].append(rule)
    return dict(blocked)
