"""Messages for the terminal, and the exception that ends the launcher with a message."""

from __future__ import annotations

import contextlib
import os
import sys
import time

STARTED = float(os.environ.pop("BOOTSTRAP_STARTED", 0)) or time.time()
"""Unix time of the start of the command. `install.enter` passes it on when it replaces the process."""


class LauncherError(Exception):
    """The launcher cannot continue. The text says why and what to do; no traceback is printed."""


def say(text: str) -> None:
    """Print one line with the seconds since the start of the command."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Chinese must not end the program
    with contextlib.suppress(OSError):  # a closed terminal must not end it either
        print(f"[{time.time() - STARTED:6.1f}s] {text}", flush=True)
