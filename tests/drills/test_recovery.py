"""A server is recovered by pgBackRest to a moment before a row was deleted, with the configuration of deploy/."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from threading import Timer
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings

from benchmarks.chaos_platform import copy_tables, template_url
from launcher import engines
from launcher.supervisor import STOP_SIGNALS, Supervisor

FILES = Path(settings.BASE_DIR, "deploy/pgbackrest")
STANZA = "dalian-techtransfer"
LONGEST_SECONDS = 600


class ArchivingServer:
    """A migrated server of its own that archives its WAL as deploy/pgbackrest says."""

    def __init__(self, data: Path, supervisor: Supervisor):
        self.layout = engines.engine_layout(data)
        self.folder = self.layout.folder / "archiving"
        self.supervisor = supervisor
        self.url = engines.start(supervisor, self.layout, self.folder, ephemeral=True)["DATABASE_URL"]
        if template := template_url():
            copy_tables(template, self.url)
        else:
            self.run(sys.executable, "manage.py", "migrate", "--verbosity", "0")
        self._write_configuration()
        with closing(psycopg2.connect(self.url)) as session, session.cursor() as cursor:
            session.autocommit = True
            for name, value in self._archiving().items():
                cursor.execute(f"ALTER SYSTEM SET {name} = %s", [value])
        engines.restart_postgres(supervisor, self.url, lambda: None)
        for words in (["stanza-create"], ["--type=full", "backup"]):
            result = self.run("pgbackrest", f"--stanza={STANZA}", "--pg1-user=app", *words, account=True)
            assert result.returncode == 0, result.stdout + result.stderr

    @property
    def configuration(self) -> Path:
        return self.folder / "pgbackrest.conf"

    def _write_configuration(self) -> None:
        text = (FILES / "pgbackrest.conf").read_text(encoding="utf-8")
        for name, path in {
            "/var/lib/pgbackrest": "repository",
            "/var/log/pgbackrest": "repository",
            "/var/spool/pgbackrest": "spool",
            "/var/lib/postgresql/18/main": "postgresql",
        }.items():
            text = text.replace(name, str(self.folder / path))
        self.configuration.write_text(text + f"pg1-port={urlsplit(self.url).port}\n", encoding="utf-8")
        for name in ("repository", "spool"):
            (self.folder / name).mkdir()
            if self.layout.account:
                os.chown(self.folder / name, *self.layout.account)

    def _archiving(self) -> dict[str, str]:
        text = (FILES / "archiving.conf").read_text(encoding="utf-8")
        values = {name: value.strip("'") for name, value in re.findall(r"^(\w+) = (.+)$", text, re.MULTILINE)}
        program = f"PGBACKREST_CONFIG='{self.configuration}' {shutil.which('pgbackrest')}"
        values["archive_command"] = values["archive_command"].replace("pgbackrest", program, 1)
        return values

    def run(self, *command: str, account: bool = False, **variables: str) -> subprocess.CompletedProcess:
        """Run a command for this server; `account`: as the account of its processes."""
        user, group = (account and self.layout.account) or (None, None)
        return subprocess.run(
            command, cwd="/" if account else settings.BASE_DIR, env=self._environment() | variables,
            user=user, group=group, extra_groups=[] if user else None,
            capture_output=True, text=True, check=False, timeout=LONGEST_SECONDS,
        )  # fmt: skip

    @contextmanager
    def begin(self, *command: str, **variables: str) -> Iterator[str]:
        """Start a command, give the first line it writes, interrupt it at the end; it must end well."""
        with subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=self._environment() | variables, stdout=subprocess.PIPE, text=True
        ) as process:
            watch = Timer(LONGEST_SECONDS, process.kill)
            watch.start()
            try:
                yield process.stdout.readline()
            finally:
                process.send_signal(signal.SIGINT)
                process.communicate()
                watch.cancel()
        assert process.returncode == 0

    def databases(self, port: int | None = None) -> set[str]:
        url = urlsplit(self.url)
        where = url._replace(netloc=url.netloc.replace(str(url.port), str(port or url.port)))
        with closing(psycopg2.connect(where.geturl())) as session, session.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'dalian%'")
            return {name for (name,) in cursor.fetchall()}

    def _environment(self) -> dict[str, str]:
        url = urlsplit(self.url)
        return os.environ | {
            "DATABASE_URL": self.url,
            "PGHOST": url.hostname,
            "PGPASSWORD": url.password,
            "PGBACKREST_CONFIG": str(self.configuration),
            "PATH": f"{self.layout.postgres}:{os.environ['PATH']}",
            "DEBUG": "True",  # nothing has been collected for the pages
        }


@pytest.fixture
def server(data):
    """Under CI=true the suite has installed pgBackRest; a failure says if not."""
    if not shutil.which("pgbackrest") and os.environ.get("CI") != "true":
        pytest.skip("pgbackrest is not installed here (apt-get install pgbackrest)")
    data.mkdir(mode=0o711)
    handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    supervisor = Supervisor(data / "logs")
    try:
        yield ArchivingServer(data, supervisor)
    finally:
        supervisor.close()
        for number, handler in handlers.items():
            signal.signal(number, handler)


@pytest.mark.long
def test_a_row_comes_back_from_the_moment_before_it_was_deleted(server, tmp_path):
    command = [sys.executable, "manage.py", "rehearse_recovery", "--seconds", "1", "--account", "nobody"]
    command += ["--from", str(tmp_path / "backups")]

    result = server.run(*command, PGBACKREST_STANZA=STANZA)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "删除的那一行已找回" in result.stdout
    assert "以 1 种身份打开了 7 个页面" in result.stdout  # the database of the tests has no users
    stamp = json.loads((tmp_path / "backups/last-recovered.json").read_text())
    assert datetime.fromisoformat(stamp["moment"]) < datetime.fromisoformat(stamp["proven_at"])
    assert server.databases() == {"dalian_techtransfer"}

    beside = [sys.executable, "manage.py", "recover_beside", stamp["moment"], "--account", "nobody"]
    with server.begin(*beside, PGBACKREST_STANZA=STANZA) as line:
        port = int(re.search(r"端口 (\d+)", line)[1])
        assert server.databases(port) == {"dalian_techtransfer", "dalian_techtransfer_moment"}  # as it was then
