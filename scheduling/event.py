"""What the planner is given: who wants to meet whom, who is there when, and where there are tables.

Times are minutes from midnight of the first day, so that an evening across midnight simply goes on past 1440. Slots are
counted from 0. Ids are the caller's own: whole numbers or text.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from scheduling.errors import BadEvent

type Id = int | str
type Window = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Slot:
    """One round of meetings; what lies between two slots is the time for walking."""

    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.start // 60 % 24:02}:{self.start % 60:02}"


@dataclass(frozen=True, slots=True)
class Hall:
    id: Id
    tables: int | tuple[int, ...]
    """The same number in every slot, or one number per slot."""
    name: str = ""
    lost: frozenset[tuple[int, int]] = frozenset()
    """(slot, table) that cannot be used, though others of the hall can."""

    def numbers_at(self, slot: int) -> list[int]:
        """The tables there are, counted from 1."""
        number = self.tables if isinstance(self.tables, int) else self.tables[slot]
        return [table for table in range(1, number + 1) if (slot, table) not in self.lost]

    def tables_at(self, slot: int) -> int:
        return len(self.numbers_at(slot))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who comes. The same id in two parties is the same person, who can be at one table at a time."""

    id: Id
    name: str = ""
    present: tuple[Window, ...] | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A firm or an institution's team. Without people it is one person itself."""

    id: Id
    name: str = ""
    people: tuple[Person, ...] = ()
    present: tuple[Window, ...] | None = None
    """When it is there; None: the whole day, empty: not at all."""
    most: int | None = None
    """Most meetings it wants."""


@dataclass(frozen=True, slots=True)
class Wish:
    id: Id
    parties: tuple[Id, Id]
    weight: float = 1.0
    """Fit × priority, ≥ 0."""
    people: tuple[Id, ...] | None = None
    """Who of the two parties must sit at the table; None: all of both."""
    slots: tuple[int, ...] | None = None
    """Slots that would do; None: any."""
    must: bool = False
    """Has to be held: where it cannot, there is no plan."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something on the agenda that people attend: while it lasts they are at no table."""

    name: str
    start: int
    end: int
    parties: tuple[Id, ...] = ()
    people: tuple[Id, ...] = ()
    hall: Id | None = None


@dataclass(frozen=True, slots=True)
class Lock:
    """A wish that must stay where it is: agreed, or begun."""

    wish: Id
    slot: int
    hall: Id | None = None
    table: int | None = None
    """Counted from 1 within its hall; only together with a hall."""


@dataclass(frozen=True, slots=True)
class Order:
    """If `after` is held, `before` is held in an earlier slot."""

    before: Id
    after: Id


@dataclass(frozen=True)
class Event:
    """Everything the planner knows. Raises BadEvent at once if it contradicts itself."""

    slots: tuple[Slot, ...]
    halls: tuple[Hall, ...]
    parties: tuple[Party, ...]
    wishes: tuple[Wish, ...]
    walks: Mapping[tuple[Id, Id], int] = field(default_factory=dict)
    """Minutes between two halls, either way round; halls not named are next to each other."""
    items: tuple[Item, ...] = ()
    locks: tuple[Lock, ...] = ()
    orders: tuple[Order, ...] = ()

    def __post_init__(self):
        if problems := list(dict.fromkeys(_problems(self))):
            raise BadEvent(problems)

    def walk(self, one: Id | None, other: Id | None) -> int:
        if one is None or other is None or one == other:
            return 0
        return self.walks.get((one, other), self.walks.get((other, one), 0))

    def party(self, party_id: Id) -> Party:
        return self._parties[party_id]

    def wish(self, wish_id: Id) -> Wish:
        return self._wishes[wish_id]

    @property
    def _parties(self) -> dict[Id, Party]:
        return self.__dict__.setdefault("_party_by_id", {party.id: party for party in self.parties})

    @property
    def _wishes(self) -> dict[Id, Wish]:
        return self.__dict__.setdefault("_wish_by_id", {wish.id: wish for wish in self.wishes})

    def attendees(self, wish: Wish) -> tuple[Person, ...]:
        """Who sits at the table, each person once."""
        found = {}
        for party in map(self.party, wish.parties):
            for person in people_of(party):
                if wish.people is None or not party.people or person.id in wish.people:
                    found.setdefault(person.id, person)
        return tuple(found.values())


def people_of(party: Party) -> tuple[Person, ...]:
    """Its people; a party that names none is one person under an id of its own."""
    return party.people or (Person(f"party {party.id}", party.name or str(party.id)),)


def _twice(ids: Iterable) -> list:
    return [one for one, times in Counter(ids).items() if times > 1]


def _problems(event: Event) -> Iterator[str]:
    if not event.slots:
        yield "没有洽谈时段，请先设置时段"
    if not any(
        max((hall.tables,) if isinstance(hall.tables, int) else hall.tables, default=0) > 0 for hall in event.halls
    ):
        yield "没有洽谈桌，请至少给一个场地设置一张桌"
    for hall in event.halls:
        if not _fits(event, hall):
            yield f"场地“{hall.name or hall.id}”的桌数与 {len(event.slots)} 个时段对不上"
        elif min([hall.tables] if isinstance(hall.tables, int) else hall.tables, default=0) < 0:
            yield f"场地“{hall.name or hall.id}”的桌数不能小于 0"
    for kind, ids in (
        ("场地", [hall.id for hall in event.halls]),
        ("单位", [party.id for party in event.parties]),
        ("洽谈", [wish.id for wish in event.wishes]),
        ("锁定的洽谈", [lock.wish for lock in event.locks]),
    ):
        yield from (f"{kind}“{one}”出现了不止一次，请保留一个" for one in _twice(ids))
    yield from _bad_times(event)
    yield from _bad_references(event)


def _fits(event: Event, hall: Hall) -> bool:
    return isinstance(hall.tables, int) or len(hall.tables) == len(event.slots)


def _bad_times(event: Event) -> Iterator[str]:
    for slot in event.slots:
        if slot.end <= slot.start:
            yield f"{slot} 开始的时段结束得不晚于开始；跨过零点时请接着往后数分钟"
    for one, other in zip(event.slots, event.slots[1:], strict=False):
        if other.start < one.end:
            yield f"{one} 与 {other} 开始的时段重叠或顺序颠倒"
    for item in event.items:
        if item.end <= item.start:
            yield f"议程“{item.name}”结束得不晚于开始；跨过零点时请接着往后数分钟"
    for party in event.parties:
        windows = [party.present, *(person.present for person in party.people)]
        if any(end <= start for window in windows for start, end in window or ()):
            yield f"“{party.name or party.id}”的在场时间结束得不晚于开始；跨过零点时请接着往后数分钟"
        if party.most is not None and party.most < 0:
            yield f"“{party.name or party.id}”的最多场次不能小于 0"


def _bad_references(event: Event) -> Iterator[str]:
    for wish in event.wishes:
        yield from _bad_wish(event, wish)
    yield from _bad_locks(event)
    for order in event.orders:
        if order.before == order.after or not {order.before, order.after} <= event._wishes.keys():
            yield f"先后要求“{order.before} 先于 {order.after}”应指向两场存在的不同洽谈"
    for item in event.items:
        if unknown := [party for party in item.parties if party not in event._parties]:
            yield f"议程“{item.name}”中的单位“{unknown[0]}”不存在或已删除"
        if item.hall is not None and item.hall not in {hall.id for hall in event.halls}:
            yield f"议程“{item.name}”的场地“{item.hall}”不存在"


def _bad_locks(event: Event) -> Iterator[str]:
    halls = {hall.id: hall for hall in event.halls}
    taken: Counter = Counter()
    for lock in event.locks:
        if lock.wish not in event._wishes:
            yield f"锁定了不存在的洽谈“{lock.wish}”，请先补上或取消锁定"
        if not 0 <= lock.slot < len(event.slots):
            yield f"洽谈“{lock.wish}”锁定在不存在的时段"
        if lock.hall is not None and lock.hall not in halls:
            yield f"洽谈“{lock.wish}”锁定在不存在的场地“{lock.hall}”"
        if lock.table is not None and lock.hall is None:
            yield f"洽谈“{lock.wish}”锁定了桌号，请同时说明场地"
        elif 0 <= lock.slot < len(event.slots) and lock.hall in halls and _fits(event, halls[lock.hall]):
            tables = halls[lock.hall].numbers_at(lock.slot)
            taken[lock.slot, lock.hall] += 1
            taken[lock.slot, lock.hall, lock.table] += lock.table is not None
            if lock.table not in (None, *tables) or taken[lock.slot, lock.hall] == len(tables) + 1:
                place = f"{event.slots[lock.slot]} 场地“{lock.hall}”"
                yield f"{place}只有 {len(tables)} 张桌，放不下锁定的洽谈“{lock.wish}”"
            elif taken[lock.slot, lock.hall, lock.table] == 2:
                yield f"{event.slots[lock.slot]} 场地“{lock.hall}”{lock.table} 号桌锁定了两场洽谈"


def _bad_wish(event: Event, wish: Wish) -> Iterator[str]:
    if wish.parties[0] == wish.parties[1]:
        yield f"洽谈“{wish.id}”的双方是同一个单位“{wish.parties[0]}”，请更正或删除"
    if unknown := [party for party in wish.parties if party not in event._parties]:
        yield f"洽谈“{wish.id}”中的单位“{unknown[0]}”不存在或已删除，请更正或删除这场洽谈"
        return
    known = {person.id for party in map(event.party, wish.parties) for person in party.people}
    if wish.people is not None and (strangers := [one for one in wish.people if one not in known]):
        yield f"洽谈“{wish.id}”点名的“{strangers[0]}”不在双方人员之中"
    for party in map(event.party, wish.parties):
        if wish.people is not None and party.people and not {one.id for one in party.people} & set(wish.people):
            yield f"洽谈“{wish.id}”没有点名“{party.name or party.id}”的任何人"
    if not 0 <= wish.weight < float("inf"):
        yield f"洽谈“{wish.id}”的权重应是不小于 0 的数"
    if any(not 0 <= slot < len(event.slots) for slot in wish.slots or ()):
        yield f"洽谈“{wish.id}”限定在不存在的时段"
