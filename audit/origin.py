"""From where the running work was asked for: set at each door, read when an audit record is written."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    kind: str = ""
    ip: str | None = None


NOWHERE = Origin()
_current: ContextVar[Origin] = ContextVar("audit_origin", default=NOWHERE)


def current_origin() -> Origin:
    return _current.get()


@contextmanager
def origin(kind: str, ip: str | None = None):
    """Everything recorded inside names this door (网页, 接口, 命令, 任务)."""
    token = _current.set(Origin(kind, ip))
    try:
        yield
    finally:
        _current.reset(token)
