"""The product in a data directory of its own, with its real processes, to be killed: for `benchmarks.chaos` and a test.

`python -m benchmarks.chaos_platform prepare DATA ACHIEVEMENTS DEMANDS CHUNK` fills the directory and queues a run;
`python -m benchmarks.chaos_platform run DATA` starts what `bootstrap.py demo` starts, without collected static files.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

CHECKOUT = Path(__file__).resolve().parent.parent
START_SECONDS = 700
PREPARE_SECONDS = 1800
TICKS = os.sysconf("SC_CLK_TCK")
LOG_LINES = 15
RUNS = """
SELECT run.id, run.status, run.prepared_at IS NOT NULL AS prepared, run.sent_at::text, now()::text, count(chunk.id),
       count(chunk.finished_at), count(chunk.failed_at), max(chunk.attempts)
FROM matching_matchrun run LEFT JOIN matching_matchchunk chunk ON chunk.run_id = run.id GROUP BY run.id ORDER BY run.id
"""
ERRORS = "SELECT run_id, number, attempts, error FROM matching_matchchunk WHERE error <> '' ORDER BY 1, 2 LIMIT 20"


# --- Commands, each in a process of its own --------------------------------------------------------------------------
def prepare(data: Path, achievements: int, demands: int, chunk: int, template: str) -> None:
    """Engines, tables, rows and one queued run; then everything is stopped. `template`: URL of a migrated database."""
    from launcher import demo, engines
    from launcher.data_directory import DataDirectory
    from launcher.supervisor import Supervisor

    directory = DataDirectory(data)
    directory.acquire()
    package = demo._city(None)
    directory.claim(package.folder, package.key)
    supervisor = Supervisor(directory.logs, lock=directory.lock)
    try:
        environment, cluster = demo._environment(directory, supervisor)
        if template:
            copy_tables(template, environment["DATABASE_URL"])
        os.environ.update(environment)
        fill(achievements, demands, chunk)
        directory.logins.write_text(json.dumps({"logins": []}), encoding="utf-8")
        directory.mark_prepared(cluster, static=False)
        print(json.dumps({"external": str(engines.external_folder(directory.data))}))
    finally:
        supervisor.close()


def copy_tables(source: str, target: str) -> None:
    from launcher import engines

    programs = engines.WHEEL / "pginstall/bin"
    with subprocess.Popen([programs / "pg_dump", "--no-owner", source], stdout=subprocess.PIPE) as dump:
        subprocess.run(
            [programs / "psql", "-q", "-v", "ON_ERROR_STOP=1", target],
            stdin=dump.stdout,
            stdout=subprocess.DEVNULL,
            check=True,
        )


def fill(achievements: int, demands: int, chunk: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.registry import fill_achievements, fill_demands

    call_command("migrate", verbosity=0)
    call_command("load_city", verbosity=0)
    fill_achievements(achievements)
    fill_demands(demands)
    start_run(chunk)


def start_run(chunk: int) -> None:
    from matching.services import runs

    runs.CHUNK_SIZE = chunk
    runs.start_run("对接会 会后匹配", by=None)


def start_import(rows: int) -> None:
    """Upload a sheet of so many achievements as city staff; a task reads it. Prints the id of the import."""
    from accounts.models import Organisation, Role, User
    from accounts.services.members import add_member
    from accounts.services.source_files import store_source_file
    from achievements.services.sheet_imports import start_sheet_import
    from benchmarks import import_workbook

    content = import_workbook.invented(rows)
    for name in import_workbook.units(content):
        Organisation.objects.get_or_create(kind="institution", name=name)
    city = Organisation.objects.filter(kind="city").first() or Organisation.objects.create(kind="city", name="市科技局")
    user = User.objects.create_user(username="importer", name="示例", password="Demo-pass-2026")
    add_member(user, city, Role.CITY, by=None)
    source = store_source_file("achievements", content=content, name="sheet.xlsx", by=user)
    print(start_sheet_import(source, by=user).pk)


def write_import(number: int) -> None:
    """Import the rows that are ready, by a task."""
    from achievements.models import SheetImport
    from achievements.services.sheet_writing import begin_writing

    sheet = SheetImport.objects.get(pk=number)
    begin_writing(sheet, by=sheet.started_by)


def run(data: Path) -> None:
    from launcher import demo

    variant = demo.Variant(settings={}, processes=demo.processes, watch=demo.watch, collects_static=False)
    demo.run(data=str(data), port=0, once=False, reset=False, yes=False, variant=variant)


# --- The platform as its killer sees it ------------------------------------------------------------------------------
class Platform:
    """A started platform: its processes by name, its rows, and how long it takes to work again."""

    def __init__(self, data: Path, *, total_seconds: float = float("inf"), **variables: str):
        """`total_seconds`: limit of all waits together. `variables`: more of the environment of all its processes."""
        self.data = data
        self.end = time.monotonic() + total_seconds
        self.variables = variables
        self.supervisor: subprocess.Popen[bytes]
        self.cpu: dict[tuple[int, str], float] = {}

    # --- Start and stop
    def start(self) -> float:
        """Start all processes. Returns the seconds until each was ready; fails if the start is refused."""
        begun = time.monotonic()
        with contextlib.suppress(FileNotFoundError):
            (self.data / "running.json").unlink()
        with open(self.data / "start.log", "ab") as log:
            own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
            self.supervisor = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.chaos_platform", "run", str(self.data)],
                cwd=CHECKOUT, env=own | self.variables, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.wait(lambda: (self.data / "running.json").exists() or self.supervisor.poll() is not None, START_SECONDS)
        assert self.supervisor.poll() is None, (self.data / "start.log").read_text(encoding="utf-8")[-3000:]
        return time.monotonic() - begun

    def stop(self) -> None:
        self.count_cpu()
        self.supervisor.send_signal(signal.SIGTERM)
        try:
            self.supervisor.wait(60)
        except subprocess.TimeoutExpired:
            self.supervisor.kill()
            self.supervisor.wait()

    def wait(self, condition: Callable[[], object], seconds: float) -> None:
        deadline = min(time.monotonic() + seconds, self.end)
        while not condition():
            if time.monotonic() > deadline:
                limit = "its total time" if deadline == self.end else f"{seconds:.0f} s"
                raise TimeoutError(f"the platform did not recover within {limit}\n{self.state()}")
            time.sleep(0.1)

    def state(self) -> str:
        """Its runs, what was given up, and the last lines of each log, to find out why it does not recover."""
        import psycopg2

        lines = []
        try:
            for sql in (RUNS, ERRORS):
                lines += [str(row) for row in self.rows(sql)]
        except (OSError, psycopg2.Error) as error:
            lines.append(f"no rows: {error}")
        for log in [self.data / "start.log", *sorted((self.data / "logs").glob("*.log"))]:
            lines += [f"--- {log.name}", *log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:]]
        return "\n".join(lines)

    # --- Its processes
    def processes(self) -> dict[int, tuple[int, str]]:
        """Process id → parent id and command line, of the supervisor and everything below it."""
        everything = dict(_all_processes())
        members = {self.supervisor.pid}
        while more := {pid for pid, (parent, _) in everything.items() if parent in members} - members:
            members |= more
        return {pid: everything[pid] for pid in members if pid in everything}

    def pids(self, *words: str, children: bool = False) -> list[int]:
        """Processes that the supervisor has started and whose command line has all words; or their children."""
        rows = self.processes()
        parents = [
            pid
            for pid, (parent, command) in rows.items()
            if parent == self.supervisor.pid and all(word in command for word in words)
        ]
        return sorted(pid for pid, (parent, _) in rows.items() if parent in parents) if children else parents

    def count_cpu(self) -> float:
        """CPU-seconds of all processes as far as they were seen alive."""
        for pid in self.processes():
            with contextlib.suppress(OSError):
                words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                self.cpu[pid, words[19]] = (int(words[11]) + int(words[12])) / TICKS
        return sum(self.cpu.values())

    # --- Its rows
    def environment(self) -> dict[str, str]:
        environment: dict[str, str] = json.loads((self.data / "running.json").read_text())["environment"]
        return environment

    def rows(self, sql: str, *parameters: object) -> list[tuple[Any, ...]]:
        import psycopg2

        with closing(psycopg2.connect(self.environment()["DATABASE_URL"], connect_timeout=3)) as database:
            database.autocommit = True
            with database.cursor() as cursor:
                cursor.execute(sql, parameters)
                return cursor.fetchall() if cursor.description else []

    def number(self, sql: str, *parameters: object) -> int:
        """The one number a query returns; -1 while the database does not answer."""
        import psycopg2

        try:
            return int(self.rows(sql, *parameters)[0][0])
        except psycopg2.OperationalError:
            return -1

    def clock(self) -> int:
        """Seconds since 1970 by the clock of its database; -1 while that does not answer."""
        return self.number("SELECT extract(epoch FROM clock_timestamp())::bigint")

    def chunks_done(self) -> int:
        return self.number("SELECT count(*) FROM matching_matchchunk WHERE finished_at IS NOT NULL")

    def chunks_open(self) -> int:
        return self.number("SELECT count(*) FROM matching_matchchunk WHERE finished_at IS NULL")

    def status(self, path: str, *, patience: float = 10) -> int:
        address = json.loads((self.data / "running.json").read_text())["address"]
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                address + path, timeout=patience
            ) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def queue_again(self, chunk: int) -> None:
        """One more run, when the last one was faster than its killer."""
        self.call(f"start_run({chunk})")

    def call(self, expression: str) -> str:
        """Call a function of this module in a process with the platform's settings. Returns what it prints."""
        code = f"import django; django.setup(); from benchmarks import chaos_platform; chaos_platform.{expression}"
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=CHECKOUT, env=os.environ | self.environment(),
            stdout=subprocess.PIPE, text=True, check=True, timeout=START_SECONDS,
        )  # fmt: skip
        return done.stdout


def _all_processes() -> Iterator[tuple[int, tuple[int, str]]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                words = (folder / "stat").read_text().rpartition(")")[2].split()
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if words[0] != "Z":
                    yield int(folder.name), (int(words[1]), command)


def template_url() -> str:
    """URL of the migrated database that a test run keeps, empty without one."""
    server, name = os.environ.get("DATABASE_URL", ""), os.environ.get("MIGRATED_DATABASE", "")
    return urlunsplit(urlsplit(server)._replace(scheme="postgresql", path=f"/{name}")) if server and name else ""


def prepared(data: Path, achievements: int, demands: int, chunk: int) -> Path:
    """Prepare a data directory in a process of its own. Returns the folder outside of it that is to be removed too."""
    own = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    numbers = [str(achievements), str(demands), str(chunk)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.chaos_platform", "prepare", str(data), *numbers, template_url()],
        cwd=CHECKOUT, env=own, stdout=subprocess.PIPE, check=True, text=True, timeout=PREPARE_SECONDS,
    )  # fmt: skip
    return Path(json.loads(done.stdout.splitlines()[-1])["external"])


if __name__ == "__main__":
    if sys.argv[1] == "prepare":
        prepare(Path(sys.argv[2]), *(int(number) for number in sys.argv[3:6]), template=sys.argv[6])
    else:
        run(Path(sys.argv[2]))
