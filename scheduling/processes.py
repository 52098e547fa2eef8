"""Searches in processes of their own: they use the second core, and can be ended in the middle of a step."""

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

ROOT = Path(__file__).resolve().parents[1]


PR_SET_PDEATHSIG = 1


def search(parent: int, name: str, *arguments) -> None:
    """In the child: run one search of `exact` and hand over what it finds."""
    from scheduling import exact

    _end_with(parent)

    out = sys.stdout.buffer
    found = vars(exact)[name]
    for one in found(*arguments):
        pickle.dump(one, out)
        out.flush()


def _end_with(parent: int) -> None:
    """A killed parent leaves no search behind: on Linux the kernel ends it, elsewhere its next message does."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit()


class Searches:
    """Searches that run side by side, by name. Leaving the context ends them all."""

    def __init__(self):
        self._messages: queue.SimpleQueue = queue.SimpleQueue()
        self._running: dict[str, tuple[subprocess.Popen, threading.Thread]] = {}

    def __enter__(self) -> "Searches":
        return self

    def __exit__(self, *_) -> None:
        for name in list(self._running):
            self.end(name)

    def start(self, name: str, *arguments) -> None:
        process = subprocess.Popen(
            [sys.executable, "-m", "scheduling.processes"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"},
        )
        listener = threading.Thread(
            target=self._listen, args=(name, process, (os.getpid(), name, *arguments)), daemon=True
        )
        self._running[name] = process, listener
        listener.start()

    def _listen(self, name: str, process: subprocess.Popen, order: tuple) -> None:
        """Hand over the order, then pass on what comes until the process ends; None then."""
        try:
            with process.stdin as into:
                pickle.dump(order, into)
            while True:
                self._messages.put((name, pickle.load(process.stdout)))  # noqa: S301  our own child
        except (EOFError, OSError, pickle.UnpicklingError):
            self._messages.put((name, None))
        finally:
            process.stdout.close()

    def end(self, name: str) -> None:
        if name in self._running:
            process, listener = self._running.pop(name)
            process.kill()
            process.wait()
            listener.join()

    def messages(self, until: float, stopped: Callable[[], bool]) -> Iterator[tuple[str, object]]:
        """(search, what it found) until all have ended, the clock `time.monotonic` shows `until`, or it is stopped."""
        while self._running and time.monotonic() < until and not stopped():
            try:
                name, found = self._messages.get(timeout=max(0.0, min(0.1, until - time.monotonic())))
            except queue.Empty:
                continue
            if name not in self._running:
                continue
            if found is None:
                self.end(name)
            else:
                yield name, found


if __name__ == "__main__":
    search(*pickle.load(sys.stdin.buffer))  # noqa: S301  written by the parent
