"""Find an installed Python that is new enough for the product."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from launcher.console import LauncherError

OLDEST = (3, 12)
NAMES = ("python3.13", "python3.14", "python3.12", "python3", "python")
"""In the order of preference: the suite runs on the first."""
PROBE = """
import sys, ssl, zlib, sqlite3
try:
    import ensurepip, venv
    has_venv = 1
except ImportError:
    has_venv = 0
print(*sys.version_info[:2], has_venv, getattr(sys, "_is_gil_enabled", lambda: True)() + 0, sys.executable)
"""


@dataclass(frozen=True)
class Interpreter:
    """A Python that answered the probe. `has_venv` is false on a Debian without python3-venv."""

    path: str
    version: tuple[int, int]
    has_venv: bool

    @property
    def name(self) -> str:
        return "{}.{}".format(*self.version)


def probe(path: str) -> Interpreter | None:
    """Run a candidate. None if it does not run, is too old, is free-threaded or lacks a required module.

    The shim of a version manager can exist and still fail, so the candidate must run and answer.
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
        *numbers, executable = answer.stdout.decode().strip().split(" ", 4)
        major, minor, has_venv, has_gil = (int(number) for number in numbers)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    if answer.returncode or (major, minor) < OLDEST or not has_gil:
        return None
    return Interpreter(executable, (major, minor), bool(has_venv))


def candidates() -> list[str]:
    """Paths to probe without duplicates, in order: this Python, PATH, the system's folders, pyenv's, uv's."""
    home = Path.home()
    folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if folder]
    folders += [Path("/usr/bin"), Path("/usr/local/bin"), Path("/opt/homebrew/bin")]
    version_managers = [
        Path(os.environ.get("PYENV_ROOT", home / ".pyenv")) / "versions",
        Path(os.environ.get("UV_PYTHON_INSTALL_DIR", home / ".local/share/uv/python")),
    ]
    for collection in version_managers:
        if os.access(collection, os.R_OK | os.X_OK):
            folders += [folder / "bin" for folder in sorted(collection.iterdir(), reverse=True)]
    paths = [sys.executable] if sys.version_info[:2] >= OLDEST else []
    for name in NAMES:
        paths += [str(folder / name) for folder in folders if os.access(folder / name, os.X_OK)]
    return list(dict.fromkeys(paths))


def find(uv: str | None) -> Interpreter:
    """The first candidate that can create an environment, by itself or with `uv` (path or None).

    LauncherError if there is none.
    """
    without_venv = None
    for path in candidates():
        interpreter = probe(path)
        if interpreter and (interpreter.has_venv or uv):
            return interpreter
        without_venv = without_venv or interpreter
    if without_venv:
        raise LauncherError(
            f"找到了 Python {without_venv.name}（{without_venv.path}），但缺少 venv 组件。"
            f"请安装：apt-get install python{without_venv.name}-venv"
        )
    raise LauncherError(
        "需要 Python 3.12 或更新版本，本机没有找到。请安装后重试，例如：apt-get install python3 python3-venv"
    )
