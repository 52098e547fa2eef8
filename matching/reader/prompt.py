"""The instructions of the reader, kept in `prompt.txt`. A change of the file is a new version."""

import hashlib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("prompt.txt")


@cache
def instructions() -> str:
    """Return the system message: the file without its comment lines."""
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#")).strip()


@cache
def version() -> str:
    """Return 16 hexadecimal digits that name this wording of the instructions."""
    return hashlib.sha256(instructions().encode()).hexdigest()[:16]
