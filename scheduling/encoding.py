"""SAT encoding of a problem whose meetings are all scheduled, after Bofill et al., JAIR 2022 (article 12670).

Variables: x[m][c], meeting m is in cell c; u[p][t], person p has a meeting in slot t. Each meeting is in exactly one
cell, each person in at most one meeting per slot, and each cell has at most as many meetings as tables. Two implied
constraints strengthen propagation: a person is busy in exactly as many slots as they have meetings, and no more
persons are busy in a slot than its tables can seat.

Unlike in the paper, gaps are counted per person (literal k: the person has more than k gaps), so that unsatisfiable
cores contain persons and not single slots; and a person without gaps must have one of the possible runs of slots.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

from pysat.card import CardEnc, EncType

from scheduling.constraints import TABLES, Constraint
from scheduling.problem import Problem

type Clause = list[int]
MAX_PAIRWISE = 5
"""Most literals whose at-most-one constraint is encoded by pairs."""


class Encoding:
    """Clauses of a problem.

    With `selectors`, each of these constraints binds only while its selector literal is assumed, and a meeting whose
    "required" constraint is not assumed can be left out.
    """

    def __init__(self, problem: Problem, selectors: Iterable[Constraint] = ()) -> None:
        self.problem = problem
        self.clauses: list[Clause] = []
        self.top_variable = 0
        self.selectors: Mapping[Constraint, int] = {constraint: self.new_variable() for constraint in selectors}
        self.x = [{cell: self.new_variable() for cell in self._cells(m)} for m in range(len(problem.persons_of))]
        self.u: list[dict[int, int]] = []
        self._add_meetings()
        self._add_persons()
        self._add_tables()
        self._add_seats()
        self._add_precedences()
        self._add_walking_times()

    def new_variable(self) -> int:
        self.top_variable += 1
        return self.top_variable

    def cells_of(self, model: Iterable[int]) -> list[int]:
        """The cell of each meeting in a model."""
        true = set(model)
        return [next(cell for cell, literal in cells.items() if literal in true) for cells in self.x]

    def _cells(self, meeting: int) -> list[int]:
        """Allowed cells, and those that only constraints with a selector forbid."""
        problem = self.problem
        if not self.selectors:
            return problem.allowed[meeting]
        return [
            cell
            for cell in range(len(problem.cells))
            if all(constraint in self.selectors for constraint in problem.blocked[meeting].get(cell, ()))
            and (problem.capacity[cell] > 0 or TABLES in self.selectors)
        ]

    def _guard(self, *constraints: Constraint) -> Clause:
        """Literals that satisfy a clause while one of these constraints is not assumed."""
        return [-self.selectors[constraint] for constraint in constraints if constraint in self.selectors]

    def _add_cardinality(
        self, encode: Callable[..., Any], literals: list[int], bound: int, encoding: int, guard: Clause
    ) -> None:
        formula = encode(literals, bound, top_id=self.top_variable, encoding=encoding)
        self.top_variable = max(self.top_variable, formula.nv)
        self.clauses.extend(guard + clause for clause in formula.clauses)

    def _add_at_most_one(self, literals: list[int]) -> None:
        if len(literals) <= MAX_PAIRWISE:
            self.clauses.extend([-a, -b] for n, a in enumerate(literals) for b in literals[:n])
        else:
            self._add_cardinality(CardEnc.atmost, literals, 1, EncType.ladder, [])

    def _add_meetings(self) -> None:
        for m, cells in enumerate(self.x):
            literals = list(cells.values())
            self.clauses.append(self._guard(Constraint("required", self.problem.meeting_ids[m])) + literals)
            self._add_at_most_one(literals)
            for cell, constraints in self.problem.blocked[m].items():
                if cell in cells:
                    for constraint in dict.fromkeys(constraints):
                        self.clauses.append([*self._guard(constraint), -cells[cell]])

    def _add_persons(self) -> None:
        slot_of = self.problem.slot_of
        for meetings in self.problem.meetings_of:
            by_slot: dict[int, list[int]] = {}
            for m in meetings:
                for cell, literal in self.x[m].items():
                    by_slot.setdefault(slot_of[cell], []).append(literal)
            busy = {}
            for slot in sorted(by_slot):
                busy[slot] = self.new_variable()
                self.clauses.append([-busy[slot], *by_slot[slot]])
                self.clauses.extend([-literal, busy[slot]] for literal in by_slot[slot])
                self._add_at_most_one(by_slot[slot])
            self.u.append(busy)
            if meetings:
                self._add_busy_count(meetings, busy)

    def _add_busy_count(self, meetings: list[int], busy: dict[int, int]) -> None:
        """Implied: a person is busy in as many slots as they have meetings, if all of these are scheduled."""
        guard = []
        if self.selectors:
            all_scheduled = self.new_variable()
            required = [Constraint("required", self.problem.meeting_ids[m]) for m in meetings]
            self.clauses.append([all_scheduled, *self._guard(*required)])
            guard = [-all_scheduled]
        if len(busy) < len(meetings):
            self.clauses.append(guard)
        else:
            self._add_cardinality(CardEnc.equals, list(busy.values()), len(meetings), EncType.seqcounter, guard)

    def _add_tables(self) -> None:
        guard = self._guard(TABLES)
        for cell, capacity in enumerate(self.problem.capacity):
            literals = [cells[cell] for cells in self.x if cell in cells]
            if capacity == 0:
                self.clauses.extend([*guard, -literal] for literal in literals)
            elif len(literals) > capacity:
                self._add_cardinality(CardEnc.atmost, literals, capacity, EncType.seqcounter, guard)

    def _add_seats(self) -> None:
        """Implied if every meeting has two persons: a slot has at most two busy persons per table."""
        problem, guard = self.problem, self._guard(TABLES)
        if any(len(persons) != 2 for persons in problem.persons_of):
            return
        for slot in range(problem.slot_count):
            seats = 2 * sum(tables for cell, tables in enumerate(problem.capacity) if problem.slot_of[cell] == slot)
            literals = [busy[slot] for busy in self.u if slot in busy]
            if 0 < seats < len(literals):
                self._add_cardinality(CardEnc.atmost, literals, seats, EncType.seqcounter, guard)

    def _add_precedences(self) -> None:
        slot_of, ids = self.problem.slot_of, self.problem.meeting_ids
        for before, after in self.problem.precedences:
            guard = self._guard(
                Constraint("precedence", (ids[before], ids[after])), Constraint("required", ids[before])
            )
            for cell, literal in self.x[after].items():
                earlier = [other for c, other in self.x[before].items() if slot_of[c] < slot_of[cell]]
                self.clauses.append([*guard, -literal, *earlier])

    def _add_walking_times(self) -> None:
        """A variable per person and cell: the person is there; never in two incompatible cells."""
        incompatible = self.problem.incompatible
        if not incompatible:
            return
        for meetings in self.problem.meetings_of:
            present: dict[int, int] = {}
            for m in meetings:
                for cell, literal in self.x[m].items():
                    if cell not in present:
                        present[cell] = self.new_variable()
                    self.clauses.append([-literal, present[cell]])
            self.clauses.extend(
                [-present[cell], -present[other]]
                for cell in present
                for other in incompatible.get(cell, ())
                if cell < other and other in present
            )

    def encode_gaps(self) -> list[int]:
        """Add clauses that count gaps; the number of gaps is the number of returned literals that are true."""
        gap_literals = []
        for meetings, busy in zip(self.problem.meetings_of, self.u, strict=True):
            if 1 < len(meetings) <= len(busy):
                gap_literals.extend(self._encode_person_gaps(len(meetings), busy))
        return gap_literals

    def _encode_person_gaps(self, meetings: int, busy: dict[int, int]) -> list[int]:
        """Literals k = 0, 1, …: the person has more than k gaps. `busy`: {slot: variable} of the person."""
        max_gaps = min(meetings - 1, max(busy) - min(busy) + 1 - meetings)
        resumptions = self._encode_resumptions(busy)
        if max_gaps <= 0 or not resumptions:
            self.clauses.extend([-resumption] for resumption in resumptions)
            return []
        more_than = self._sequential_counter(resumptions, max_gaps)
        self.clauses.append([more_than[0], *self._encode_runs(meetings, busy)])
        return more_than

    def _encode_resumptions(self, busy: dict[int, int]) -> list[int]:
        """Literals that are true in each slot in which the person is busy again after an idle slot."""
        resumptions: list[int] = []
        begun: int | None = None
        """True if the person is busy in this or an earlier slot."""
        for slot in range(min(busy), max(busy) + 1):
            begun_now = self.new_variable()
            here = [busy[slot]] if slot in busy else []
            before = [begun] if begun else []
            self.clauses.append([-begun_now, *here, *before])
            self.clauses.extend([-literal, begun_now] for literal in here + before)
            if here and begun:
                resumption = self.new_variable()
                previous = [busy[slot - 1]] if slot - 1 in busy else []
                self.clauses.append([resumption, -busy[slot], -begun, *previous])
                resumptions.append(resumption)
            begun = begun_now
        return resumptions

    def _encode_runs(self, meetings: int, busy: dict[int, int]) -> list[int]:
        """A literal for each run of consecutive slots that holds all meetings of a person; true only if it does."""
        runs = []
        for start in busy:
            slots = range(start, start + meetings)
            if all(slot in busy for slot in slots):
                runs.append(self.new_variable())
                self.clauses.extend([-runs[-1], busy[slot]] for slot in slots)
        return runs

    def _sequential_counter(self, literals: list[int], limit: int) -> list[int]:
        """Outputs k = 0 … limit − 1: more than k of the literals are true. More than `limit` cannot be true."""
        previous: list[int] = []
        for n, literal in enumerate(literals):
            current = [self.new_variable() for _ in range(min(n + 1, limit))]
            self.clauses.append([-literal, current[0]])
            for k, count in enumerate(previous):
                self.clauses.append([-count, current[k]])
                carry = [current[k + 1]] if k + 1 < len(current) else []
                self.clauses.append([-count, -literal, *carry])
            previous = current
        self.clauses.extend([-high, low] for low, high in pairwise(previous))
        return previous
