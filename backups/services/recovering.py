"""PostgreSQL as it was at a moment, beside the running one, from pgBackRest's base backups and archived WAL."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings

from backups.programs import BackupError, Server, candidates, program_version, server_version

FOLDER = "/var/tmp"  # noqa: S108  mkdtemp makes a folder of its own in it
PATIENCE = 900.0
"""Seconds until the archive has a segment, and until the recovered server answers."""
HBA = "host all all 127.0.0.1/32 scram-sha-256\n"
LOG_LINES = 8


class RecoveredServer:
    """A context: restores into a folder of its own, starts the server there, and removes both at the end.

    `moment` is a time as PostgreSQL writes it, with its zone. The server accepts the accounts and passwords of the
    original at a free port of this machine, archives nothing, and does not outlive the context.
    """

    def __init__(self, origin: Server, moment: str, *, account: str, parent: str):
        self.origin = origin
        self.moment = moment
        self.run_as = _run_as(account)
        self.parent = parent
        self.folder = Path()
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Server:
        program = server_program(server_version())
        try:
            self.folder = Path(tempfile.mkdtemp(prefix="recovery-", dir=self.parent))
        except OSError as error:
            raise BackupError(f"不能在 {self.parent} 里建立目录：{error.strerror}。请用 --beside 另选目录。") from None
        try:
            self._own(self.folder)
            self._restore()
            return self._start(program)
        except BaseException:
            self._remove()
            raise

    def __exit__(self, *_: object) -> None:
        self._remove()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def _own(self, path: Path) -> None:
        if self.run_as:
            os.chown(path, self.run_as["user"], self.run_as["group"])

    def _restore(self) -> None:
        self.data.mkdir(mode=0o700)
        self._own(self.data)
        options = [
            f"--pg1-path={self.data}",
            f"--tablespace-map-all={self.folder / 'tablespaces'}",
            *("--type=time", f"--target={self.moment}", "--target-action=promote"),
            "--archive-mode=off",  # the archive belongs to the original
        ]
        pgbackrest("restore", *options, run_as=self.run_as)

    def _start(self, program: Path) -> Server:
        port = _free_port()
        hba, log = self.folder / "hba.conf", self.folder / "server.log"
        hba.write_text(HBA, encoding="ascii")
        hba.chmod(0o644)
        values = {
            "config_file": self._settings(),
            "hba_file": hba,
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "archive_mode": "off",
            "hot_standby": "off",  # no session before the moment is reached, and no limits as large as the original's
            "ssl": "off",
            "shared_preload_libraries": "",
            "shared_buffers": "128MB",
            "logging_collector": "off",
            "autovacuum": "off",
            "fsync": "off",
        }
        words = [word for name, value in values.items() for word in ("-c", f"{name}={value}")]
        with open(log, "wb") as output:
            self.process = subprocess.Popen(
                [program, "-D", self.data, *words],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **self.run_as,
            )
        server = Server("127.0.0.1", str(port), self.origin.user, self.origin.password, self.origin.database)
        self._wait_until_it_answers(server, log)
        return server

    def _settings(self) -> Path:
        """Instead of the original's postgresql.conf, which may lie elsewhere and name folders of the original."""
        file = self.folder / "postgresql.conf"
        file.touch(mode=0o644)
        return file

    def _wait_until_it_answers(self, server: Server, log: Path) -> None:
        assert self.process is not None
        deadline = time.monotonic() + PATIENCE
        reason = ""
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                psycopg2.connect(**server.parameters(), connect_timeout=5).close()
                return
            except psycopg2.OperationalError as error:
                reason = str(error).strip()
            time.sleep(0.2)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]
        raise BackupError("\n".join([f"恢复到 {self.moment} 的数据库没有启动：{reason}", *lines]))

    def _remove(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(60)
            self.process.kill()
            self.process.wait()
        if self.folder.name:
            shutil.rmtree(self.folder, ignore_errors=True)


def pgbackrest(command: str, *options: str, run_as: dict[str, Any]) -> None:
    """Run a command of pgBackRest for the installation's stanza. BackupError with its last lines if it fails."""
    program = installed_program()
    words = [program, f"--stanza={settings.PGBACKREST_STANZA}", "--log-level-file=off", "--log-level-console=warn"]
    result = subprocess.run([*words, *options, command], cwd="/", capture_output=True, text=True, check=False, **run_as)
    if result.returncode:
        lines = "\n".join((result.stdout + result.stderr).strip().splitlines()[-LOG_LINES:])
        raise BackupError(f"pgbackrest {command} 失败（{result.returncode}）：{lines}")


def installed_program() -> str:
    """pgBackRest; BackupError if it is not set up here."""
    if not settings.PGBACKREST_STANZA:
        raise BackupError("没有配置 pgBackRest。请设置 PGBACKREST_STANZA，步骤见 docs/operations/backup.md。")
    program = shutil.which("pgbackrest")
    if not program:
        raise BackupError("没有安装 pgBackRest。请安装：apt-get install pgbackrest")
    return program


def server_program(wanted: int) -> Path:
    """The `postgres` of exactly this major version: another one cannot read the folder of a cluster."""
    for path in candidates("postgres"):
        if program_version(path) == wanted:
            return path
    raise BackupError(f"本机没有 PostgreSQL {wanted} 的服务器程序 postgres。请在数据库所在的服务器上运行。")


def _run_as(account: str) -> dict[str, Any]:
    """Arguments of subprocess: as root the programs run as the server's account, because PostgreSQL refuses root."""
    if os.getuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam(account)
    except KeyError:
        raise BackupError(f"没有账户 {account}。请用 --account 写明运行 PostgreSQL 的账户。") from None
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": os.getgrouplist(account, entry.pw_gid)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
