"""Statements that a process has compiled: Django needs longer for one than PostgreSQL for reading a month with it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from threading import Lock

from django.db import connection


class CompiledStatements[Compiled]:
    """The most recently used ones, by what they depend on."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._by_key: OrderedDict[Hashable, Compiled] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Compiled | None:
        with self._lock:
            if key in self._by_key:
                self._by_key.move_to_end(key)
            return self._by_key.get(key)

    def remember(self, key: Hashable, compiled: Compiled) -> None:
        with self._lock:
            self._by_key[key] = compiled
            while len(self._by_key) > self._size:
                self._by_key.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._by_key.clear()


@contextmanager
def noted_reads() -> Iterator[list[str]]:
    """The statements that run inside. A queryset that reads while it is made depends on more than its SQL."""
    reads: list[str] = []

    def note(execute: Callable, sql: str, *rest: object) -> object:
        reads.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield reads
