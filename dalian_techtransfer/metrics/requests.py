"""Requests by route: number, seconds, statements and their seconds, memory of the process."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.db import connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Counter, Gauge, Histogram

METHODS = frozenset({"GET", "HEAD", "POST"})
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
MEMORY_EVERY = 5.0
"""Seconds between two looks at the process's memory."""

REQUESTS = Counter("techtransfer_requests", "Requests answered.", ["route", "method", "status"])
SECONDS = Histogram("techtransfer_request_seconds", "Seconds until the answer was ready.", ["route"], buckets=BUCKETS)
STATEMENTS = Counter("techtransfer_database_statements", "Statements sent to the database.", ["route"])
DATABASE_SECONDS = Counter("techtransfer_database_seconds", "Seconds spent waiting for the database.", ["route"])
MEMORY = Gauge("techtransfer_resident_bytes", "Resident memory of a process.", ["kind"], multiprocess_mode="liveall")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class StatementTimer:
    """Counts the statements of one request (a wrapper as Django's `execute_wrapper` wants it)."""

    def __init__(self) -> None:
        self.number, self.seconds = 0, 0.0

    def __call__(self, execute: Callable, sql: str, params: Any, many: bool, context: dict) -> Any:
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.number += 1
            self.seconds += time.perf_counter() - began


class RequestMetricsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.look_at_memory_after = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        timer, began = StatementTimer(), time.perf_counter()
        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(timer))
            response = self.get_response(request)
        ended = time.perf_counter()
        # Not the path: it holds ids, and each value of a label is kept for ever.
        route = request.resolver_match.view_name if request.resolver_match else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(route, method, response.status_code).inc()
        SECONDS.labels(route).observe(ended - began)
        STATEMENTS.labels(route).inc(timer.number)
        DATABASE_SECONDS.labels(route).inc(timer.seconds)
        if ended > self.look_at_memory_after:
            self.look_at_memory_after = ended + MEMORY_EVERY
            MEMORY.labels("web").set(_resident_bytes())
        return response


def _resident_bytes() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * _PAGE
    except OSError:  # no Linux
        return 0
