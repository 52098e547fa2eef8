"""Where things lie, and how the launcher speaks."""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRONMENT = CHECKOUT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
DATA = CHECKOUT / ".data"
STARTED = time.time()


class Refusal(Exception):
    """The launcher cannot go on. The text tells a person why and what to do; no traceback is shown."""


def say(text: str) -> None:
    """One line for the person at the terminal, with the seconds since the start."""
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a terminal that knows no Chinese must not end the program
    print("[%6.1fs] %s" % (time.time() - STARTED, text), flush=True)


def digest(*paths: Path, skip: tuple = (".pyc", ".mo")) -> str:
    """One hash over the names and contents of files and of everything below folders."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and file.suffix not in skip:
                total.update(("%s\n" % file).encode())
                total.update(file.read_bytes())
    return total.hexdigest()
