"""Searches for the timetable of given meetings with the fewest gaps; each runs in a process of its own.

`guided` raises a lower bound core by core (RC2 on CaDiCaL), `rising` gap by gap; each has a plan only at its end, which
is then the best there is, and each is quick where the other is slow. `improved` finds plans at once and better ones
after. Their limits are counted in conflicts and moves, not in seconds: each does the same on every machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise

from pysat.card import ITotalizer
from pysat.examples.rc2 import RC2
from pysat.formula import WCNF
from pysat.solvers import Cadical153, Cadical195

from scheduling.board import Board
from scheduling.encoding import Encoding
from scheduling.placing import Placing
from scheduling.problem import Problem

GAPLESS_CONFLICTS = 60_000
STEP_CONFLICTS = 200_000
SHIFTS = 400_000
ATTEMPT_CONFLICTS = 250_000
ATTEMPTS = ((Cadical195, {"target": 2}), (Cadical153, {}), (Cadical153, {"target": 2}))
"""Solvers `rising` asks in turn; `target` 2 makes CaDiCaL look for plans rather than for proofs that there is none."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search tells: a plan (the cell of each meeting), a lower bound of gaps, or both."""

    cells: list[int] | None = None
    gaps: int | None = None
    bound: int = 0
    infeasible: bool = False
    no_gapless: bool = False
    """`improved` has done with looking for a plan without gaps."""


class _Telling(RC2):
    """RC2 that tells the bound after each core."""

    def __init__(self, *args, **kwargs):
        self.bounds: list[int] = []
        super().__init__(*args, **kwargs)

    def steps(self) -> Iterator[int]:
        """Lower bounds as they rise; afterwards `model` is the best assignment, or None if there is none."""
        self.adapt_am1()
        self.model = None
        yield self.cost
        while not self.oracle.solve(assumptions=self.sels + self.sums):
            self.get_core()
            if not self.core:
                return
            self.process_core()
            yield self.cost
        self.model = self.oracle.get_model()


def guided(problem: Problem) -> Iterator[Found]:
    encoding = Encoding(problem)
    counted = encoding.count_gaps()
    formula = WCNF()
    for clause in encoding.clauses:
        formula.append(clause)
    for literal in counted:
        formula.append([-literal], weight=1)
    with _Telling(formula, solver="cadical153") as search:
        bound = 0
        for bound in search.steps():
            yield Found(bound=bound)
        if search.model is None:
            yield Found(infeasible=True)
        else:
            yield Found(encoding.slots_of(search.model), bound, bound)


def rising(problem: Problem) -> Iterator[Found]:
    """Asks for a plan without gaps, then with one, with two …; the first there is, is best.

    Where a few gaps are hard to avoid this is quicker by far than cores of single persons.
    """
    encoding = Encoding(problem)
    counted = encoding.count_gaps()
    for gaps in range(len(counted) + 1):
        # A new solver each time: a limit it may build on from the start is worth more than what it learned before.
        with _answered(encoding.clauses + _at_most(encoding, counted, gaps)) as (solver, answer):
            if answer:
                cells, found = _plan(encoding, counted, solver)
                yield Found(cells, found, gaps)
                return
        yield Found(bound=gaps + 1)
    yield Found(infeasible=True)


@contextmanager
def _answered(clauses: list[list[int]]) -> Iterator[tuple[Cadical153 | Cadical195, bool]]:
    """A solver that has an answer, and the answer: several take turns, with more conflicts each time.

    Which of them is lucky with a plan that hardly exists differs by a factor of ten from one instance to the next.
    """
    conflicts = ATTEMPT_CONFLICTS
    while True:
        for make, options in ATTEMPTS:
            with make() as solver:
                if options:
                    solver.configure(options)
                solver.append_formula(clauses)
                solver.conf_budget(conflicts)
                answer = solver.solve_limited()
                if answer is not None:
                    yield solver, answer
                    return
        conflicts *= 2


def _at_most(encoding: Encoding, counted: list[int], gaps: int) -> list[list[int]]:
    if gaps >= len(counted):
        return []
    total = ITotalizer(counted, ubound=gaps + 1, top_id=encoding.top)
    return [*total.cnf.clauses, [-total.rhs[gaps]]]


def improved(problem: Problem) -> Iterator[Found]:
    encoding = Encoding(problem)
    counted = encoding.count_gaps()
    with Cadical195(bootstrap_with=encoding.clauses) as solver:
        if not solver.solve():
            yield Found(infeasible=True)
            return
        best, gaps = _plan(encoding, counted, solver)
        yield Found(best, gaps)
        if gaps:
            solver.conf_budget(GAPLESS_CONFLICTS)
            answer = solver.solve_limited(assumptions=[-literal for literal in counted])
            if answer:
                best, gaps = _plan(encoding, counted, solver)
                yield Found(best, gaps)
            elif answer is False:
                yield Found(bound=1)
        yield Found(no_gapless=True)
        if gaps:
            best, gaps = _shifted(problem, best, gaps)
            yield Found(best, gaps)
            yield from _fewer(encoding, counted, solver, best, gaps)


def _shifted(problem: Problem, cells: list[int], gaps: int) -> tuple[list[int], int]:
    """Fewer gaps by exchanging slots, from a plan: far quicker than clauses down to the last few."""
    board = Board(problem)
    for m, cell in sorted(enumerate(cells), key=lambda one: problem.slot_of[one[1]]):
        board.put(m, cell)
    board.keep()
    for _ in Placing(board, [1.0] * len(cells), 0).improve_gaps(SHIFTS):
        pass
    return (list(board.cell), board.gaps()) if board.gaps() < gaps else (cells, gaps)


def _fewer(encoding: Encoding, counted: list[int], solver, best: list[int], gaps: int) -> Iterator[Found]:
    """One less at a time, from the last plan's choices, until that is too hard: then the other two need the cores."""
    total = ITotalizer(counted, ubound=gaps, top_id=encoding.top)
    for clause in total.cnf.clauses:
        solver.add_clause(clause)
    while gaps:
        solver.set_phases([literals[cell] for literals, cell in zip(encoding.x, best, strict=True)])
        solver.conf_budget(STEP_CONFLICTS)
        answer = solver.solve_limited(assumptions=[-total.rhs[gaps - 1]])
        if answer is False:
            yield Found(bound=gaps)
        if not answer:
            return
        best, gaps = _plan(encoding, counted, solver)
        yield Found(best, gaps)


def mended(problem: Problem, old: list[int], told: list[int]) -> Iterator[Found]:
    """A plan in which the fewest people, besides those `told` anyway, have another list than in `old`.

    `old` is the cell of each meeting before, −1 for a new one.
    """
    encoding = Encoding(problem)
    formula = WCNF()
    for clause in encoding.clauses:
        formula.append(clause)
    for person, meetings in enumerate(problem.meetings_of):
        if person in told or not meetings or any(old[m] not in encoding.x[m] for m in meetings):
            continue
        same = encoding.new()
        for m in meetings:
            formula.append([-same, encoding.x[m][old[m]]])
        formula.append([same], weight=1)
    with RC2(formula, solver="cadical153") as search:
        model = search.compute()
    yield Found(infeasible=True) if model is None else Found(encoding.slots_of(model), search.cost)


def _plan(encoding: Encoding, counted: list[int], solver) -> tuple[list[int], int]:
    cells = encoding.slots_of(solver.get_model())
    return cells, count_gaps(encoding.problem, cells)


def count_gaps(problem: Problem, cells: list[int]) -> int:
    """Runs of idle slots between two meetings of one person, over all persons."""
    gaps = 0
    for meetings in problem.meetings_of:
        slots = sorted(problem.slot_of[cells[m]] for m in meetings)
        gaps += sum(later > earlier + 1 for earlier, later in pairwise(slots))
    return gaps
