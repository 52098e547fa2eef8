"""From where the running work was asked for: set at each door, read when an audit record is written."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import ip_address

from django.conf import settings


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


def client_address(request) -> str | None:
    """The visitor's IP address: as our own proxy saw it if there is one, else the peer's.

    Only the last entry of X-Forwarded-For was written by the proxy; the ones before it are the visitor's own claim.
    """
    claimed = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_TLS_PROXY:
        claimed = request.META.get("HTTP_X_FORWARDED_FOR", claimed).rpartition(",")[2]
    try:
        return str(ip_address(claimed.strip()))
    except ValueError:
        return None
