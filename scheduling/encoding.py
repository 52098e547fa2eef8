"""A timetable of given meetings as clauses.

x[m][c]: meeting m is in cell c; u[p][t]: person p has a meeting in slot t. Each meeting is in exactly one cell, each
person in at most one meeting per slot, at most as many meetings in a cell as it has tables. What follows from this is
said as well: a person is busy in exactly as many slots as they have meetings, and at most so many persons are busy in
a slot as sit at its tables. Gaps are counted per person (`more[p][k]`: more than k gaps), so that a solver's reasons
speak of persons and not of moments; a person without a gap starts somewhere and goes on until done.

After Bofill et al., JAIR 2022 (article 12670).
"""

from collections.abc import Iterable, Mapping
from itertools import pairwise

from pysat.card import CardEnc, EncType

from scheduling.problem import Problem
from scheduling.rules import TABLES, Rule


class Encoding:
    """Clauses of a problem whose meetings are all held.

    With `selectors` a limit binds only while its literal is assumed, and the meetings may be left out too.
    """

    def __init__(self, problem: Problem, selectors: Iterable[Rule] = ()):
        self.problem = problem
        self.clauses: list[list[int]] = []
        self.top = 0
        self.selector: Mapping[Rule, int] = {rule: self.new() for rule in selectors}
        self.x = [{cell: self.new() for cell in self._cells(m)} for m in range(len(problem.of))]
        self.u: list[dict[int, int]] = []
        self._meetings()
        self._persons()
        self._tables()
        self._orders()
        self._walks()

    def new(self) -> int:
        self.top += 1
        return self.top

    def slots_of(self, model: Iterable[int]) -> list[int]:
        """The cell of each meeting in a solver's model."""
        true = set(model)
        return [next(cell for cell, literal in cells.items() if literal in true) for cells in self.x]

    def _cells(self, meeting: int) -> list[int]:
        """Allowed cells; with selectors also those which a limit with a selector forbids."""
        problem = self.problem
        if not self.selector:
            return problem.allowed[meeting]
        return [
            cell
            for cell in range(len(problem.cells))
            if all(rule in self.selector for rule in problem.blocked[meeting].get(cell, ()))
            and (problem.room[cell] > 0 or TABLES in self.selector)
        ]

    def _guard(self, *rules: Rule) -> list[int]:
        return [-self.selector[rule] for rule in rules if rule in self.selector]

    def _card(self, kind, literals: list[int], bound: int, encoding: int, guard: list[int]) -> None:
        made = kind(literals, bound, top_id=self.top, encoding=encoding)
        self.top = max(self.top, made.nv)
        self.clauses.extend(guard + clause for clause in made.clauses)

    def _at_most_one(self, literals: list[int]) -> None:
        if len(literals) <= 5:
            self.clauses.extend([-a, -b] for n, a in enumerate(literals) for b in literals[:n])
        else:
            self._card(CardEnc.atmost, literals, 1, EncType.ladder, [])

    def _meetings(self) -> None:
        for m, cells in enumerate(self.x):
            literals = list(cells.values())
            self.clauses.append(self._guard(Rule("hold", self.problem.wishes[m])) + literals)
            self._at_most_one(literals)
            for cell, rules in self.problem.blocked[m].items():
                if cell in cells:
                    self.clauses.extend([*self._guard(rule), -cells[cell]] for rule in dict.fromkeys(rules))

    def _persons(self) -> None:
        slot_of = self.problem.slot_of
        for meetings in self.problem.meetings_of:
            by_slot: dict[int, list[int]] = {}
            for m in meetings:
                for cell, literal in self.x[m].items():
                    by_slot.setdefault(slot_of[cell], []).append(literal)
            busy = {}
            for slot in sorted(by_slot):
                busy[slot] = self.new()
                self.clauses.append([-busy[slot], *by_slot[slot]])
                self.clauses.extend([-literal, busy[slot]] for literal in by_slot[slot])
                self._at_most_one(by_slot[slot])
            self.u.append(busy)
            if meetings:
                self._busy_as_often_as_meeting(meetings, busy)

    def _busy_as_often_as_meeting(self, meetings: list[int], busy: dict[int, int]) -> None:
        guard = []
        if self.selector:
            held = self.new()
            rules = [Rule("hold", self.problem.wishes[m]) for m in meetings]
            self.clauses.append([held, *self._guard(*rules)])
            guard = [-held]
        if len(busy) < len(meetings):
            self.clauses.append(guard)
        else:
            self._card(CardEnc.equals, list(busy.values()), len(meetings), EncType.seqcounter, guard)

    def _tables(self) -> None:
        problem, guard = self.problem, self._guard(TABLES)
        for cell, room in enumerate(problem.room):
            literals = [cells[cell] for cells in self.x if cell in cells]
            if room == 0:
                self.clauses.extend([*guard, -literal] for literal in literals)
            elif len(literals) > room:
                self._card(CardEnc.atmost, literals, room, EncType.seqcounter, guard)
        if any(len(persons) != 2 for persons in problem.of):
            return
        for slot in range(problem.slots):
            seats = 2 * sum(room for cell, room in enumerate(problem.room) if problem.slot_of[cell] == slot)
            literals = [busy[slot] for busy in self.u if slot in busy]
            if 0 < seats < len(literals):
                self._card(CardEnc.atmost, literals, seats, EncType.seqcounter, guard)

    def _orders(self) -> None:
        slot_of, wishes = self.problem.slot_of, self.problem.wishes
        for before, after in self.problem.orders:
            guard = self._guard(Rule("order", (wishes[before], wishes[after])), Rule("hold", wishes[before]))
            for cell, literal in self.x[after].items():
                earlier = [other for c, other in self.x[before].items() if slot_of[c] < slot_of[cell]]
                self.clauses.append([*guard, -literal, *earlier])

    def _walks(self) -> None:
        """w: a person is in a cell; not in two between which there is no time to walk."""
        far = self.problem.far
        if not far:
            return
        for meetings in self.problem.meetings_of:
            inside: dict[int, int] = {}
            for m in meetings:
                for cell, literal in self.x[m].items():
                    inside.setdefault(cell, 0)
                    inside[cell] = inside[cell] or self.new()
                    self.clauses.append([-literal, inside[cell]])
            self.clauses.extend(
                [-inside[one], -inside[other]]
                for one in inside
                for other in far.get(one, ())
                if one < other and other in inside
            )

    def count_gaps(self) -> list[int]:
        """Add the counting of gaps; the literals whose number of true ones is the number of gaps."""
        counted = []
        for meetings, busy in zip(self.problem.meetings_of, self.u, strict=True):
            if 1 < len(meetings) <= len(busy):
                counted.extend(self._gaps(len(meetings), busy))
        return counted

    def _gaps(self, number: int, busy: dict[int, int]) -> list[int]:
        starts_again = []
        begun = None
        for slot in range(min(busy), max(busy) + 1):
            now = self.new()
            here = [busy[slot]] if slot in busy else []
            before = [begun] if begun else []
            self.clauses.append([-now, *here, *before])
            self.clauses.extend([-one, now] for one in here + before)
            if here and begun:
                again = self.new()
                self.clauses.append([again, -busy[slot], -begun, *([busy[slot - 1]] if slot - 1 in busy else [])])
                starts_again.append(again)
            begun = now
        most = min(number - 1, max(busy) - min(busy) + 1 - number)
        if most <= 0 or not starts_again:
            self.clauses.extend([-again] for again in starts_again)
            return []
        more = self._counter(starts_again, most)
        runs = []
        for start in busy:
            run = range(start, start + number)
            if all(slot in busy for slot in run):
                runs.append(self.new())
                self.clauses.extend([-runs[-1], busy[slot]] for slot in run)
        self.clauses.append([more[0], *runs])
        return more

    def _counter(self, literals: list[int], most: int) -> list[int]:
        """Outputs k = 0 … most − 1, true if more than k literals are; more than `most` cannot be."""
        previous: list[int] = []
        for n, literal in enumerate(literals):
            current = [self.new() for _ in range(min(n + 1, most))]
            self.clauses.append([-literal, current[0]])
            for k, seen in enumerate(previous):
                self.clauses.append([-seen, current[k]])
                onward = [current[k + 1]] if k + 1 < len(current) else []
                self.clauses.append([-seen, -literal, *onward])
            previous = current
        self.clauses.extend([-high, low] for low, high in pairwise(previous))
        return previous
