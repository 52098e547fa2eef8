"""A PostgreSQL cluster with all migrations applied, kept between runs of the suite.

A run copies it instead of running `initdb` and `migrate`. It is valid for one state of the migrations, of the project's
modules they import, of the requirements and of the password. Runs in parallel share it under a file lock.
"""

from __future__ import annotations

import ast
import contextlib
import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from launcher import engines
from launcher.paths import CHECKOUT, digest


class TemplateCluster:
    """The template that fits the present sources. Errors of the file system mean "no template", never a failed run."""

    def __init__(self, layout: engines.EngineLayout):
        self._layout = layout
        state = f"{digest(*migration_sources(CHECKOUT))} {engines.cluster_id(layout)}"
        self._folder = layout.folder / f"template-{hashlib.sha256(state.encode()).hexdigest()[:16]}"

    def copy_to(self, cluster: Path) -> bool:
        """Copy the template to `cluster`. False if there is none; `cluster` does not exist then."""
        try:
            with self._lock(fcntl.LOCK_SH):
                if not self._folder.exists():
                    return False
                engines.copy_cluster(self._layout, self._folder, cluster)
        except OSError:
            shutil.rmtree(cluster, ignore_errors=True)
            return False
        return True

    def store(self, cluster: Path) -> None:
        """Keep a copy of `cluster`, whose server is stopped, and remove every older template."""
        incomplete = self._folder.with_name("template-incomplete")
        with contextlib.suppress(OSError), self._lock(fcntl.LOCK_EX):
            for old in self._folder.parent.glob("template-*"):
                shutil.rmtree(old, ignore_errors=True)
            engines.copy_cluster(self._layout, cluster, incomplete)
            incomplete.rename(self._folder)

    @contextlib.contextmanager
    def _lock(self, mode: int) -> Iterator[None]:
        with open(self._layout.folder / "template.lock", "a") as lock:
            fcntl.flock(lock, mode)
            yield


def migration_sources(checkout: Path) -> list[Path]:
    """Files that decide the content of a migrated database: migrations, modules they import, city packages, installed
    packages."""
    migrations = sorted(checkout.glob("*/migrations/*.py"))
    imported = {path for migration in migrations for path in _imported_files(checkout, migration)}
    packages = {path for path in (checkout / "cities").rglob("*") if path.suffix in (".toml", ".csv")}
    return [
        checkout / "requirements.txt",
        checkout / "requirements-demo.txt",
        *sorted({*migrations, *imported, *packages}),
    ]


def _imported_files(checkout: Path, module: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(module.read_bytes())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            path = checkout / name.replace(".", "/")
            yield from (file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file())
