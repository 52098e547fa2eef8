"""Where things lie, and how the launcher speaks."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRONMENT = CHECKOUT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
DATA = CHECKOUT / ".data"
STARTED = float(os.environ.pop("BOOTSTRAP_STARTED", 0)) or time.time()
"""When the person pressed Enter: kept when the process becomes the environment's Python."""


class Refusal(Exception):
    """The launcher cannot go on. The text tells a person why and what to do; no traceback is shown."""


def say(text: str) -> None:
    """One line for the person at the terminal, with the seconds since the start."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that knows no Chinese must not end the program
    with contextlib.suppress(OSError):  # nobody reads any more: no reason to stop working
        print(f"[{time.time() - STARTED:6.1f}s] {text}", flush=True)


def digest(*paths: Path, skip: tuple = (".pyc",)) -> str:
    """One hash over names and contents of files and of everything below folders. What is missing counts as empty."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and file.suffix not in skip:
                total.update(str(file.relative_to(path.parent)).encode())
                total.update(file.read_bytes())
    return total.hexdigest()
