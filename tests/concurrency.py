"""Calls that run at the same moment, for tests of concurrent requests."""

import threading
from collections.abc import Callable

from django.db import connection, transaction

from tests.waiting import wait_until


def run_both[T](*calls: Callable[[], T]) -> list[T]:
    """Run the calls at the same moment, each on its own connection, and return their results in order."""
    results, barrier = [None] * len(calls), threading.Barrier(len(calls))

    def run(index: int, call: Callable[[], T]) -> None:
        try:
            barrier.wait()
            results[index] = call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def run_beside_uncommitted[A, B](first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """Run `second` on a connection of its own when `first` has ended and its transaction has not. It commits as soon as
    `second` waits for a lock of it, or has ended without waiting: the moment at which a missing lock shows.
    """
    results: list[B] = []
    pids: list[int] = []

    def run() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                pids.append(cursor.fetchone()[0])
            results.append(second())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    with transaction.atomic():
        result = first()
        thread.start()
        wait_until(lambda: not thread.is_alive() or (pids and _waits(pids[0])))
    thread.join(timeout=120)
    return result, results[0]


def _waits(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid])
        return cursor.fetchone()[0]
