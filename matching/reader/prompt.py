"""The instructions of the reader, kept in text files beside this module. A change of a file is a new version."""

import hashlib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
GRADES, INDICATORS, DRAFTS = "prompt", "indicators_prompt", "drafts_prompt"
"""Names of the files: grades of pairs, indicators in prose, drafts from documents."""


@cache
def instructions(name: str = GRADES) -> str:
    """Return the system message: the file without its comment lines."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("#")).strip()


@cache
def version(name: str = GRADES) -> str:
    """Return 16 hexadecimal digits that name this wording of the instructions."""
    return hashlib.sha256(instructions(name).encode()).hexdigest()[:16]
