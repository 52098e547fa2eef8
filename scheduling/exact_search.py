"""Exact searches over the SAT encoding of a problem; each runs in a process of its own.

Three searches minimise gaps. Each is fast on instances where another is slow:

- `core_guided` (RC2 on CaDiCaL) raises a lower bound core by core; it has a schedule only at its end, an optimal one.
- `lower_bounding` asks for a schedule with at most 0, 1, 2 … gaps; the first one is optimal.
- `solution_improving` finds a schedule at once and improves it.

`minimal_repair` minimises the people affected by a change. Limits are counted in conflicts and moves and not in
seconds, so that each search gives the same results on every machine.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from pysat.card import ITotalizer
from pysat.examples.rc2 import RC2
from pysat.formula import WCNF
from pysat.solvers import Cadical153, Cadical195

from scheduling.encoding import Clause, Encoding
from scheduling.local_search import LocalSearch
from scheduling.partial_schedule import PartialSchedule
from scheduling.problem import Problem

GAPLESS_CONFLICTS = 60_000
"""Conflict limit of the first attempt of `solution_improving` to find a schedule without gaps."""
STEP_CONFLICTS = 200_000
"""Conflict limit for each further gap that `solution_improving` removes."""
LOCAL_SEARCH_MOVES = 400_000
PORTFOLIO_CONFLICTS = 250_000
PORTFOLIO: tuple[tuple[Any, dict[str, int]], ...] = (
    (Cadical195, {"target": 2}),
    (Cadical153, {}),
    (Cadical153, {"target": 2}),
)
"""Solvers of `lower_bounding` with options; `target` 2 makes CaDiCaL prefer models to proofs of unsatisfiability."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """An intermediate or final result: a schedule, a lower bound of gaps, or both."""

    cells: list[int] | None = None
    """Cell of each meeting."""
    objective: int | None = None
    """Gaps of the schedule, or people affected for `minimal_repair`."""
    bound: int = 0
    infeasible: bool = False
    gapless_attempt_ended: bool = False
    """`solution_improving` no longer looks for a schedule without gaps."""
    stands_back: bool = False
    """What follows seldom decides: the process leaves the processor to the other searches."""


class _ReportingRC2(RC2):  # type: ignore[misc]  # python-sat is untyped
    """RC2 that reports the lower bound after each core."""

    def lower_bounds(self) -> Iterator[int]:
        """Rising lower bounds. Afterwards `model` is an optimal model, or None if the hard clauses are infeasible."""
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


def core_guided(problem: Problem) -> Iterator[SearchResult]:
    encoding = Encoding(problem)
    gap_literals = encoding.encode_gaps()
    formula = _weighted(encoding.clauses)
    for literal in gap_literals:
        formula.append([-literal], weight=1)
    with _ReportingRC2(formula, solver="cadical153") as search:
        bound = 0
        for bound in search.lower_bounds():
            yield SearchResult(bound=bound)
        if search.model is None:
            yield SearchResult(infeasible=True)
        else:
            yield SearchResult(encoding.cells_of(search.model), bound, bound)


def lower_bounding(problem: Problem) -> Iterator[SearchResult]:
    encoding = Encoding(problem)
    gap_literals = encoding.encode_gaps()
    for gaps in range(len(gap_literals) + 1):
        # A new solver for each bound: constraints known from the start help more than learned clauses.
        with _portfolio_answer(encoding.clauses + _at_most(encoding, gap_literals, gaps)) as (solver, is_satisfiable):
            if is_satisfiable:
                cells, objective = _schedule(encoding, solver)
                yield SearchResult(cells, objective, gaps)
                return
        yield SearchResult(bound=gaps + 1)
    yield SearchResult(infeasible=True)


@contextmanager
def _portfolio_answer(clauses: list[Clause]) -> Iterator[tuple[Any, bool]]:
    """(solver, whether the clauses are satisfiable): the solvers take turns with a growing conflict limit.

    On a nearly infeasible instance their times differ by a factor of ten; which one is fastest varies by instance.
    """
    conflicts = PORTFOLIO_CONFLICTS
    while True:
        for make_solver, options in PORTFOLIO:
            with make_solver() as solver:
                if options:
                    solver.configure(options)
                solver.append_formula(clauses)
                solver.conf_budget(conflicts)
                answer = solver.solve_limited()
                if answer is not None:
                    yield solver, answer
                    return
        conflicts *= 2


def _at_most(encoding: Encoding, gap_literals: list[int], gaps: int) -> list[Clause]:
    if gaps >= len(gap_literals):
        return []
    if gaps == 0:
        return [[-literal] for literal in gap_literals]  # unit clauses simplify more than a counter
    total = ITotalizer(gap_literals, ubound=gaps + 1, top_id=encoding.top_variable)
    return [*total.cnf.clauses, [-total.rhs[gaps]]]


def solution_improving(problem: Problem) -> Iterator[SearchResult]:
    """Any schedule; an attempt without gaps; local search; then one gap less at a time."""
    encoding = Encoding(problem)
    gap_literals = encoding.encode_gaps()
    with Cadical195(bootstrap_with=encoding.clauses) as solver:
        if not solver.solve():
            yield SearchResult(infeasible=True)
            return
        best, gaps = _schedule(encoding, solver)
        yield SearchResult(best, gaps)
        if gaps:
            solver.conf_budget(GAPLESS_CONFLICTS)
            answer = solver.solve_limited(assumptions=[-literal for literal in gap_literals])
            if answer:
                best, gaps = _schedule(encoding, solver)
                yield SearchResult(best, gaps)
            elif answer is False:
                yield SearchResult(bound=1)
        yield SearchResult(gapless_attempt_ended=True)
        if gaps:
            best, gaps = _improved_locally(problem, best, gaps)
            yield SearchResult(best, gaps, stands_back=True)
            yield from _fewer_gaps(encoding, gap_literals, solver, best, gaps)


def _improved_locally(problem: Problem, cells: list[int], gaps: int) -> tuple[list[int], int]:
    """The schedule after local search, which removes most gaps much faster than a SAT solver."""
    schedule = PartialSchedule(problem)
    for m, cell in sorted(enumerate(cells), key=lambda assignment: problem.slot_of[assignment[1]]):
        schedule.assign(m, cell)
    schedule.commit()
    for _ in LocalSearch(schedule, [1.0] * len(cells), 0).improve_gaps(LOCAL_SEARCH_MOVES):
        pass
    return (list(schedule.cell_of), schedule.gaps()) if schedule.gaps() < gaps else (cells, gaps)


def _fewer_gaps(
    encoding: Encoding, gap_literals: list[int], solver: Any, best: list[int], gaps: int
) -> Iterator[SearchResult]:
    """Warm-started from the last schedule, remove one gap at a time.

    Stops at the first conflict limit, to leave the processor to the other two searches.
    """
    total = ITotalizer(gap_literals, ubound=gaps, top_id=encoding.top_variable)
    for clause in total.cnf.clauses:
        solver.add_clause(clause)
    while gaps:
        solver.set_phases([literals[cell] for literals, cell in zip(encoding.x, best, strict=True)])
        solver.conf_budget(STEP_CONFLICTS)
        answer = solver.solve_limited(assumptions=[-total.rhs[gaps - 1]])
        if answer is False:
            yield SearchResult(bound=gaps)
        if not answer:
            return
        best, gaps = _schedule(encoding, solver)
        yield SearchResult(best, gaps)


def minimal_repair(problem: Problem, old: list[int], affected: list[int]) -> Iterator[SearchResult]:
    """A schedule in which the fewest people, besides those already `affected`, have other assignments than in `old`.

    `old`: previous cell of each meeting, −1 for a new meeting. `affected`: indices of persons.
    """
    encoding = Encoding(problem)
    formula = _weighted(encoding.clauses)
    for person, meetings in enumerate(problem.meetings_of):
        if person in affected or not meetings or any(old[m] not in encoding.x[m] for m in meetings):
            continue
        unchanged = encoding.new_variable()
        for m in meetings:
            formula.append([-unchanged, encoding.x[m][old[m]]])
        formula.append([unchanged], weight=1)
    with RC2(formula, solver="cadical153") as search:
        model = search.compute()
    if model is None:
        yield SearchResult(infeasible=True)
    else:
        yield SearchResult(encoding.cells_of(model), search.cost)


SEARCHES: dict[str, Callable[..., Iterator[SearchResult]]] = {
    "core_guided": core_guided,
    "lower_bounding": lower_bounding,
    "minimal_repair": minimal_repair,
    "solution_improving": solution_improving,
}
"""Searches that `search_processes` can run, by name."""


def _weighted(clauses: list[Clause]) -> WCNF:
    formula = WCNF()
    for clause in clauses:
        formula.append(clause)
    return formula


def _schedule(encoding: Encoding, solver: Any) -> tuple[list[int], int]:
    """(cell of each meeting, gaps) of the solver's model."""
    cells = encoding.cells_of(solver.get_model())
    return cells, count_gaps(encoding.problem, cells)


def count_gaps(problem: Problem, cells: list[int]) -> int:
    """Runs of idle slots between two meetings of one person, summed over all persons."""
    gaps = 0
    for meetings in problem.meetings_of:
        slots = sorted(problem.slot_of[cells[m]] for m in meetings)
        gaps += sum(later > earlier + 1 for earlier, later in pairwise(slots))
    return gaps
