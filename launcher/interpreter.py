"""Find a Python that is new enough for the product, among those that lie on the machine."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from launcher.places import Refusal

OLDEST = (3, 12)
NAMES = ("python3.13", "python3.14", "python3.12", "python3", "python")
"""In the order of trust: the suite runs on the first."""
PROBE = """
import sys, ssl, zlib, sqlite3
try:
    import ensurepip, venv
    alone = 1
except ImportError:
    alone = 0
print(*sys.version_info[:2], alone, getattr(sys, "_is_gil_enabled", lambda: True)() + 0, sys.executable)
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python that answered. `makes_environments` is false on a Debian without python3-venv."""

    path: str
    version: tuple
    makes_environments: bool

    @property
    def name(self) -> str:
        return "{}.{}".format(*self.version)


def probe(path: str) -> Interpreter | None:
    """Run a candidate and ask. None when it does not run, is too old, or is built without what the product needs.

    A version manager's shim may exist and fail, so only an answer counts.
    """
    try:
        answer = subprocess.run(
            [path, "-I", "-c", PROBE],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=20,
            cwd="/",
            check=False,
        )
        *numbers, real = answer.stdout.decode().strip().split(" ", 4)
        major, minor, alone, locked = (int(number) for number in numbers)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if answer.returncode or (major, minor) < OLDEST or not locked:
        return None
    return Interpreter(real, (major, minor), bool(alone))


def candidates() -> list[str]:
    """Paths worth a try, the most trusted first, each once: this one, PATH, the system's, pyenv's, uv's."""
    home = Path.home()
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += [Path("/usr/bin"), Path("/usr/local/bin"), Path("/opt/homebrew/bin")]
    kept = [
        Path(os.environ.get("PYENV_ROOT", home / ".pyenv")) / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR", home / ".local/share/uv/python")),
    ]
    for collection in kept:
        if os.access(collection, os.R_OK | os.X_OK):
            folders += [folder / "bin" for folder in sorted(collection.iterdir(), reverse=True)]
    found = [sys.executable] if sys.version_info[:2] >= OLDEST else []
    for name in NAMES:
        found += [str(folder / name) for folder in folders if os.access(folder / name, os.X_OK)]
    return list(dict.fromkeys(found))


def find(uv: str | None) -> Interpreter:
    """The first candidate that can become an environment, by itself or by `uv` (path or None). Refusal if none can."""
    short = None
    for path in candidates():
        interpreter = probe(path)
        if interpreter and (interpreter.makes_environments or uv):
            return interpreter
        short = short or interpreter
    if short:
        raise Refusal(
            f"找到了 Python {short.name}（{short.path}），但缺少 venv 组件。"
            f"请安装：apt-get install python{short.name}-venv"
        )
    raise Refusal("需要 Python 3.12 或更新版本，本机没有找到。请安装后重试，例如：apt-get install python3 python3-venv")
