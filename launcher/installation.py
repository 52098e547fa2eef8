"""One data folder: who holds it, what it remembers between starts, what is up to date in it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import time
from pathlib import Path

from launcher import engines
from launcher.places import CHECKOUT, ENVIRONMENT, Refusal, digest, say

PATIENCE = 20.0
"""Seconds a start waits for the rest of a killed one to end; more than `keeper.GRACE`."""
SOURCES = {
    "database": ("*/migrations", "requirements.txt"),
    "demo": ("demo_city", "portal/demo", "portal/management/commands/load_demo_city.py"),
    "static": ("static", "*/static", "requirements.txt"),
}
"""What each step of `launcher.prepare` is made from: a step whose sources did not change is not done again."""

COLLECTED = ENVIRONMENT / "collected.json"
"""Collected files belong to the checkout and its installed packages, not to a data folder."""


class Installation:
    """A data folder, held by one process at a time from `hold` to the end of that process and of its keeper."""

    def __init__(self, data: str | Path):
        self.data = Path(data).resolve()
        self.logs = self.data / "logs"
        self.logins = self.data / "demo_logins.json"
        self.lock: int | None = None
        self._running = self.data / "running.json"
        self._done = self.data / "prepared.json"

    def hold(self) -> None:
        """Take the folder. Refusal when another start holds it; waits while only the rest of a killed one does."""
        try:
            self.data.mkdir(parents=True, exist_ok=True)
            self.data.chmod(0o711)  # the engines' account passes through
            self.lock = os.open(self.data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError as error:
            raise Refusal(f"没有权限使用 {error.filename}。请用建立它的用户启动，或用 --data 另选目录。") from None
        until = time.monotonic() + PATIENCE
        while not self._take():
            holder = self.holder()
            if holder and lives(holder):
                address = self.running().get("address", "正在启动")
                raise Refusal(
                    f"演示已在运行（进程 {holder}，{address}）。请先在其终端按 Ctrl-C，或运行 kill {holder}。"
                )
            if time.monotonic() > until:
                raise Refusal(f"上一次启动留下的进程仍未结束，请查看 {self.logs} 下的日志。")
            time.sleep(0.2)
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, str(os.getpid()).encode(), 0)

    def _take(self) -> bool:
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def holder(self) -> int | None:
        """The process that last took the folder, if any ever did."""
        try:
            return int((self.data / "lock").read_text() or 0) or None
        except (OSError, ValueError):
            return None

    # --- What it remembers -------------------------------------------------------------------------------------------
    def secret_key(self) -> str:
        """Django's key, made once, so that sessions outlive a start."""
        file = self.data / "secret_key"
        if not file.exists():
            engines.write_secret(file, secrets.token_urlsafe(50))
        return file.read_text()

    def announce(self, address: str, environment: dict[str, str]) -> None:
        """Let other commands find the running product."""
        engines.write_secret(self._running, json.dumps({"address": address, "environment": environment}))

    def running(self) -> dict:
        """What `announce` wrote, while somebody holds the folder; else empty."""
        try:
            with open(self.data / "lock") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return _read(self._running)
        except FileNotFoundError:
            pass
        return {}

    def silence(self) -> None:
        self._running.unlink(missing_ok=True)

    def move_to(self, address: str) -> None:
        """Write this start's address into the file of logins."""
        known = _read(self.logins)
        if known.get("address") != address:
            engines.write_secret(self.logins, json.dumps({**known, "address": address}, ensure_ascii=False, indent=2))

    def port(self) -> int:
        """The web port of the last start if it is free again, so that a bookmark holds; else any free one."""
        address = _read(self.logins).get("address", "")
        try:
            return engines.free_port(int(address.rpartition(":")[2]))
        except (OSError, ValueError):
            return engines.free_port()

    # --- What is up to date ------------------------------------------------------------------------------------------
    def stale(self, cluster: str | None) -> list[str]:
        """The steps of `launcher.prepare` that are to be done, in order: all of them for a cluster (see
        `engines.identity`) that is another than the last time, or for a server that is not ours (None)."""
        done = _read(self._done)
        strange = cluster is None or done.get("cluster") != cluster
        stale = [step for step in ("database", "demo") if strange or done.get(step) != self._state(step)]
        if not self.logins.exists() and "demo" not in stale:
            stale.append("demo")
        if _read(COLLECTED).get("static") != self._state("static") or not (CHECKOUT / "staticfiles").exists():
            stale.append("static")
        return stale

    def prepared(self, cluster: str | None) -> None:
        """Remember that every step is done for this state of the sources."""
        COLLECTED.write_text(json.dumps({"static": self._state("static")}))
        if cluster:
            done = {step: self._state(step) for step in ("database", "demo")}
            self._done.write_text(json.dumps({**done, "cluster": cluster}))

    def forget_prepared(self) -> None:
        """Do every step again at the next start: somebody may have changed what it stands on."""
        self._done.unlink(missing_ok=True)

    @staticmethod
    def _state(step: str) -> str:
        return digest(*(path for pattern in SOURCES[step] for path in sorted(CHECKOUT.glob(pattern))))

    def clear(self) -> None:
        """Remove everything but the lock that is held."""
        for path in self.data.iterdir():
            if path.name == "lock":
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        outside = engines.outside(self.data)
        if outside.exists():
            shutil.rmtree(outside)
        say("已清空演示数据。")


def _read(file: Path) -> dict:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
