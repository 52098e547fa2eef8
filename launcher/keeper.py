"""The last one to leave: ends what a killed supervisor leaves behind.

A process of its own that only reads its standard input, which the supervisor holds open. Each line is `+ GROUP SIGNAL`
or `- GROUP`, a process group that began or ended. When the input ends without the groups having ended, the supervisor
was killed: each group still listed gets its signal, after GRACE seconds SIGKILL, then the folders named as arguments
are removed. It also inherits the lock of the data folder, so that the next start waits until everything is gone.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time

GRACE = 8.0
"""Seconds between a polite request to end and SIGKILL."""


def alive(group: int) -> bool:
    """Whether any process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def end(groups: dict[int, int], *, reap=lambda: None) -> None:
    """Ask each group (id → signal) to end, wait up to GRACE seconds, then kill. `reap` collects own dead children."""
    for group, wish in groups.items():
        _send(group, wish)
    until = time.monotonic() + GRACE
    while time.monotonic() < until and any(alive(group) for group in groups):
        time.sleep(0.05)
        reap()
    for group in groups:
        _send(group, signal.SIGKILL)
    reap()


def _send(group: int, wish: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, wish)


def main(folders: list[str]) -> None:
    for wish in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(wish, signal.SIG_IGN)  # only the end of the input ends it
    groups = {}
    for line in sys.stdin:
        mark, group, *wish = line.split()
        if mark == "+":
            groups[int(group)] = int(wish[0])
        else:
            groups.pop(int(group), None)
    end(groups)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
