"""From an event to its timetable: a complete plan at once, better ones after, until proven or stopped.

The order of aims: hard limits; parties with at least one meeting; weight; gaps; evenness; staying at one table. Wishes
are chosen and placed first (`placing`, bounded by `choice`); then the gaps of what was chosen are removed, exactly
where the event is small enough (`exact`); tables come last (`tables`).
"""

import time
from collections.abc import Callable, Iterator

from scheduling import choice, exact
from scheduling.board import NOWHERE, Board
from scheduling.event import Event
from scheduling.explain import conflict_of
from scheduling.placing import Placing
from scheduling.plan import Figures, NoPlan, Plan, Step, figures
from scheduling.problem import Problem, compile_event
from scheduling.processes import Searches
from scheduling.reasons import reasons
from scheduling.tables import seat

EXACT = 4_000
"""Most (meeting, cell) pairs whose gaps are searched exactly."""
WEIGHT_MOVES, GAP_MOVES = 200_000, 1_000_000
PATIENCE = 3.0


def _never() -> bool:
    return False


def steps(
    event: Event, *, seconds: float = 60.0, seed: int = 0, stopped: Callable[[], bool] = _never
) -> Iterator[Step]:
    """Better and better plans, each complete. Ends when the best is proven, its searches are done, after `seconds`,
    or once `stopped()` says so; the last one is the best.

    The same event and seed give the same last plan if the searches end by themselves and not by the clock.
    Raises NoPlan if what must be held cannot be.
    """
    yield from _Planner(event, seconds, seed, stopped).steps()


def solve(
    event: Event,
    *,
    seconds: float = 60.0,
    seed: int = 0,
    progress: Callable[[Step], None] | None = None,
    stopped: Callable[[], bool] = _never,
) -> Step:
    """The best plan of `steps`; `progress` is told of each on the way."""
    best = None
    for best in steps(event, seconds=seconds, seed=seed, stopped=stopped):
        if progress:
            progress(best)
    if best is None:
        raise TimeoutError("在给定时间内没有得到完整日程，请延长时间后重试。")
    return best


class _Planner:
    def __init__(self, event: Event, seconds: float, seed: int, stopped: Callable[[], bool]):
        self.event, self.seed, self.stopped = event, seed, stopped
        self.start = time.monotonic()
        self.until = self.start + seconds
        self.weighed = self.start + seconds / 2  # the other half is for gaps
        self.problem = compile_event(event)
        self.choice = choice.Choice([1.0] * len(event.wishes), 0, 0.0, 0.0)
        self.gaps_bound = 0

    def steps(self) -> Iterator[Step]:
        problem = self.problem
        musts = [m for m, must in enumerate(problem.must) if must]
        if broken := conflict_of(self.event, problem.restricted(musts)):
            raise broken
        if len(musts) == len(problem.of):
            self._bound_by_all()
            yield from self._gaps(musts, None)
            return
        board = Board(problem)
        if musts:
            self._first(board, musts)
        self.choice = choice.choose(problem)
        yield from self._weight(board)
        held = [m for m, cell in enumerate(board.cell) if cell != NOWHERE]
        if held and not self._is_over():
            yield from self._gaps(held, board)

    def _is_over(self) -> bool:
        return self.stopped() or time.monotonic() >= self.until

    def _bound_by_all(self) -> None:
        served = len({party for pair in self.problem.parties for party in pair})
        weight = sum(self.problem.weight)
        self.choice = choice.Choice([1.0] * len(self.problem.of), served, weight, weight)

    def _first(self, board: Board, musts: list[int]) -> None:
        """Put what must be held. Raises NoPlan, TimeoutError."""
        with Searches() as searches:
            restricted = self.problem.restricted(musts)
            searches.start("improved", restricted)
            for _, found in searches.messages(self.until, self.stopped):
                if found.infeasible:
                    raise conflict_of(self.event, restricted, known=True)
                for m, cell in zip(musts, found.cells, strict=True):
                    board.put(m, cell)
                board.keep()
                return
        raise TimeoutError("在给定时间内没有得到完整日程，请延长时间后重试。")

    def _weight(self, board: Board) -> Iterator[Step]:
        placing = Placing(board, self.choice.share, self.seed)
        placing.fill()
        best = (board.served(), board.weight())
        yield self._step(dict(enumerate(board.cell)), "weight")
        if self._is_best(*best):
            return
        told = time.monotonic()
        for _ in placing.improve_weight(WEIGHT_MOVES):
            if self._is_over() or time.monotonic() >= self.weighed:
                break
            if time.monotonic() - told > 1.0:
                told = time.monotonic()
                step = self._step(dict(enumerate(placing.best)), "weight")
                if (step.figures.served, step.figures.weight) > best:
                    best = (step.figures.served, step.figures.weight)
                    yield step
                if self._is_best(*best):
                    break
        placing.restore(placing.best)
        yield self._step(dict(enumerate(board.cell)), "weight")

    def _is_best(self, served: int, weight: float) -> bool:
        return served >= self.choice.served_bound and weight >= self._weight_bound(served) - 1e-6

    def _weight_bound(self, served: int) -> float:
        chosen = self.choice
        return chosen.weight_bound if served >= chosen.served_bound else chosen.weight_bound_any

    def _gaps(self, held: list[int], board: Board | None) -> Iterator[Step]:
        """Fewest gaps of the meetings held."""
        if board and board.gaps():
            yield from self._shifted(board)
        restricted = self.problem.restricted(held)
        if board is None or (board.gaps() and sum(map(len, restricted.allowed)) <= EXACT and not self._is_over()):
            yield from self._exact(held, restricted, board)

    def _shifted(self, board: Board) -> Iterator[Step]:
        """Exchange slots; nobody is left out by it."""
        placing = Placing(board, self.choice.share, self.seed)
        told = time.monotonic()
        for best in placing.improve_gaps(GAP_MOVES):
            if self._is_over() or best > -1e-6:  # no gap is left
                break
            if time.monotonic() - told > 2.0:
                told = time.monotonic()
                yield self._step(dict(enumerate(placing.best)), "gaps")
        placing.restore(placing.best)
        yield self._step(dict(enumerate(board.cell)), "gaps")

    def _exact(self, held: list[int], restricted: Problem, board: Board | None) -> Iterator[Step]:
        """Searches race; which of them answers depends on what they find, hardly ever on the clock."""
        fewest = board.gaps() if board else None
        race = _Race(self.start)
        with Searches() as searches:
            for name in ("improved", "guided", "rising"):
                searches.start(name, restricted)
            told = None
            while message := next(searches.messages(min(self.until, race.give_up()), self.stopped), None):
                if message[1].infeasible:
                    raise conflict_of(self.event, restricted, known=True)
                self.gaps_bound = race.hear(*message)
                known = (race.gaps, race.gaps <= race.bound)
                if race.best and known != told and (fewest is None or race.gaps <= fewest):
                    told = known
                    yield self._step(dict(zip(held, race.best, strict=True)), "gaps")
                if race.is_over():
                    break
        if race.best and (fewest is None or race.gaps <= fewest):
            yield self._step(dict(zip(held, race.best, strict=True)), "gaps")

    def _step(self, cells: dict[int, int], stage: str) -> Step:
        cells = {m: cell for m, cell in cells.items() if cell != NOWHERE}
        plan = Plan(tuple(seat(self.problem, cells)), reasons(self.problem, cells))
        got: Figures = figures(self.event, plan)
        proven = self._is_best(got.served, got.weight) and got.gaps <= self.gaps_bound
        return Step(
            plan,
            got,
            self.choice.served_bound,
            self._weight_bound(got.served),
            self.gaps_bound,
            proven,
            round(time.monotonic() - self.start, 3),
            stage,
        )


class _Race:
    """Whose plan counts, so that the same event gets the same plan though its searches run side by side.

    A plan without gaps of `improved`, found within its first attempt, always does; else that of `guided`; else, if
    `guided` takes a tenth as long again (three seconds at least) to say what is known already, that of `rising`; else
    the best of `improved`.
    """

    def __init__(self, start: float):
        self.start = start
        self.best: list[int] | None = None
        self.gaps = 10**9
        self.bound = 0
        self.attempted = self.final = False
        self.proven: dict[str, list[int]] = {}
        self.known_at: float | None = None

    def hear(self, name: str, found: exact.Found) -> int:
        """Take in what a search found; the bound of gaps as known now."""
        self.bound = max(self.bound, found.bound)
        if found.cells and name != "improved":
            self.proven[name] = found.cells
        elif found.cells:
            self.final = found.gaps == 0 and not self.attempted
            if self.final or (found.gaps < self.gaps and not self.proven):
                self.best, self.gaps = found.cells, found.gaps
        self.attempted = self.attempted or found.no_gapless
        if self.proven and not self.final and (self.attempted or self.bound):
            self.best, self.gaps = self.proven.get("guided", self.proven.get("rising")), self.bound
            self.final = "guided" in self.proven
        if self.gaps <= self.bound and self.known_at is None:
            self.known_at = time.monotonic()
        return self.bound

    def is_over(self) -> bool:
        return self.final

    def give_up(self) -> float:
        """When to wait no longer for a search whose plan would come first."""
        if self.known_at is None:
            return float("inf")
        return self.known_at + max(PATIENCE, (self.known_at - self.start) / 10)


__all__ = ["NoPlan", "solve", "steps"]
