"""Assigns tables to meetings whose slots are fixed: one linear assignment problem per cell, in the order of slots.

The preferences minimise the number of people who change tables between two meetings.
"""

from collections import defaultdict

from scheduling.event import Id, Lock, people_of
from scheduling.problem import Problem
from scheduling.schedule import Assignment

type Table = tuple[Id, int]
"""(hall id, table number)"""

SAME_TABLE = 16
"""Preference, per person, for the table of the person's last meeting."""
SAME_HALL = 1
PUBLISHED_TABLE = 1024
"""Preference for the table that was published for this meeting."""
LOCK_VIOLATION = -1e6


def assign_tables(
    problem: Problem, cells: dict[int, int], published: dict[Id, Assignment] | None = None
) -> list[Assignment]:
    """Assignments sorted by slot, hall and table. `cells`: {meeting: cell}. `published`: previous assignments."""
    import numpy as np  # slow to load, and not needed by web processes
    from scipy.optimize import linear_sum_assignment

    preferences = _Preferences(problem, published or {})
    by_cell: dict[int, list[int]] = defaultdict(list)
    for meeting, cell in cells.items():
        by_cell[cell].append(meeting)
    assignments = []
    for cell in sorted(by_cell):
        slot, zone = problem.cells[cell]
        meetings = sorted(by_cell[cell])
        tables = [(hall.id, number) for hall in problem.halls_in(zone) for number in hall.table_numbers(slot)]
        columns = {table: column for column, table in enumerate(tables)}
        scores = np.array([preferences.scores(meeting, slot, columns) for meeting in meetings])
        for row, column in zip(*linear_sum_assignment(scores, maximize=True), strict=True):
            hall, table = tables[column]
            assignments.append(Assignment(problem.meeting_ids[meetings[row]], slot, hall, table))
            preferences.record(meetings[row], tables[column])
    return sorted(assignments, key=lambda assignment: (assignment.slot, str(assignment.hall), assignment.table))


class _Preferences:
    def __init__(self, problem: Problem, published: dict[Id, Assignment]) -> None:
        self.problem, self.published = problem, published
        self.locks: dict[Id, Lock] = {lock.meeting: lock for lock in problem.event.locks}
        self.has_halls = len(problem.event.halls) > 1
        """With a single hall the preference for the same hall decides nothing."""
        self.last_table: dict[int, Table] = {}
        """Table of the last meeting of each person."""

    def record(self, meeting: int, table: Table) -> None:
        self.last_table.update(dict.fromkeys(self._linked_persons(meeting), table))

    def _linked_persons(self, meeting: int) -> list[int]:
        """The persons at the table without those of its `unlinked` parties."""
        problem, persons = self.problem, self.problem.persons_of[meeting]
        unlinked = problem.event.meeting_by_id[problem.meeting_ids[meeting]].unlinked
        if not unlinked:
            return list(persons)
        hidden = {person.id for party in unlinked for person in people_of(problem.event.party(party))}
        return [person for person in persons if problem.person_ids[person] not in hidden]

    def scores(self, meeting: int, slot: int, columns: dict[Table, int]) -> list[float]:
        """Preference for each table; `columns`: {table: its position}."""
        meeting_id = self.problem.meeting_ids[meeting]
        scores = [0.0] * len(columns)
        for person in self._linked_persons(meeting):
            if last := self.last_table.get(person):
                self._add_stay(scores, columns, last)
        published = self.published.get(meeting_id)
        if published and published.slot == slot and (published.hall, published.table) in columns:
            scores[columns[published.hall, published.table]] += PUBLISHED_TABLE
        lock = self.locks.get(meeting_id)
        if lock and lock.hall is not None:
            for table, column in columns.items():
                if table[0] != lock.hall or lock.table not in (None, table[1]):
                    scores[column] += LOCK_VIOLATION
        return scores

    def _add_stay(self, scores: list[float], columns: dict[Table, int], last: Table) -> None:
        if self.has_halls:
            for table, column in columns.items():
                scores[column] += SAME_HALL * (table[0] == last[0])
        if last in columns:
            scores[columns[last]] += SAME_TABLE - SAME_HALL * self.has_halls
