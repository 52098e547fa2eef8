"""Limits of asking: the circuit breaker, and what a run may spend."""

import math
import threading
import time
from collections.abc import Callable
from enum import StrEnum

type Clock = Callable[[], float]


class Stop(StrEnum):
    """Why nothing more is asked."""

    BUDGET = "budget"
    DEADLINE = "deadline"
    BROKEN = "broken"
    """The breaker has given up, or the server refuses every request."""
    PAUSED = "paused"
    """The time of this task is over; the next one continues."""


class Breaker:
    """Stops asking after `failures` failures in a row, and tries one request after each `cooldown` (seconds).

    After `openings` times in a row it is broken for good. May be used by several threads.
    """

    def __init__(
        self, failures: int = 5, cooldown: float = 20.0, openings: int = 3, clock: Clock = time.monotonic
    ) -> None:
        self._limit, self._cooldown, self._openings_left, self._clock = failures, cooldown, openings, clock
        self._all_openings = openings
        self._in_a_row = 0
        self._opened_until: float | None = None
        self._is_probing = False
        self._lock = threading.Lock()

    @property
    def is_broken(self) -> bool:
        return self._openings_left <= 0

    def permit(self) -> float:
        """Return 0 if a request may be sent now, else the seconds to wait; infinite if the breaker is broken."""
        with self._lock:
            if self.is_broken:
                return math.inf
            if self._opened_until is None:
                return 0.0
            wait = self._opened_until - self._clock()
            if wait > 0:
                return wait
            if self._is_probing:
                return 0.05
            self._is_probing = True
            return 0.0

    def success(self) -> None:
        with self._lock:
            self._in_a_row, self._opened_until, self._is_probing = 0, None, False
            if not self.is_broken:
                self._openings_left = self._all_openings

    def failure(self) -> None:
        with self._lock:
            self._in_a_row += 1
            if self._opened_until is not None and not self._is_probing:
                return  # a request that was under way when the breaker opened
            if self._is_probing or self._in_a_row >= self._limit:
                self._openings_left -= 1
                self._opened_until = self._clock() + self._cooldown
                self._is_probing = False

    def give_up(self) -> None:
        with self._lock:
            self._openings_left = 0


class Allowance:
    """What may still be spent: `requests`; the moments `deadline` and `pause_at` of the clock, both optional."""

    def __init__(
        self,
        requests: int,
        *,
        deadline: float = math.inf,
        pause_at: float = math.inf,
        clock: Clock = time.monotonic,
    ) -> None:
        self._left, self._deadline, self._pause_at, self._clock = requests, deadline, pause_at, clock
        self._lock = threading.Lock()

    def over(self) -> Stop | None:
        """Return what is used up, if anything."""
        now = self._clock()
        if now >= self._deadline:
            return Stop.DEADLINE
        if now >= self._pause_at:
            return Stop.PAUSED
        return Stop.BUDGET if self._left <= 0 else None

    def take(self) -> Stop | None:
        """Take one request; return what is used up if there is none."""
        with self._lock:
            stop = self.over()
            if stop is None:
                self._left -= 1
            return stop
