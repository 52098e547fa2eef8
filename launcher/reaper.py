"""Stop the process groups that a killed supervisor leaves behind.

Runs as a process of its own and reads its standard input, which the supervisor keeps open. A line is `+ GROUP SIGNAL`
(a process group started) or `- GROUP` (it ended). When the input closes, each group still listed gets its signal and,
after a number of seconds (the first argument), SIGKILL; then the folders given as further arguments are removed. The
process also inherits the lock of the data directory, so that the next start waits until every group has ended.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable

GRACE = 8.0
"""Seconds between the stop signal and SIGKILL."""


def is_alive(group: int) -> bool:
    """Whether any process of the group is left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def stop_groups(
    groups: dict[int, int], *, grace: float | None = None, reap: Callable[[], object] = lambda: None
) -> None:
    """Send each group (id → signal) its signal, wait up to `grace` seconds (GRACE), then send SIGKILL.

    `reap` collects the exit codes of the caller's own children: an uncollected child still counts as alive.
    """
    for group, number in groups.items():
        _send(group, number)
    deadline = time.monotonic() + (GRACE if grace is None else grace)
    while time.monotonic() < deadline and any(is_alive(group) for group in groups):
        time.sleep(0.05)
        reap()
    for group in groups:
        _send(group, signal.SIGKILL)
    reap()


def _send(group: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, number)


def main(grace: str, *folders: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # only the end of the input ends this process
    groups = {}
    for line in sys.stdin:
        action, group, *stop_signal = line.split()
        if action == "+":
            groups[int(group)] = int(stop_signal[0])
        else:
            groups.pop(int(group), None)
    stop_groups(groups, grace=float(grace))
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
