"""Which wishes to take where not all can be held: a linear programme, whose value no plan can surpass.

Without slots it is a b-matching: a person has as many meetings as slots in which one is possible, all together as many
as there are tables. Its corners are whole numbers when the two sides are firms and institutions. Where the event is
small enough, slots are told apart as well, which bounds more tightly.
"""

from dataclasses import dataclass

from scheduling.problem import Problem

BY_SLOT = 20_000
"""Largest number of (wish, cell) pairs for which slots are told apart."""


@dataclass(frozen=True, slots=True)
class Choice:
    share: list[float]
    """How much of each meeting the programme takes, 0–1, in a best solution."""
    served_bound: int
    weight_bound: float
    """Most weight of plans that serve as many parties as `served_bound`."""
    weight_bound_any: float
    """Most weight of any plan."""


def choose(problem: Problem) -> Choice:
    rows = _Rows(problem)
    any_weight = rows.best(rows.weights)
    served, _ = rows.best(rows.served)
    served_bound = int(served + 1e-6)
    weight, share = rows.best(rows.weights, served=served_bound)
    return Choice(share, served_bound, weight, any_weight[0])


class _Rows:
    """Variables: one per wish, one per party (served or not), then one per wish and cell if slots are told apart."""

    def __init__(self, problem: Problem):
        import numpy as np

        self.problem = problem
        self.wishes, self.parties = len(problem.of), len(problem.most)
        self.pairs = [(m, cell) for m, cells in enumerate(problem.allowed) for cell in cells]
        self.by_slot = len(self.pairs) <= BY_SLOT
        self.size = self.wishes + self.parties + (len(self.pairs) if self.by_slot else 0)
        self.entries: list[tuple[int, int, float]] = []
        self.limits: list[float] = []
        self.weights = np.zeros(self.size)
        self.weights[: self.wishes] = problem.weight
        self.served = np.zeros(self.size)
        self.served[self.wishes : self.wishes + self.parties] = 1
        self._parties()
        self._persons()
        self._tables()

    def best(self, aim, served: int | None = None) -> tuple[float, list[float]]:
        import numpy as np
        from scipy.optimize import linprog
        from scipy.sparse import csr_array

        if self.size == 0:
            return 0.0, []
        entries, limits = list(self.entries), list(self.limits)
        if served is not None:
            entries += [(len(limits), self.wishes + n, -1.0) for n in range(self.parties)]
            limits.append(-served)
        row, column, value = zip(*entries, strict=True)
        bounds = [
            ((1.0 if self.problem.must[m] else 0.0), 1.0) if self.problem.allowed[m] else (0.0, 0.0)
            for m in range(self.wishes)
        ] + [(0.0, 1.0)] * (self.size - self.wishes)
        answer = linprog(
            -np.asarray(aim),
            A_ub=csr_array((value, (row, column)), shape=(len(limits), self.size)),
            b_ub=limits,
            bounds=bounds,
            method="highs-ds",
        )
        if answer.x is None:  # what must be held is more than fits; the exact search says so in words
            return float(np.sum(aim)), [1.0] * self.wishes
        return -answer.fun, answer.x[: self.wishes].tolist()

    def _row(self, entries, limit: float) -> None:
        self.entries += [(len(self.limits), column, value) for column, value in entries]
        self.limits.append(limit)

    def _parties(self) -> None:
        of: list[list[int]] = [[] for _ in range(self.parties)]
        for m, pair in enumerate(self.problem.parties):
            for party in pair:
                of[party].append(m)
        for party, wishes in enumerate(of):
            self._row([(self.wishes + party, 1.0), *((m, -1.0) for m in wishes)], 0.0)
            if self.problem.most[party] < len(wishes):
                self._row([(m, 1.0) for m in wishes], self.problem.most[party])
        for before, after in self.problem.orders:
            self._row([(after, 1.0), (before, -1.0)], 0.0)

    def _persons(self) -> None:
        problem = self.problem
        for meetings in problem.meetings_of:
            slots = {problem.slot_of[cell] for m in meetings for cell in problem.allowed[m]}
            if len(meetings) > len(slots):
                self._row([(m, 1.0) for m in meetings], len(slots))

    def _tables(self) -> None:
        problem = self.problem
        if not self.by_slot:
            self._row([(m, 1.0) for m in range(self.wishes)], sum(problem.room))
            return
        first = self.wishes + self.parties
        at: dict = {}
        for column, (m, cell) in enumerate(self.pairs, start=first):
            at.setdefault(("wish", m), []).append(column)
            at.setdefault(("cell", cell), []).append(column)
            for person in problem.of[m]:
                at.setdefault(("person", person, problem.slot_of[cell]), []).append(column)
        for m in range(self.wishes):
            self._row([(m, 1.0), *((column, -1.0) for column in at.get(("wish", m), ()))], 0.0)
        for key, columns in at.items():
            limit = problem.room[key[1]] if key[0] == "cell" else 1
            if len(columns) > limit:
                self._row([(column, 1.0) for column in columns], limit)
