"""Paths of the checkout, and a hash over files."""

from __future__ import annotations

import hashlib
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
ENVIRONMENT = CHECKOUT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
DATA = CHECKOUT / ".data"


def digest(*paths: Path, skip: tuple[str, ...] = (".pyc",)) -> str:
    """SHA-256 over the names and contents of files; folders are read recursively. A missing path counts as empty."""
    total = hashlib.sha256()
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.is_file() and file.suffix not in skip:
                total.update(str(file.relative_to(path.parent)).encode())
                total.update(file.read_bytes())
    return total.hexdigest()
