"""The command `dev`: the demo with DEBUG, automatic reload and the debug toolbar, for people who change the code."""

from __future__ import annotations

import time
from pathlib import Path

from launcher import demo
from launcher.console import say
from launcher.data_directory import DataDirectory
from launcher.paths import CHECKOUT, PYTHON
from launcher.supervisor import ProcessSpec, Supervisor

DEVELOPMENT_SETTINGS = {"DEBUG": "True", "DEBUG_TOOLBAR": "True"}
SCAN_INTERVAL = 1.0
"""Seconds between two looks at the source files."""
NOT_APPLICATIONS = {"tests", "benchmarks", "launcher", "docs"}


def run(*, data: str | None, port: int, city: str | None = None) -> int:
    """Start the product for development and keep it running until it is stopped. Exit code."""
    return demo.run(data=data, port=port, once=False, reset=False, yes=False, city=city, variant=DEVELOPMENT)


def processes(environment: dict[str, str], directory: DataDirectory, address: str) -> list[ProcessSpec]:
    """The processes of the demo; `runserver`, which reloads itself, serves the pages and the static files."""
    runserver = (str(PYTHON), str(CHECKOUT / "manage.py"), "runserver", address.removeprefix("http://"))
    background = environment | {"DEBUG": "False"}  # with DEBUG, a long-running process records every SQL statement
    _, *others = demo.processes(background, directory, address)
    return [ProcessSpec("web", "网站", runserver, environment), *others]


def watch(supervisor: Supervisor) -> None:
    """Restart processes that exit, and restart the background processes when a source file changes."""
    state, next_scan = source_state(CHECKOUT), time.monotonic() + SCAN_INTERVAL
    while True:
        supervisor.watch()
        time.sleep(0.3)
        if time.monotonic() < next_scan:
            continue
        next_scan = time.monotonic() + SCAN_INTERVAL
        changed = source_state(CHECKOUT)
        if changed != state:
            state = changed
            say("代码已修改，正在重新启动后台任务……")
            supervisor.restart(*demo.BACKGROUND)


def source_state(checkout: Path) -> dict[Path, int]:
    """Python file of an application → time of its last change, in nanoseconds."""
    folders = [path for path in checkout.iterdir() if (path / "__init__.py").exists()]
    files = [file for folder in folders if folder.name not in NOT_APPLICATIONS for file in sorted(folder.rglob("*.py"))]
    return {file: file.stat().st_mtime_ns for file in files if file.exists()}


DEVELOPMENT = demo.Variant(settings=DEVELOPMENT_SETTINGS, processes=processes, watch=watch, collects_static=False)
