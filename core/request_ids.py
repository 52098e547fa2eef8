"""Ids of the request and of the task that a process works on, for log lines, error pages and error reports.

A request gets an id; the tasks that it sends carry it along (`core.task_ids`), so that one search in the logs shows
what a click has caused on every host.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import uuid4

HEADER = "X-Request-ID"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}", re.ASCII)


@dataclass(frozen=True)
class WorkIds:
    request_id: str = ""
    task_id: str = ""
    task: str = ""


NO_WORK = WorkIds()
_current: ContextVar[WorkIds] = ContextVar("work_ids", default=NO_WORK)


def current_ids() -> WorkIds:
    return _current.get()


def current_request_id() -> str:
    """The id of the request, also in the tasks that it sent; "" outside of both."""
    return _current.get().request_id


def set_ids(ids: WorkIds) -> None:
    """For callers that cannot use `working_on`, such as signals before and after a task."""
    _current.set(ids)


@contextmanager
def working_on(ids: WorkIds) -> Iterator[None]:
    token = _current.set(ids)
    try:
        yield
    finally:
        _current.reset(token)


def accepted_id(offered: str | None) -> str:
    """The offered id if it is well-formed, else a new one: an id stands in log lines and in a response header."""
    return offered if offered and _WELL_FORMED.fullmatch(offered) else uuid4().hex
