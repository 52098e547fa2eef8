"""How far the check of a long sheet is. Whoever checks it may listen; without a listener nothing happens."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

EVERY = 500
"""Rows between two calls of the listener."""

type Listener = Callable[[int, int], None]
"""Called with the number of checked rows and of all rows. What it raises ends the check."""

_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def advance(done: int, total: int) -> None:
    """Called for each row."""
    if done % EVERY == 0 and (listener := _listener.get()):
        listener(done, total)
