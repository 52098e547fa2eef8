"""Runs exact searches in child processes: they use further processor cores and can be killed at any time.

A child is started as `python -m scheduling.search_processes`. It reads its arguments as a pickle from standard input
and writes each SearchResult as a pickle to standard output.
"""

import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from scheduling.exact_search import SearchResult

ROOT = Path(__file__).resolve().parents[1]
PR_SET_PDEATHSIG = 1
"""Option of prctl(2)."""
POLL_SECONDS = 0.1
BACKGROUND_NICENESS = 5
"""A quarter of a processor beside a search that stands in front; all of it when there is none."""


def run_search(parent_pid: int, name: str, *arguments: Any) -> None:
    """In the child: run a search of `exact_search.SEARCHES` and write its results to standard output."""
    from scheduling.exact_search import SEARCHES

    _exit_with_parent(parent_pid)
    output = sys.stdout.buffer
    for result in SEARCHES[name](*arguments):
        pickle.dump(result, output)
        output.flush()
        if result.stands_back:
            os.nice(BACKGROUND_NICENESS)


def _exit_with_parent(parent_pid: int) -> None:
    """Let the kernel kill this process when its parent ends (Linux). Elsewhere its next write fails."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        sys.exit()


class SearchProcesses:
    """Searches that run concurrently, by name. Leaving the context kills them."""

    def __init__(self) -> None:
        self._results: queue.SimpleQueue[tuple[str, SearchResult | None]] = queue.SimpleQueue()
        self._running: dict[str, tuple[subprocess.Popen[bytes], threading.Thread]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._running):
            self.kill(name)

    def start(self, name: str, *arguments: Any) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "scheduling.search_processes"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"},
        )
        reader = threading.Thread(
            target=self._read_results, args=(name, process, (os.getpid(), name, *arguments)), daemon=True
        )
        self._running[name] = process, reader
        reader.start()

    def _read_results(self, name: str, process: subprocess.Popen[bytes], arguments: tuple[Any, ...]) -> None:
        """Send the arguments, then queue the results; None when the process has ended."""
        assert process.stdin is not None and process.stdout is not None  # both are pipes
        try:
            with process.stdin as pipe:
                pickle.dump(arguments, pipe)
            while True:
                self._results.put((name, pickle.load(process.stdout)))  # noqa: S301  our own child process
        except (EOFError, OSError, pickle.UnpicklingError):
            self._results.put((name, None))
        finally:
            process.stdout.close()

    def kill(self, name: str) -> None:
        if name in self._running:
            process, reader = self._running.pop(name)
            process.kill()
            process.wait()
            reader.join()

    def results(self, deadline: float, is_stopped: Callable[[], bool]) -> Iterator[tuple[str, "SearchResult"]]:
        """(name of the search, result) until all searches have ended, the deadline has passed, or `is_stopped()`.

        `deadline` is a value of `time.monotonic()`.
        """
        while self._running and time.monotonic() < deadline and not is_stopped():
            try:
                timeout = max(0.0, min(POLL_SECONDS, deadline - time.monotonic()))
                name, result = self._results.get(timeout=timeout)
            except queue.Empty:
                continue
            if name not in self._running:
                continue
            if result is None:
                self.kill(name)
            else:
                yield name, result


if __name__ == "__main__":
    run_search(*pickle.load(sys.stdin.buffer))  # noqa: S301  written by the parent process
