"""Waiting for what another process, thread or page does in its own time."""

import time


def wait_until(true, *, seconds: float = 60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
