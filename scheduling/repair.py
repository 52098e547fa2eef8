"""Repairs a published schedule after a disruption so that as few people as possible get a different schedule.

Meetings that have begun and locked meetings stay. All others keep slot and table if possible. Displaced meetings go to
a free cell; if there is none, an ejection chain moves other meetings; then the exact search minimises the number of
affected people, within the time limit.
"""

import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from scheduling.disruptions import without_impossible_locks
from scheduling.event import Event, Id, Lock, people_of
from scheduling.infeasibility import find_overload
from scheduling.left_out import left_out_reasons
from scheduling.partial_schedule import UNASSIGNED, PartialSchedule
from scheduling.problem import Problem, compile_event
from scheduling.schedule import Assignment, Schedule
from scheduling.search_processes import SearchProcesses
from scheduling.table_assignment import assign_tables

MAX_CHAIN_DEPTH = 3
"""Longest ejection chain."""
MAX_CHAIN_STEPS = 4_000
"""Most ejections that are tried to place one meeting."""
MAX_EJECTED_CANDIDATES = 8
"""Meetings of a full cell that are tried for ejection."""
MAX_EXACT_CELLS = 12_000
"""Most (meeting, cell) pairs for the exact search."""
RESERVED_SECONDS = 1.0
"""Part of the time limit that the exact search leaves for the tables and the comparison."""


@dataclass(frozen=True)
class ScheduleDifference:
    """What changes between two schedules; all keys are ids of meetings."""

    moved: dict[Id, tuple[Assignment, Assignment]] = field(default_factory=dict)
    """(before, after)"""
    cancelled: dict[Id, str] = field(default_factory=dict)
    """Reason in Chinese."""
    added: dict[Id, Assignment] = field(default_factory=dict)
    affected: frozenset[Id] = frozenset()
    """Ids of persons with different assignments than before."""


@dataclass(frozen=True)
class RepairResult:
    event: Event
    """The given event without the locks and requirements that became impossible."""
    schedule: Schedule
    difference: ScheduleDifference
    released_locks: tuple[Id, ...]
    """Meetings whose locks became impossible."""
    is_minimal: bool
    """No schedule with the same meetings affects fewer people."""
    seconds: float


def repair(event: Event, schedule: Schedule, *, now: int, seconds: float = 5.0) -> RepairResult:
    """Adapt `schedule` to `event`, the situation at minute `now`.

    Meetings that `schedule` neither assigns nor leaves out are new and are placed with as few changes as possible.
    Left-out meetings stay out; `replacements` suggests them. Raises SchedulingError if the input is inconsistent.
    """
    return _Repair(event, schedule, now, seconds).result()


def difference(event: Event, before: Schedule, after: Schedule) -> ScheduleDifference:
    """Compare two schedules. Meetings that are no longer in the event affect nobody of the event."""
    moved = {
        meeting: (previous, after.by_meeting[meeting])
        for meeting, previous in before.by_meeting.items()
        if meeting in after.by_meeting and after.by_meeting[meeting] != previous
    }
    cancelled = {
        meeting: after.left_out.get(meeting, "已取消")
        for meeting in before.by_meeting
        if meeting not in after.by_meeting
    }
    added = {
        meeting: assignment for meeting, assignment in after.by_meeting.items() if meeting not in before.by_meeting
    }
    affected = {
        person.id
        for meeting in (*moved, *cancelled, *added)
        if meeting in event.meeting_by_id
        for person in event.attendees(event.meeting(meeting))
    }
    return ScheduleDifference(moved, cancelled, added, frozenset(affected))


def affected_by_party(event: Event, affected: frozenset[Id]) -> dict[Id, list[Id]]:
    """{party id: ids of its affected persons}"""
    by_party: dict[Id, list[Id]] = defaultdict(list)
    for party in event.parties:
        for person in people_of(party):
            if person.id in affected:
                by_party[party.id].append(person.id)
    return dict(by_party)


def replacements(event: Event, schedule: Schedule, *, now: int, limit: int = 10) -> list[Assignment]:
    """Left-out meetings that fit from `now` on without moving others, by decreasing weight, each with a free table.

    Each fits by itself; together they may conflict.
    """
    problem = compile_event(event)
    partial = _partial_schedule(problem, schedule)
    upcoming = {n for n, slot in enumerate(event.slots) if slot.start >= now}
    taken = {(assignment.slot, assignment.hall, assignment.table) for assignment in schedule.assignments}
    suggestions: list[Assignment] = []
    left_out = [m for m in range(len(problem.persons_of)) if partial.cell_of[m] == UNASSIGNED]
    for m in sorted(left_out, key=lambda m: (-problem.weights[m], m)):
        cells = [cell for cell in partial.free_cells(m) if problem.slot_of[cell] in upcoming]
        if cells:
            slot, zone = problem.cells[cells[0]]
            hall_id, table = next(
                (hall.id, table)
                for hall in problem.halls_in(zone)
                for table in hall.table_numbers(slot)
                if (slot, hall.id, table) not in taken
            )
            suggestions.append(Assignment(problem.meeting_ids[m], slot, hall_id, table))
        if len(suggestions) == limit:
            break
    return suggestions


def _partial_schedule(problem: Problem, schedule: Schedule) -> PartialSchedule:
    partial = PartialSchedule(problem)
    index = {meeting: m for m, meeting in enumerate(problem.meeting_ids)}
    for assignment in sorted(schedule.assignments, key=lambda assignment: assignment.slot):
        if assignment.meeting in index:
            partial.assign(index[assignment.meeting], problem.cell_at(assignment.slot, assignment.hall))
    partial.commit()
    return partial


class _Repair:
    def __init__(self, event: Event, schedule: Schedule, now: int, seconds: float) -> None:
        self.start = time.monotonic()
        self.seconds = seconds
        self.before = schedule
        self.event, self.released_locks = _without_impossible(event, schedule, now)
        self.problem = problem = compile_event(self.event)
        index = {meeting: m for m, meeting in enumerate(problem.meeting_ids)}
        self.old = {
            index[assignment.meeting]: problem.cell_at(assignment.slot, assignment.hall)
            for assignment in schedule.assignments
            if assignment.meeting in index
        }
        """Previous cell of each meeting that had one."""
        self.fixed = {index[lock.meeting] for lock in self.event.locks}
        self.past = {n for n, slot in enumerate(event.slots) if slot.start < now}
        self.upcoming = [
            [cell for cell in cells if problem.slot_of[cell] not in self.past] for cells in problem.allowed
        ]
        """Cells each meeting can still be assigned to."""
        self.chain_steps = 0
        self.affected = self._inevitably_affected()
        """Persons whose assignments change in any case."""

    def result(self) -> RepairResult:
        partial, waiting = self._kept()
        is_minimal = not self._place_waiting(partial, waiting)
        for m in waiting:
            if partial.cell_of[m] == UNASSIGNED and self._repair_exactly(partial, [m]):
                is_minimal = True
        if not is_minimal:
            is_minimal = self._repair_exactly(partial, [])
        cells = partial.assigned_cells()
        schedule = Schedule(
            tuple(assign_tables(self.problem, cells, self.before.by_meeting)), self._left_out_reasons(cells)
        )
        return RepairResult(
            event=self.event,
            schedule=schedule,
            difference=difference(self.event, self.before, schedule),
            released_locks=self.released_locks,
            is_minimal=is_minimal,
            seconds=round(time.monotonic() - self.start, 3),
        )

    def _inevitably_affected(self) -> set[int]:
        affected: set[int] = set()
        for m, cell in self.old.items():
            assignment = self.before.by_meeting[self.problem.meeting_ids[m]]
            hall = next(hall for hall in self.event.halls if hall.id == assignment.hall)
            if cell not in self.problem.allowed[m] or assignment.table not in hall.table_numbers(assignment.slot):
                affected.update(self.problem.persons_of[m])
        return affected

    def _kept(self) -> tuple[PartialSchedule, list[int]]:
        """The meetings that can keep their cells, and the displaced and new meetings, most important first."""
        problem = self.problem
        partial = PartialSchedule(problem)
        movable = {m for m in self.old if set(problem.persons_of[m]) <= self.affected}
        order = sorted(self.old, key=lambda m: (m not in self.fixed, m in movable, -problem.weights[m], m))
        if problem.precedences:
            order.sort(key=lambda m: problem.slot_of[self.old[m]])
        waiting = []
        for m in order:
            cell = self.old[m]
            fits = (
                cell in problem.allowed[m]
                and not partial.is_full(cell)
                and partial.conflicting_meetings(m, cell) == []
                and not partial.saturated_parties(m)
            )
            if fits:
                partial.assign(m, cell)
            elif problem.slot_of[cell] not in self.past:
                waiting.append(m)
        partial.commit()
        waiting += [
            m
            for m, meeting in enumerate(problem.meeting_ids)
            if m not in self.old and meeting not in self.before.left_out
        ]
        return partial, sorted(waiting, key=lambda m: (not problem.required[m], -problem.weights[m], m))

    def _place_waiting(self, partial: PartialSchedule, waiting: list[int]) -> bool:
        """Assign waiting meetings, with ejection chains where no cell is free; whether any chain was used."""
        ejected = False
        for m in waiting:
            free = [cell for cell in partial.free_cells(m) if cell in self.upcoming[m]]
            if free:
                partial.assign(m, min(free, key=lambda cell: (partial.runs_with(m, cell), cell)))
                partial.commit()
                continue
            self.chain_steps = 0
            for depth in range(1, MAX_CHAIN_DEPTH + 1) if self._has_free_table(partial) else ():
                if self._eject(partial, m, depth, set()):
                    ejected = True
                    break
                partial.rollback()
            partial.commit()
        return ejected

    def _has_free_table(self, partial: PartialSchedule) -> bool:
        """Without one no chain can end."""
        upcoming = [cell for cell, slot in enumerate(self.problem.slot_of) if slot not in self.past]
        return any(not partial.is_full(cell) for cell in upcoming)

    def _eject(self, partial: PartialSchedule, meeting: int, depth: int, moving: set[int]) -> bool:
        """Assign a meeting by an ejection chain: every ejected meeting gets another cell, by at most `depth` steps."""
        for cell in self.upcoming[meeting]:
            mark = len(partial.undo_log)
            for ejected in self._ejection_sets(partial, meeting, cell, moving | {meeting}):
                self.chain_steps += 1
                if self.chain_steps > MAX_CHAIN_STEPS:
                    return False
                for other in ejected:
                    partial.assign(other, UNASSIGNED)
                partial.assign(meeting, cell)
                if all(self._reinsert(partial, other, depth, moving | {meeting, *ejected}) for other in ejected):
                    return True
                partial.rollback(mark)
        return False

    def _reinsert(self, partial: PartialSchedule, ejected: int, depth: int, moving: set[int]) -> bool:
        for cell in partial.free_cells(ejected):
            if cell in self.upcoming[ejected]:
                partial.assign(ejected, cell)
                return True
        return depth > 1 and self._eject(partial, ejected, depth - 1, moving)

    def _ejection_sets(
        self, partial: PartialSchedule, meeting: int, cell: int, moving: set[int]
    ) -> Iterator[list[int]]:
        """Sets of meetings whose ejection frees the cell: those in conflict, and one more if all tables are taken."""
        conflicts = partial.conflicting_meetings(meeting, cell)
        if conflicts is None or partial.saturated_parties(meeting):
            return
        if any(self._is_fixed(partial, other, moving) for other in conflicts):
            return
        if not partial.is_full(cell) or any(partial.cell_of[other] == cell for other in conflicts):
            yield conflicts
            return
        candidates = [other for other in partial.meetings_in[cell] if not self._is_fixed(partial, other, moving)]
        candidates.sort(key=lambda other: (len(set(self.problem.persons_of[other]) - self.affected), other))
        for other in candidates[:MAX_EJECTED_CANDIDATES]:
            yield [*conflicts, other]

    def _is_fixed(self, partial: PartialSchedule, meeting: int, moving: set[int]) -> bool:
        return meeting in self.fixed or meeting in moving or partial.has_scheduled_successor(meeting)

    def _repair_exactly(self, partial: PartialSchedule, further: list[int]) -> bool:
        """Schedule `further` as well, with the fewest affected people; False and unchanged if that is not proven."""
        scheduled = partial.assigned_cells()
        meetings = sorted([*further, *scheduled])
        if any(before not in meetings for m in further for before in partial.predecessors[m]):
            return False
        restricted = self.problem.subproblem(meetings)
        restricted.allowed = [
            [scheduled[m]] if m in self.fixed and m in scheduled else self.upcoming[m] for m in meetings
        ]
        seconds = self.start + self.seconds - RESERVED_SECONDS - time.monotonic()
        is_too_large = sum(map(len, restricted.allowed)) > MAX_EXACT_CELLS
        if is_too_large or seconds <= 0 or find_overload(restricted) is not None:
            return False
        old = [self.old.get(m, UNASSIGNED) for m in meetings]
        with SearchProcesses() as searches:
            searches.start("minimal_repair", restricted, old, sorted(self.affected))
            received = next(searches.results(time.monotonic() + seconds, lambda: False), None)
        if received is None or not received[1].cells:
            return False
        for m in meetings:
            partial.assign(m, UNASSIGNED)
        for m, cell in zip(meetings, received[1].cells, strict=True):
            partial.assign(m, cell)
        partial.commit()
        return True

    def _left_out_reasons(self, cells: dict[int, int]) -> dict[Id, str]:
        """Reasons for all left-out meetings; the previous reason has precedence."""
        reasons = left_out_reasons(self.problem, cells)
        return {meeting: self.before.left_out.get(meeting, reason) for meeting, reason in reasons.items()}


def _without_impossible(event: Event, schedule: Schedule, now: int) -> tuple[Event, tuple[Id, ...]]:
    """The event with begun meetings locked and without impossible locks and requirements; (event, released locks)."""
    given = {lock.meeting: lock for lock in event.locks}
    locks = {meeting: _located(lock, schedule) for meeting, lock in given.items()} | {
        assignment.meeting: Lock(assignment.meeting, assignment.slot, assignment.hall, assignment.table)
        for assignment in schedule.assignments
        if event.slots[assignment.slot].start < now
    }
    unlocked = without_impossible_locks(replace(event, locks=()), tuple(locks.values()))
    problem = compile_event(unlocked)
    impossible = {meeting for m, meeting in enumerate(problem.meeting_ids) if not problem.allowed[m]}
    kept = tuple(lock for lock in unlocked.locks if lock.meeting not in impossible)
    released = given.keys() - {lock.meeting for lock in kept}
    meetings = tuple(
        replace(meeting, required=meeting.required and meeting.id not in impossible) for meeting in event.meetings
    )
    changed = replace(event, locks=kept, meetings=meetings)
    return changed, tuple(meeting for meeting in given if meeting in released)


def _located(lock: Lock, schedule: Schedule) -> Lock:
    """The lock with the hall and table that the schedule assigns, if it agrees with the lock."""
    assignment = schedule.by_meeting.get(lock.meeting)
    if assignment is None or assignment.slot != lock.slot or lock.hall not in (None, assignment.hall):
        return lock
    return Lock(lock.meeting, assignment.slot, assignment.hall, assignment.table)
