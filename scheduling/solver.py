"""The solver: a complete schedule at once, then better ones until optimality is proven or the time is over.

Objectives in order: hard constraints; parties with at least one meeting; weight; gaps; evenness; few changes of table.
Meetings are selected and placed first (`local_search`, with bounds from `selection`); then the gaps of the selected
meetings are reduced, exactly if the event is small enough (`exact_search`); tables come last (`table_assignment`).
"""

import time
from collections.abc import Callable, Iterator

from scheduling.event import Event
from scheduling.exact_search import SearchResult
from scheduling.infeasibility import explain_infeasible, find_overload_conflict
from scheduling.left_out import left_out_reasons
from scheduling.local_search import LocalSearch
from scheduling.partial_schedule import UNASSIGNED, PartialSchedule
from scheduling.portfolio import Portfolio
from scheduling.problem import Problem, compile_event
from scheduling.schedule import Schedule, SolverProgress, measure
from scheduling.search_processes import SearchProcesses
from scheduling.selection import Selection, select_meetings
from scheduling.table_assignment import assign_tables

MAX_EXACT_CELLS = 4_000
"""Most (meeting, cell) pairs for which gaps are minimised exactly, unless all meetings are required."""
WEIGHT_MOVES, GAP_MOVES = 200_000, 1_000_000
"""Moves of the local search for each objective."""
WEIGHT_REPORT_SECONDS, GAP_REPORT_SECONDS = 1.0, 2.0
"""Shortest time between two progress reports."""
NO_SCHEDULE_IN_TIME = "在给定时间内没有得到完整日程，请延长时间后重试。"


def _never() -> bool:
    return False


def improving_schedules(
    event: Event,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    stopped: Callable[[], bool] = _never,
    serve_first: bool = True,
) -> Iterator[SolverProgress]:
    """Complete schedules, each better than the last.

    Ends when the best schedule is proven optimal, the searches have ended, after `seconds`, or when `stopped()` is
    true. With `serve_first` more parties served come before more weight, else weight alone counts. The same event and
    seed give the same last schedule if the searches end by themselves.
    Raises InfeasibleError if the required meetings cannot be scheduled, TimeoutError if that takes too long.
    """
    yield from _Solver(event, seconds, seed, stopped, serve_first).run()


def solve(
    event: Event,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    progress: Callable[[SolverProgress], None] | None = None,
    stopped: Callable[[], bool] = _never,
    serve_first: bool = True,
) -> SolverProgress:
    """The last of `improving_schedules`; `progress` is called with each. Raises TimeoutError if there is none."""
    best: SolverProgress | None = None
    schedules = improving_schedules(event, seconds=seconds, seed=seed, stopped=stopped, serve_first=serve_first)
    for best in schedules:
        if progress:
            progress(best)
    if best is None:
        raise TimeoutError(NO_SCHEDULE_IN_TIME)
    return best


class _Solver:
    def __init__(self, event: Event, seconds: float, seed: int, stopped: Callable[[], bool], serve_first: bool) -> None:
        self.event, self.seed, self.stopped, self.serve_first = event, seed, stopped, serve_first
        self.start = time.monotonic()
        self.deadline = self.start + seconds
        self.weight_deadline = self.start + seconds / 2  # the other half is for gaps
        self.problem = compile_event(event)
        self.selection = _everything(self.problem)
        self.gaps_bound = 0

    def run(self) -> Iterator[SolverProgress]:
        problem = self.problem
        required = [m for m, is_required in enumerate(problem.required) if is_required]
        if conflict := find_overload_conflict(self.event, problem.subproblem(required)):
            raise conflict
        if len(required) == len(problem.persons_of):
            self.selection = _everything(problem)
            yield from self._minimise_gaps(problem, required, None)
            return
        schedule = PartialSchedule(problem)
        if required:
            self._place_required(schedule, required)
        self.selection = select_meetings(problem)
        yield from self._maximise_weight(schedule)
        scheduled = list(schedule.assigned_cells())
        if scheduled and not self._is_over() and schedule.gaps():
            yield from self._reduce_gaps(schedule)
            restricted = problem.subproblem(scheduled)
            is_small = sum(map(len, restricted.allowed)) <= MAX_EXACT_CELLS
            if schedule.gaps() and is_small and not self._is_over():
                yield from self._minimise_gaps(restricted, scheduled, schedule.gaps())

    def _is_over(self) -> bool:
        return self.stopped() or time.monotonic() >= self.deadline

    def _place_required(self, schedule: PartialSchedule, required: list[int]) -> None:
        """Assign the required meetings. Raises InfeasibleError, TimeoutError."""
        restricted = self.problem.subproblem(required)
        with SearchProcesses() as searches:
            searches.start("solution_improving", restricted)
            for _, result in searches.results(self.deadline, self.stopped):
                for m, cell in zip(required, self._cells(result, restricted), strict=True):
                    schedule.assign(m, cell)
                schedule.commit()
                return
        raise TimeoutError(NO_SCHEDULE_IN_TIME)

    def _cells(self, result: SearchResult, problem: Problem) -> list[int]:
        """The schedule of a result. Raises InfeasibleError if there is none."""
        if result.cells is None:
            raise explain_infeasible(self.event, problem)
        return result.cells

    def _maximise_weight(self, schedule: PartialSchedule) -> Iterator[SolverProgress]:
        search = LocalSearch(schedule, self._fractions(), self.seed, serve_first=self.serve_first)
        search.construct()
        best = (schedule.served_parties(), schedule.total_weight())
        yield self._progress(dict(enumerate(schedule.cell_of)), "weight")
        if self._reaches_bounds(*best):
            return
        reported_at = time.monotonic()
        for _ in search.improve_weight(WEIGHT_MOVES):
            if self._is_over() or time.monotonic() >= self.weight_deadline:
                break
            if time.monotonic() - reported_at > WEIGHT_REPORT_SECONDS:
                reported_at = time.monotonic()
                progress = self._progress(dict(enumerate(search.best)), "weight")
                reached = (progress.metrics.served, progress.metrics.weight)
                if self._rank(*reached) > self._rank(*best):
                    best = reached
                    yield progress
                if self._reaches_bounds(*best):
                    break
        search.restore(search.best)
        yield self._progress(dict(enumerate(schedule.cell_of)), "weight")

    def _fractions(self) -> list[float]:
        return self.selection.fractions if self.serve_first else self.selection.overall_fractions

    def _rank(self, served: int, weight: float) -> tuple[float, ...]:
        return (served, weight) if self.serve_first else (weight,)

    def _reaches_bounds(self, served: int, weight: float) -> bool:
        is_served = not self.serve_first or served >= self.selection.served_bound
        return is_served and weight >= self._weight_bound(served) - 1e-6

    def _weight_bound(self, served: int) -> float:
        selection = self.selection
        if not self.serve_first:
            return selection.overall_weight_bound
        return selection.weight_bound if served >= selection.served_bound else selection.overall_weight_bound

    def _reduce_gaps(self, schedule: PartialSchedule) -> Iterator[SolverProgress]:
        """Local search on the gaps of the scheduled meetings."""
        search = LocalSearch(schedule, self._fractions(), self.seed)
        reported_at = time.monotonic()
        for objective in search.improve_gaps(GAP_MOVES):
            if self._is_over() or objective > -1e-6:  # no gap is left
                break
            if time.monotonic() - reported_at > GAP_REPORT_SECONDS:
                reported_at = time.monotonic()
                yield self._progress(dict(enumerate(search.best)), "gaps")
        search.restore(search.best)
        yield self._progress(dict(enumerate(schedule.cell_of)), "gaps")

    def _minimise_gaps(self, problem: Problem, meetings: list[int], gaps: int | None) -> Iterator[SolverProgress]:
        """Run the exact searches on a subproblem of these meetings. Schedules with more than `gaps` are not used."""
        portfolio = Portfolio(self.start)
        reported = None
        with SearchProcesses() as searches:
            for name in ("solution_improving", "core_guided", "lower_bounding"):
                searches.start(name, problem)
            while received := next(searches.results(min(self.deadline, portfolio.deadline()), self.stopped), None):
                if received[1].infeasible:
                    raise explain_infeasible(self.event, problem)
                portfolio.add(*received)
                self.gaps_bound = portfolio.bound
                state = (portfolio.gaps, portfolio.is_proven)
                if portfolio.best and state != reported and (gaps is None or portfolio.gaps <= gaps):
                    reported = state
                    yield self._progress(dict(zip(meetings, portfolio.best, strict=True)), "gaps")
                if portfolio.is_final:
                    break
        if portfolio.best and (gaps is None or portfolio.gaps <= gaps):
            yield self._progress(dict(zip(meetings, portfolio.best, strict=True)), "gaps")

    def _progress(self, cell_of: dict[int, int], stage: str) -> SolverProgress:
        cells = {m: cell for m, cell in cell_of.items() if cell != UNASSIGNED}
        schedule = Schedule(tuple(assign_tables(self.problem, cells)), left_out_reasons(self.problem, cells))
        metrics = measure(self.event, schedule)
        return SolverProgress(
            schedule=schedule,
            metrics=metrics,
            served_bound=self.selection.served_bound,
            weight_bound=self._weight_bound(metrics.served),
            gaps_bound=self.gaps_bound,
            proven=self._reaches_bounds(metrics.served, metrics.weight) and metrics.gaps <= self.gaps_bound,
            seconds=round(time.monotonic() - self.start, 3),
            stage=stage,
            outlook=self.selection.outlook,
        )


def _everything(problem: Problem) -> Selection:
    """The selection if all meetings are required."""
    served = len({party for pair in problem.parties_of for party in pair})
    weight = sum(problem.weights)
    everything = [1.0] * len(problem.persons_of)
    return Selection(everything, everything, served, weight, weight, {})


__all__ = ["improving_schedules", "solve"]
