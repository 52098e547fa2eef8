"""The day goes otherwise than planned: mend the timetable so that few people have to be told.

What has begun and what is locked stays. Every other meeting keeps slot and table as long as that is possible; those
that cannot go where their people and a table are free, or, if there is no such place, push others as little as
possible: then the fewest people told is searched exactly, within the time given.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from scheduling.board import NOWHERE, Board
from scheduling.event import Event, Hall, Id, Lock, people_of
from scheduling.explain import overfull
from scheduling.plan import Meeting, Plan
from scheduling.problem import Problem, compile_event
from scheduling.processes import Searches
from scheduling.reasons import reasons
from scheduling.tables import seat

DEPTH = 3
"""Longest chain of meetings pushing each other before the exact search is asked."""
LARGEST = 12_000
"""Most (meeting, cell) pairs for the exact search."""


@dataclass(frozen=True)
class Difference:
    """What changes between two plans; people are told only if they are in `told`."""

    moved: dict[Id, tuple[Meeting, Meeting]] = field(default_factory=dict)
    cancelled: dict[Id, str] = field(default_factory=dict)
    """With the reason."""
    added: dict[Id, Meeting] = field(default_factory=dict)
    told: frozenset[Id] = frozenset()
    """Persons whose own list is another one than before."""


@dataclass(frozen=True)
class Replanned:
    event: Event
    """As given, but for locks and musts that became impossible (`released`)."""
    plan: Plan
    difference: Difference
    released: tuple[Id, ...]
    fewest: bool
    """No plan that holds the same meetings has fewer people to tell."""
    seconds: float


def no_show(event: Event, party_id: Id, now: int) -> Event:
    """The party, its people included, is not there from minute `now` on; what has begun it still ends."""
    gone = _after_what_began(event, now)
    return _with_windows(event, party_id, lambda start, end: (start, min(end, gone)))


def late(event: Event, party_id: Id, now: int, arrival: int) -> Event:
    """The party is away from minute `now` until `arrival`."""
    gone = _after_what_began(event, now)
    earlier = _with_windows(event, party_id, lambda start, end: (start, min(end, gone)))
    later = _with_windows(event, party_id, lambda start, end: (max(start, arrival), end))
    both = (*(earlier.party(party_id).present or ()), *(later.party(party_id).present or ()))
    return _with_party(event, party_id, present=both)


def table_lost(event: Event, hall_id: Id, table: int, now: int) -> Event:
    """One table cannot be used from minute `now` on."""
    gone = {(n, table) for n, slot in enumerate(event.slots) if slot.start >= now}
    return _with_lost(event, hall_id, gone)


def hall_closed(event: Event, hall_id: Id, now: int) -> Event:
    """No table of the hall can be used from minute `now` on."""
    hall = next(one for one in event.halls if one.id == hall_id)
    gone = {(n, table) for n, slot in enumerate(event.slots) if slot.start >= now for table in hall.numbers_at(n)}
    return _with_lost(event, hall_id, gone)


def replan(event: Event, plan: Plan, *, now: int, seconds: float = 5.0) -> Replanned:
    """Mend `plan` for `event`, which is what is known at minute `now`: fewer people, other tables, further wishes.

    Wishes that `plan` neither holds nor leaves out are new, and are placed where that disturbs nobody or few. Those
    it left out stay out; `replacements` offers them. Raises TimetableError if `plan` names what the event lacks.
    """
    return _Mending(event, plan, now, seconds).mended()


def difference(event: Event, before: Plan, after: Plan) -> Difference:
    """From the two plans alone. Wishes that are no longer in the event are told of by `before`'s people."""
    moved = {
        wish: (was, after.by_wish[wish])
        for wish, was in before.by_wish.items()
        if wish in after.by_wish and after.by_wish[wish] != was
    }
    cancelled = {wish: after.left_out.get(wish, "已取消") for wish in before.by_wish if wish not in after.by_wish}
    added = {wish: meeting for wish, meeting in after.by_wish.items() if wish not in before.by_wish}
    told = {
        person.id
        for wish in (*moved, *cancelled, *added)
        if wish in event._wishes
        for person in event.attendees(event.wish(wish))
    }
    return Difference(moved, cancelled, added, frozenset(told))


def replacements(event: Event, plan: Plan, *, now: int, most: int = 10) -> list[Meeting]:
    """The heaviest wishes left out that could be held from `now` on without moving anybody, each with its place."""
    problem = compile_event(event)
    board = _board_of(problem, plan)
    upcoming = {n for n, slot in enumerate(event.slots) if slot.start >= now}
    taken = {(meeting.slot, meeting.hall, meeting.table) for meeting in plan.meetings}
    offers: list[Meeting] = []
    waiting = [m for m in range(len(problem.of)) if board.cell[m] == NOWHERE]
    for m in sorted(waiting, key=lambda m: (-problem.weight[m], m)):
        cells = [cell for cell in board.free_cells(m) if problem.slot_of[cell] in upcoming]
        if cells:
            slot, zone = problem.cells[cells[0]]
            place = next(
                (hall.id, table)
                for hall in (event.halls if zone == 0 and len(problem.cells) == problem.slots else [event.halls[zone]])
                for table in hall.numbers_at(slot)
                if (slot, hall.id, table) not in taken
            )
            offers.append(Meeting(problem.wishes[m], slot, *place))
        if len(offers) == most:
            break
    return offers


def _after_what_began(event: Event, now: int) -> int:
    return max([now, *(slot.end for slot in event.slots if slot.start < now)])


def _with_windows(event: Event, party_id: Id, cut) -> Event:
    party = event.party(party_id)
    everything = ((event.slots[0].start, event.slots[-1].end),)
    windows = (cut(*window) for window in (everything if party.present is None else party.present))
    return _with_party(event, party_id, present=tuple((start, end) for start, end in windows if start < end))


def _with_party(event: Event, party_id: Id, **changes) -> Event:
    parties = tuple(replace(one, **changes) if one.id == party_id else one for one in event.parties)
    return replace(event, parties=parties)


def _with_lost(event: Event, hall_id: Id, gone: set) -> Event:
    def changed(hall: Hall) -> Hall:
        return replace(hall, lost=hall.lost | gone) if hall.id == hall_id else hall

    return _without_impossible_locks(replace(event, halls=tuple(map(changed, event.halls)), locks=()), event.locks)


def _without_impossible_locks(event: Event, locks: tuple[Lock, ...]) -> Event:
    """Locks on tables that are gone are given up, the others kept."""
    halls = {hall.id: hall for hall in event.halls}
    kept = []
    for lock in locks:
        numbers = halls[lock.hall].numbers_at(lock.slot) if lock.hall is not None else [None]
        if numbers and lock.table in (None, *numbers):
            kept.append(lock)
    return replace(event, locks=tuple(kept))


def _cell_of(problem: Problem, meeting: Meeting) -> int:
    halls = [hall.id for hall in problem.event.halls]
    zone = halls.index(meeting.hall) if len(problem.cells) > problem.slots else 0
    return problem.cells.index((meeting.slot, zone))


def _board_of(problem: Problem, plan: Plan) -> Board:
    board = Board(problem)
    place = {wish: m for m, wish in enumerate(problem.wishes)}
    for meeting in sorted(plan.meetings, key=lambda one: one.slot):
        if meeting.wish in place:
            board.put(place[meeting.wish], _cell_of(problem, meeting))
    board.keep()
    return board


class _Mending:
    def __init__(self, event: Event, plan: Plan, now: int, seconds: float):
        self.start = time.monotonic()
        self.seconds = seconds
        self.plan, self.now = plan, now
        self.given = event
        self.event, self.released = _possible(event, plan, now)
        self.problem = compile_event(self.event)
        self.place = {wish: m for m, wish in enumerate(self.problem.wishes)}
        self.old = {
            self.place[one.wish]: _cell_of(self.problem, one) for one in plan.meetings if one.wish in self.place
        }
        self.fixed = {self.place[lock.wish] for lock in self.event.locks}
        self.past = {n for n, slot in enumerate(event.slots) if slot.start < now}
        self.told = self._inevitably_told()

    def mended(self) -> Replanned:
        board, waiting = self._what_stays()
        fewest = not self._find_places(board, waiting)
        for m in waiting:
            if board.cell[m] == NOWHERE and self._search(board, [m]):
                fewest = True
        if not fewest:
            fewest = self._search(board, [])
        cells = {m: cell for m, cell in enumerate(board.cell) if cell != NOWHERE}
        plan = Plan(tuple(seat(self.problem, cells, self.plan.by_wish)), self._reasons(cells))
        return Replanned(
            self.event,
            plan,
            difference(self.event, self.plan, plan),
            self.released,
            fewest,
            round(time.monotonic() - self.start, 3),
        )

    def _cells(self, meeting: int) -> list[int]:
        """Where it may still go."""
        return [cell for cell in self.problem.allowed[meeting] if self.problem.slot_of[cell] not in self.past]

    def _inevitably_told(self) -> set[int]:
        told: set[int] = set()
        for m, cell in self.old.items():
            meeting = self.plan.by_wish[self.problem.wishes[m]]
            hall = next(one for one in self.event.halls if one.id == meeting.hall)
            if cell not in self.problem.allowed[m] or meeting.table not in hall.numbers_at(meeting.slot):
                told.update(self.problem.of[m])
        return told

    def _what_stays(self) -> tuple[Board, list[int]]:
        """The board with every meeting that can keep its cell, and those that wait for a place: displaced or new."""
        problem = self.problem
        board = Board(problem)
        lost = {m for m in self.old if set(problem.of[m]) <= self.told}
        order = sorted(self.old, key=lambda m: (m not in self.fixed, m in lost, -problem.weight[m], m))
        slots = sorted(order, key=lambda m: problem.slot_of[self.old[m]]) if problem.orders else order
        waiting = []
        for m in slots:
            cell = self.old[m]
            fits = cell in problem.allowed[m] and not board.is_full(cell) and board.in_the_way(m, cell) == []
            if fits and not board.wants_no_more(m):
                board.put(m, cell)
            elif problem.slot_of[cell] not in self.past:
                waiting.append(m)
        new = [m for m, wish in enumerate(problem.wishes) if m not in self.old and wish not in self.plan.left_out]
        board.keep()
        return board, sorted(waiting + new, key=lambda m: (not problem.must[m], -problem.weight[m], m))

    def _find_places(self, board: Board, waiting: list[int]) -> bool:
        """Place those who wait, pushing others only where there is no free place; whether anybody was pushed."""
        pushed = False
        for m in waiting:
            free = [cell for cell in board.free_cells(m) if cell in self._cells(m)]
            if free:
                board.put(m, min(free, key=lambda cell: (self._gaps_with(board, m, cell), cell)))
                board.keep()
                continue
            for depth in range(1, DEPTH + 1):
                if self._push(board, m, depth, set()):
                    pushed = True
                    break
                board.undo()
            board.keep()
        return pushed

    def _gaps_with(self, board: Board, meeting: int, cell: int) -> int:
        bit = 1 << self.problem.slot_of[cell]
        gaps = 0
        for person in self.problem.of[meeting]:
            busy = board.busy[person] | bit
            gaps += (busy & ~(busy << 1)).bit_count()
        return gaps

    def _push(self, board: Board, meeting: int, depth: int, moving: set[int]) -> bool:
        """Put a meeting where at most `depth` others in a row give way, each of them to a place of their own."""
        for cell in self._cells(meeting):
            mark = len(board.log)
            for others in self._ways(board, meeting, cell, moving | {meeting}):
                for other in others:
                    board.put(other, NOWHERE)
                board.put(meeting, cell)
                if all(self._settled(board, other, depth, moving | {meeting, *others}) for other in others):
                    return True
                while len(board.log) > mark:
                    board._put(*board.log.pop())
        return False

    def _settled(self, board: Board, other: int, depth: int, moving: set[int]) -> bool:
        for cell in board.free_cells(other):
            if cell in self._cells(other):
                board.put(other, cell)
                return True
        return depth > 1 and self._push(board, other, depth - 1, moving)

    def _ways(self, board: Board, meeting: int, cell: int, moving: set[int]) -> Iterator[list[int]]:
        """Who could give way, cheapest first: those in the way, and one at a table if all are taken."""
        in_the_way = board.in_the_way(meeting, cell)
        if in_the_way is None or board.wants_no_more(meeting):
            return
        if any(self._stays(board, other, moving) for other in in_the_way):
            return
        if not board.is_full(cell) or any(board.cell[other] == cell for other in in_the_way):
            yield in_the_way
            return
        members = [one for one in board.members[cell] if not self._stays(board, one, moving)]
        for one in sorted(members, key=lambda one: (len(set(self.problem.of[one]) - self.told), one))[:8]:
            yield [*in_the_way, one]

    def _stays(self, board: Board, meeting: int, moving: set[int]) -> bool:
        return meeting in self.fixed or meeting in moving or board.is_bound(meeting)

    def _search(self, board: Board, further: list[int]) -> bool:
        """Hold `further` as well with the fewest people told, exactly; False, and nothing changed, if not proven."""
        meetings = sorted([*further, *(m for m, cell in enumerate(board.cell) if cell != NOWHERE)])
        if any(before not in meetings for m in further for before in board.befores[m]):
            return False
        restricted = self.problem.restricted(meetings)
        restricted.allowed = [
            [board.cell[m]] if m in self.fixed and board.cell[m] != NOWHERE else self._cells(m) for m in meetings
        ]
        left = self.start + self.seconds - 1.0 - time.monotonic()
        if sum(map(len, restricted.allowed)) > LARGEST or left <= 0 or overfull(restricted) is not None:
            return False
        old = [self.old.get(m, NOWHERE) for m in meetings]
        with Searches() as searches:
            searches.start("mended", restricted, old, sorted(self.told))
            found = next(searches.messages(time.monotonic() + left, lambda: False), None)
        if not found or not found[1].cells:
            return False
        for m in meetings:
            board.put(m, NOWHERE)
        for m, cell in zip(meetings, found[1].cells, strict=True):
            board.put(m, cell)
        board.keep()
        return True

    def _reasons(self, cells: dict[int, int]) -> dict[Id, str]:
        """Of old meetings that cannot be held any more; what was left out before keeps its reason if that was given."""
        now = reasons(self.problem, cells)
        return {wish: self.plan.left_out.get(wish, reason) for wish, reason in now.items()}


def _possible(event: Event, plan: Plan, now: int) -> tuple[Event, tuple[Id, ...]]:
    """The event with everything begun locked in its place, without locks and musts that cannot be kept."""
    begun = {one.wish: one for one in plan.meetings if event.slots[one.slot].start < now}
    given = {lock.wish: lock for lock in event.locks}
    locks = {}
    for wish, lock in given.items():
        told = plan.by_wish.get(wish)
        stays = told is not None and told.slot == lock.slot and lock.hall in (None, told.hall)
        locks[wish] = Lock(wish, told.slot, told.hall, told.table) if stays else lock
    locks |= {wish: Lock(wish, one.slot, one.hall, one.table) for wish, one in begun.items()}
    unlocked = _without_impossible_locks(replace(event, locks=()), tuple(locks.values()))
    problem = compile_event(unlocked)
    hopeless = {wish for m, wish in enumerate(problem.wishes) if not problem.allowed[m]}
    kept = tuple(lock for lock in unlocked.locks if lock.wish not in hopeless)
    released = [wish for wish in given if wish not in {lock.wish for lock in kept}]
    wishes = tuple(replace(wish, must=wish.must and wish.id not in hopeless) for wish in event.wishes)
    return replace(event, locks=kept, wishes=wishes), tuple(released)


def told_by_party(event: Event, told: frozenset[Id]) -> dict[Id, list[Id]]:
    """The people to be told, by party, so that each party gets one message."""
    by_party: dict[Id, list[Id]] = defaultdict(list)
    for party in event.parties:
        for person in people_of(party):
            if person.id in told:
                by_party[party.id].append(person.id)
    return dict(by_party)
