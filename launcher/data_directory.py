"""One data directory of the demo: its lock, the state it keeps between starts, and which steps are up to date."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import time
from pathlib import Path
from typing import Any

from launcher import engines
from launcher.console import LauncherError, say
from launcher.paths import CHECKOUT, ENVIRONMENT, digest

LOCK_TIMEOUT = 20.0
"""Seconds a start waits for the processes of a killed start to end; more than `reaper.GRACE`."""
SOURCES = {
    "database": ("*/migrations", "*/city_rows.py", "cities", "requirements.txt"),
    "demo": ("demo_city", "portal/first_accounts.py", "portal/demo", "portal/management/commands/load_demo_city.py"),
    "static": ("static", "*/static", "requirements.txt"),
}
"""Step of `launcher.prepare` → the files it depends on. A step runs again only when one of its files changes."""

COLLECTED = ENVIRONMENT / "collected.json"
"""State of the static files. They belong to the checkout and its installed packages, not to a data directory."""


class DataDirectory:
    """A data directory. One process at a time holds its lock, until that process and its reaper end."""

    def __init__(self, data: str | Path):
        self.data = Path(data).resolve()
        self.logs = self.data / "logs"
        self.logins = self.data / "demo_logins.json"
        self.ready = self.data / "ready"
        self.lock: int | None = None
        self.package: Path | None = None
        """Folder of the city's package; None: the one that comes with the product."""
        self._running = self.data / "running.json"
        self._prepared = self.data / "prepared.json"

    # --- The lock ----------------------------------------------------------------------------------------------------
    def acquire(self) -> None:
        """Take the lock. LauncherError if another start holds it; waits while a killed start's processes end."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            self.data.chmod(0o711)  # the engines' account must be able to enter
            self.lock = os.open(self.data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError as error:
            raise LauncherError(
                f"没有权限使用 {error.filename}。请用建立它的用户启动，或用 --data 另选目录。"
            ) from None
        deadline = time.monotonic() + LOCK_TIMEOUT
        while not self._try_lock():
            owner = self.lock_owner()
            if owner and process_exists(owner):
                address = self.running_instance().get("address", "正在启动")
                raise LauncherError(
                    f"演示已在运行（进程 {owner}，{address}）。请先在其终端按 Ctrl-C，或运行 kill {owner}。"
                )
            if time.monotonic() > deadline:
                raise LauncherError(f"上一次启动留下的进程仍未结束，请查看 {self.logs} 下的日志。")
            time.sleep(0.2)
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, str(os.getpid()).encode(), 0)

    def _try_lock(self) -> bool:
        assert self.lock is not None
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def lock_owner(self) -> int | None:
        """Id of the process that last took the lock, None if there is none."""
        try:
            return int((self.data / "lock").read_text() or 0) or None
        except (OSError, ValueError):
            return None

    # --- State -------------------------------------------------------------------------------------------------------
    def secret_key(self) -> str:
        """Django's SECRET_KEY, created once, so that sessions survive a restart."""
        file = self.data / "secret_key"
        if not file.exists():
            engines.write_secret(file, secrets.token_urlsafe(50))
        return file.read_text()

    def write_running(self, address: str, environment: dict[str, str]) -> None:
        """Record the address and the environment of the running product for other commands."""
        engines.write_secret(self._running, json.dumps({"address": address, "environment": environment}))

    def running_instance(self) -> dict[str, Any]:
        """`address` and `environment` of the running product; empty when no process holds the lock."""
        try:
            with open(self.data / "lock") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(self._running)
        except FileNotFoundError:
            pass
        return {}

    def remove_running(self) -> None:
        self._running.unlink(missing_ok=True)

    def update_address(self, address: str) -> None:
        """Write the address of this start into the file of logins."""
        known = _read(self.logins)
        if known.get("address") != address:
            engines.write_secret(self.logins, json.dumps({**known, "address": address}, ensure_ascii=False, indent=2))

    def forget_ready(self) -> None:
        """Remove the files by which the processes of an earlier start said that they are ready."""
        shutil.rmtree(self.ready, ignore_errors=True)

    def choose_port(self) -> int:
        """The web port of the last start if it is free, so that bookmarks stay valid; else any free port."""
        address = _read(self.logins).get("address", "")
        try:
            return engines.free_port(int(address.rpartition(":")[2]))
        except (OSError, ValueError):
            return engines.free_port()

    # --- What is up to date ------------------------------------------------------------------------------------------
    def stale_steps(self, cluster: str | None) -> list[str]:
        """The steps of `launcher.prepare` to run, in order.

        `cluster` is the id from `engines.cluster_id`, None for an external server. For a cluster other than the last
        one, and for an external server, the database steps always run.
        """
        done = _read(self._prepared)
        unknown = cluster is None or done.get("cluster") != cluster
        stale = [step for step in ("database", "demo") if unknown or done.get(step) != self._state(step)]
        if not self.logins.exists() and "demo" not in stale:
            stale.append("demo")
        if _read(COLLECTED).get("static") != self._state("static") or not (CHECKOUT / "staticfiles").exists():
            stale.append("static")
        return stale

    def mark_prepared(self, cluster: str | None, *, static: bool = True) -> None:
        """Record that the steps are done for the present state of their files; `static` unless it was left out."""
        if static:
            COLLECTED.write_text(json.dumps({"static": self._state("static")}))
        if cluster:
            done = {step: self._state(step) for step in ("database", "demo")}
            self._prepared.write_text(json.dumps({**done, "cluster": cluster}))

    def forget_prepared(self) -> None:
        """Run every database step at the next start: a command may have changed the tables."""
        self._prepared.unlink(missing_ok=True)

    def _state(self, step: str) -> str:
        package = [self.package] if self.package and step != "static" else []
        return digest(*(path for pattern in SOURCES[step] for path in sorted(CHECKOUT.glob(pattern))), *package)

    # --- The city ----------------------------------------------------------------------------------------------------
    def claim(self, package: Path | None, key: str) -> None:
        """Use the directory for a city. LauncherError if its database holds another one."""
        file = self.data / "city"
        known = file.read_text(encoding="utf-8").strip() if file.exists() else ""
        if known and known != key:
            raise LauncherError(
                f"{self.data} 里是另一个城市（{known}）的数据。请用 --data 另选目录，或加 --reset 清空后重新开始。"
            )
        file.write_text(key, encoding="utf-8")
        self.package = package

    def clear(self) -> None:
        """Remove everything except the lock file."""
        for path in self.data.iterdir():
            if path.name == "lock":
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        external = engines.external_folder(self.data)
        if external.exists():
            shutil.rmtree(external)
        say("已清空演示数据。")


def _read(file: Path) -> dict[str, Any]:
    """The JSON object in a file, empty if there is none."""
    try:
        content: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content


def process_exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
