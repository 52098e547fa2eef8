"""Calls that run at the same moment, for tests of concurrent requests."""

import threading
from collections.abc import Callable

from django.db import connection


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
