"""The origin of the running work: set by each interface, read when an audit record is written."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    kind: str = ""
    ip: str | None = None


UNKNOWN_ORIGIN = Origin()
_current: ContextVar[Origin] = ContextVar("audit_origin", default=UNKNOWN_ORIGIN)


def current_origin() -> Origin:
    return _current.get()


@contextmanager
def origin(kind: str, ip: str | None = None) -> Iterator[None]:
    """Audit records written inside this context have this origin; `kind` is 网页, 接口, 命令 or 任务."""
    token = _current.set(Origin(kind, ip))
    try:
        yield
    finally:
        _current.reset(token)
