"""Which tables a page reads: observed, so that nobody has to list them."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connections

from portal.public_copies.changes import ReadBefore, read_snapshot, watched_tables

WORD = re.compile(r"\w+")
READING = ("SELECT", "WITH", "(SELECT")
FIXED = frozenset({"django_content_type", "django_migrations"})
"""Tables that change only when the software does."""


class ReadTables:
    """A wrapper of `connection.execute_wrapper` that notes the statements of a request."""

    def __init__(self) -> None:
        self.statements: set[str] = set()
        self.read_before: set[ReadBefore] = set()
        self.asked_for_a_moment = False
        """Whether a statement compares with a moment, such as the present one: its rows may change with the clock."""

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict) -> Any:
        if not _is_unchanging.get():
            self.statements.add(sql)
            self.asked_for_a_moment = self.asked_for_a_moment or _has_moment(params)
        return execute(sql, params, many, context)

    def tables(self) -> frozenset[str]:
        names = frozenset(word for sql in self.statements for word in WORD.findall(sql))
        return (names & _all_tables()) - FIXED

    def since(self, snapshot: str) -> tuple[ReadBefore, ...]:
        """From when and where everything is that the page shows; `snapshot` is that of its own statements.

        Empty if later changes would not be noticed.
        """
        if not snapshot or not self.are_watched() or not all(earlier.snapshot for earlier in self.read_before):
            return ()
        return (ReadBefore(snapshot, self.tables()), *self.read_before)

    def are_watched(self) -> bool:
        """Whether the statements only read, and only tables whose changes are recorded."""
        only_read = all(sql.lstrip().upper().startswith(READING) for sql in self.statements)
        return only_read and self.tables() <= watched_tables()


def _has_moment(params: Any) -> bool:
    values = params.values() if isinstance(params, dict) else params or ()
    return any(
        isinstance(value, datetime)
        or (isinstance(value, list | tuple) and any(isinstance(part, datetime) for part in value))
        for value in values
    )


_observed: ContextVar[ReadTables | None] = ContextVar("observed", default=None)
_is_unchanging: ContextVar[bool] = ContextVar("is_unchanging", default=False)


@contextmanager
def observe() -> Iterator[ReadTables]:
    """What is read inside."""
    reads = ReadTables()
    token = _observed.set(reads)
    try:
        with ExitStack() as stack:
            for database in connections.all():
                stack.enter_context(database.execute_wrapper(reads))
            yield reads
    finally:
        _observed.reset(token)


@contextmanager
def unchanging() -> Iterator[None]:
    """What is read inside never changes once it is written, such as the two sides of a match: no copy depends on it.

    For tables that are written all day, where a trigger would make every copy stale.
    """
    token = _is_unchanging.set(True)
    try:
        yield
    finally:
        _is_unchanging.reset(token)


def note_read_before(earlier: ReadBefore) -> None:
    """The page that is being rendered shows something that was read earlier."""
    if reads := _observed.get():
        reads.read_before.add(earlier)


def remember[T](read: Callable[[], T]) -> tuple[T, ReadBefore]:
    """Read something that the process will remember, and what pages that show it depend on."""
    snapshot = read_snapshot()
    with observe() as reads:
        result = read()
    return result, ReadBefore(snapshot if reads.are_watched() else "", reads.tables())


@cache
def _all_tables() -> frozenset[str]:
    """Tables of models, and those that have none."""
    models = apps.get_models(include_auto_created=True)
    return frozenset(model._meta.db_table for model in models) | {"mechanism_kepttotals"}
