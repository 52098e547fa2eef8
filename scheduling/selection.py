"""Upper bounds, and which meetings to select if not all fit: a linear programme solved by HiGHS.

Without slots the programme is a b-matching: a person has at most as many meetings as slots in which one is possible,
and all meetings together at most as many as there are tables. Between two disjoint sides (firms and institutions) its
vertices are integral. Small events also get one variable per (meeting, cell), which gives tighter bounds.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from scheduling.problem import Problem
from scheduling.schedule import Outlook

MAX_CELL_VARIABLES = 20_000
"""Most (meeting, cell) pairs for which the programme has a variable each."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Optimal solutions of the programme."""

    fractions: list[float]
    """Value of each meeting, 0–1, if parties served come before weight."""
    overall_fractions: list[float]
    """The same if weight alone counts."""
    served_bound: int
    """Upper bound of parties with a meeting."""
    weight_bound: float
    """Upper bound of the weight of schedules that serve `served_bound` parties."""
    overall_weight_bound: float
    """Upper bound of the weight of any schedule."""
    outlook: dict[str, Outlook]
    """Of both orders: `served_first` and `weight_first`."""


def select_meetings(problem: Problem) -> Selection:
    programme = _LinearProgramme(problem)
    overall_weight, overall_fractions = programme.maximum(programme.weights)
    served, _ = programme.maximum(programme.served)
    served_bound = int(served + 1e-6)
    weight, fractions = programme.maximum(programme.weights, min_served=served_bound)
    outlook = {
        "served_first": _outlook(problem, fractions, weight),
        "weight_first": _outlook(problem, overall_fractions, overall_weight),
    }
    return Selection(fractions, overall_fractions, served_bound, weight, overall_weight, outlook)


def _outlook(problem: Problem, fractions: list[float], weight: float) -> Outlook:
    served = {party for m, pair in enumerate(problem.parties_of) for party in pair if fractions[m] > 1e-6}
    return Outlook(len(served), weight, round(sum(fractions)))


class _LinearProgramme:
    """Variables in this order: each meeting, each party (served or not), then each (meeting, cell) pair if few."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.meetings, self.parties = len(problem.persons_of), len(problem.max_meetings)
        self.pairs = [(m, cell) for m, cells in enumerate(problem.allowed) for cell in cells]
        self.has_cells = len(self.pairs) <= MAX_CELL_VARIABLES
        self.size = self.meetings + self.parties + (len(self.pairs) if self.has_cells else 0)
        self.entries: list[tuple[int, int, float]] = []
        """(row, column, coefficient) of the constraint matrix, whose rows are at most `limits`."""
        self.limits: list[float] = []
        self.weights = [*problem.weights, *[0.0] * (self.size - self.meetings)]
        self.served = [float(self.meetings <= n < self.meetings + self.parties) for n in range(self.size)]
        self._add_parties()
        self._add_persons()
        if self.has_cells:
            self._add_cells()
        else:
            self._add_row(((m, 1.0) for m in range(self.meetings)), sum(problem.capacity))

    def maximum(self, objective: Sequence[float], min_served: int | None = None) -> tuple[float, list[float]]:
        """The optimal value and the values of the meetings.

        If the required meetings do not fit, the value is a trivial bound; the exact search then proves infeasibility.
        """
        import numpy as np  # slow to load, and not needed by web processes
        from scipy.optimize import linprog
        from scipy.sparse import csr_array

        if self.size == 0:
            return 0.0, []
        entries, limits = list(self.entries), list(self.limits)
        if min_served is not None:
            entries += [(len(limits), self.meetings + n, -1.0) for n in range(self.parties)]
            limits.append(-min_served)
        row, column, value = zip(*entries, strict=True)
        matrix: Any = csr_array((value, (row, column)), shape=(len(limits), self.size))  # the stubs lack sparse A_ub
        solution = linprog(
            -np.asarray(objective),
            A_ub=matrix,
            b_ub=limits,
            bounds=self._bounds(),
            method="highs-ds",
        )
        if solution.x is None or solution.fun is None:
            return float(np.sum(objective)), [1.0] * self.meetings
        return float(-solution.fun), [float(fraction) for fraction in solution.x[: self.meetings]]

    def _bounds(self) -> list[tuple[float, float]]:
        problem = self.problem
        of_meetings = [
            ((1.0 if problem.required[m] else 0.0), 1.0) if problem.allowed[m] else (0.0, 0.0)
            for m in range(self.meetings)
        ]
        return of_meetings + [(0.0, 1.0)] * (self.size - self.meetings)

    def _add_row(self, coefficients: Iterable[tuple[int, float]], limit: float) -> None:
        self.entries += [(len(self.limits), column, value) for column, value in coefficients]
        self.limits.append(limit)

    def _add_parties(self) -> None:
        """A party is served only if one of its meetings is; limits of parties; precedences."""
        meetings_of: list[list[int]] = [[] for _ in range(self.parties)]
        for m, pair in enumerate(self.problem.parties_of):
            for party in pair:
                meetings_of[party].append(m)
        for party, meetings in enumerate(meetings_of):
            self._add_row([(self.meetings + party, 1.0), *((m, -1.0) for m in meetings)], 0.0)
            if self.problem.max_meetings[party] < len(meetings):
                self._add_row([(m, 1.0) for m in meetings], self.problem.max_meetings[party])
        for before, after in self.problem.precedences:
            self._add_row([(after, 1.0), (before, -1.0)], 0.0)

    def _add_persons(self) -> None:
        """A person has at most as many meetings as slots in which one is possible."""
        problem = self.problem
        for meetings in problem.meetings_of:
            slots = {problem.slot_of[cell] for m in meetings for cell in problem.allowed[m]}
            if len(meetings) > len(slots):
                self._add_row([(m, 1.0) for m in meetings], len(slots))

    def _add_cells(self) -> None:
        """A meeting is in at most one cell, a person in one meeting per slot, and cells have limited tables."""
        problem = self.problem
        groups: dict[tuple[Hashable, ...], tuple[int, list[int]]] = {}
        """(most variables with value 1, columns of the variables) by what they share."""

        def add(column: int, limit: int, *key: Hashable) -> None:
            groups.setdefault(key, (limit, []))[1].append(column)

        for column, (m, cell) in enumerate(self.pairs, start=self.meetings + self.parties):
            add(column, 1, "meeting", m)
            add(column, problem.capacity[cell], "cell", cell)
            for person in problem.persons_of[m]:
                add(column, 1, "person", person, problem.slot_of[cell])
        for m in range(self.meetings):
            _, columns = groups.get(("meeting", m), (1, []))
            self._add_row([(m, 1.0), *((column, -1.0) for column in columns)], 0.0)
        for limit, columns in groups.values():
            if len(columns) > limit:
                self._add_row([(column, 1.0) for column in columns], limit)
