"""Selects the result of the concurrent exact searches, so that the same event gets the same schedule every time."""

import time

from scheduling.exact_search import SearchResult

PATIENCE_SECONDS = 3.0
PATIENCE_SHARE = 0.1


class Portfolio:
    """Collects the results of the searches and ranks them, whichever arrives first.

    A schedule without gaps from the first attempt of `solution_improving` comes first; then the schedule of
    `core_guided`; then that of `lower_bounding`, if `core_guided` needs a further 10% of the time (at least three
    seconds) to prove what is known already; then the best of `solution_improving`.
    """

    def __init__(self, start: float) -> None:
        self.start = start
        """`time.monotonic()` at the start of the solver."""
        self.best: list[int] | None = None
        """Cell of each meeting."""
        self.gaps = 10**9
        self.bound = 0
        self.is_final = False
        """No further result can take precedence over `best`."""
        self._gapless_attempt_ended = False
        self._optimal: dict[str, list[int]] = {}
        """Optimal schedules by name of the search."""
        self._proven_at: float | None = None

    def add(self, name: str, result: SearchResult) -> None:
        self.bound = max(self.bound, result.bound)
        if result.cells and name != "solution_improving":
            self._optimal[name] = result.cells
        elif result.cells and result.objective is not None:
            self.is_final = result.objective == 0 and not self._gapless_attempt_ended
            if self.is_final or (result.objective < self.gaps and not self._optimal):
                self.best, self.gaps = result.cells, result.objective
        self._gapless_attempt_ended = self._gapless_attempt_ended or result.gapless_attempt_ended
        if self._optimal and not self.is_final and (self._gapless_attempt_ended or self.bound):
            self.best = self._optimal.get("core_guided", self._optimal.get("lower_bounding"))
            self.gaps = self.bound
            self.is_final = "core_guided" in self._optimal
        if self.is_proven and self._proven_at is None:
            self._proven_at = time.monotonic()

    @property
    def is_proven(self) -> bool:
        return self.gaps <= self.bound

    def deadline(self) -> float:
        """`time.monotonic()` until which to wait for a search with precedence."""
        if self._proven_at is None:
            return float("inf")
        return self._proven_at + max(PATIENCE_SECONDS, PATIENCE_SHARE * (self._proven_at - self.start))
