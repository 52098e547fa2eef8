"""Anonymous readers of public pages are answered from a read replica, if REPLICA_URL names one.

Everything else asks the primary: who has a session, who has written a moment ago, each transaction, each page behind a
secret link. So does everybody while the replica is away or further behind than REPLICA_MAX_LAG.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import Error, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core.log_redaction import SECRET_PARAMETERS

log = logging.getLogger(__name__)

ALIAS = "replica"
WRITTEN_COOKIE = "written"
CHECK_EVERY = 1.0
PRIMARY_ONLY = ("authentication.", "mechanism.")
"""Modules of public pages that read the primary: sign-in writes, and totals of the figures are kept for others."""
IDLE_AFTER = 60.0
"""Seconds without a question after which the watching thread ends."""

_use_replica: ContextVar[bool] = ContextVar("use_replica", default=False)


def is_reading_replica() -> bool:
    """Whether this request reads rows that may be a few seconds old. What is read then may be kept for others only with
    the replica's own place in the log: it could have been withdrawn on the primary already.
    """
    return _use_replica.get()


class ReplicaRouter:
    """Django's router: which connection reads, and that all writing and migrating is done on the primary."""

    def db_for_read(self, model: type, **hints: Any) -> str:
        return ALIAS if _use_replica.get() and not connections["default"].in_atomic_block else "default"

    def db_for_write(self, model: type, **hints: Any) -> str:
        return "default"

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True  # both hold the same rows

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"


class ReplicaMiddleware:
    """Below UnavailableMiddleware, so that an error of the replica arrives here before it becomes a 503 page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.replica_failed = request.primary_only = False  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
            if request.replica_failed:  # type: ignore[attr-defined]
                _use_replica.set(False)
                request.primary_only = True  # type: ignore[attr-defined]
                response = self.get_response(request)
        finally:
            _use_replica.set(False)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            response.set_cookie(
                WRITTEN_COOKIE,
                "1",
                max_age=settings.REPLICA_MAX_LAG + 5,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict[str, Any]) -> None:
        is_wanted = not request.primary_only and may_read_replica(request, view, kwargs)  # type: ignore[attr-defined]
        _use_replica.set(is_wanted and WATCH.is_fresh())

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Ask the primary once more: the replica may be gone, or have cancelled a statement to follow the primary."""
        if _use_replica.get() and isinstance(exception, Error):
            WATCH.mark_away()
            connections[ALIAS].close()
            request.replica_failed = True  # type: ignore[attr-defined]


def may_read_replica(request: HttpRequest, view: Callable, parameters: dict[str, Any]) -> bool:
    """Whether an anonymous reader asks for a public page or the API."""
    if request.method not in ("GET", "HEAD") or not SECRET_PARAMETERS.isdisjoint(parameters):
        return False
    if settings.SESSION_COOKIE_NAME in request.COOKIES or WRITTEN_COOKIE in request.COOKIES:
        return False
    module = getattr(view, "view_class", getattr(view, "cls", view)).__module__
    is_public = ".views.public." in module and not module.startswith(PRIMARY_ONLY)
    return is_public or request.path.startswith("/api/v1/")


class ReplicaWatch:
    """How far the replica is behind, looked at by a thread of each web process: no request waits for it.

    The primary's positions in its log are noted with the time. The lag is the age of the newest noted position that
    the replica has replayed. While the primary cannot be asked the lag grows: what was withdrawn meanwhile is unknown.
    """

    def __init__(self) -> None:
        self._positions: deque[tuple[float, int]] = deque(maxlen=3600)
        self._replayed = -1
        self._asked_at = 0.0
        self._pid = 0
        self._lock = threading.Lock()

    def is_fresh(self) -> bool:
        self._asked_at = time.monotonic()
        if self._pid != os.getpid():
            self._start()
        lag = self.lag()
        return lag is not None and lag <= settings.REPLICA_MAX_LAG

    def lag(self) -> float | None:
        """Seconds; None if it is not known."""
        with self._lock:
            noted = [moment for moment, position in self._positions if position <= self._replayed]
        return max(time.monotonic() - noted[-1] - CHECK_EVERY, 0.0) if noted else None

    def mark_away(self) -> None:
        with self._lock:
            self._replayed = -1

    def measure(self) -> int | None:
        """Note where both are; returns the bytes between them, None if one of them does not answer."""
        try:
            replayed = _position(ALIAS, "pg_last_wal_replay_lsn()")
        except Error:
            self.mark_away()
            return None
        try:
            written = _position("default", "pg_current_wal_lsn()")
        except Error:
            written = None
        with self._lock:
            if written is not None:
                self._positions.append((time.monotonic(), written))
            self._replayed = -1 if replayed is None else replayed
        return None if written is None or replayed is None else max(written - replayed, 0)

    def _start(self) -> None:
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            self._positions.clear()
            self._replayed = -1
        threading.Thread(target=self._watch, name="replica", daemon=True).start()

    def _watch(self) -> None:
        was_fresh = None
        try:
            while time.monotonic() - self._asked_at < IDLE_AFTER:
                self.measure()
                lag = self.lag()
                is_fresh = lag is not None and lag <= settings.REPLICA_MAX_LAG
                if is_fresh is not was_fresh:
                    log.warning("public pages read the %s", "replica" if is_fresh else "primary")
                    was_fresh = is_fresh
                time.sleep(CHECK_EVERY)
        finally:
            connections.close_all()
            self._pid = 0


def _position(alias: str, function: str) -> int | None:
    """None where the server does not follow another one (any more)."""
    connection = connections[alias]
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_wal_lsn_diff({function}, '0/0'), pg_is_in_recovery()")
            position, follows = cursor.fetchone()
    except Error:
        connection.close()
        raise
    return None if position is None or follows is not (alias == ALIAS) else int(position)


WATCH = ReplicaWatch()
