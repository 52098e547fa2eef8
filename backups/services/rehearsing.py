"""Rehearse a restore and the upgrade of the restored data: go or no-go, with reasons.

The last backup is restored into a database beside the product's. There it is compared with its manifest, migrated to
the present code while sessions read and lock rows, and its pages are visited. Nothing of it touches the product's data.
"""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psycopg2
from django.conf import settings
from django.utils import timezone
from psycopg2 import sql

from backups.manifest import Backup, write_stamp
from backups.programs import BackupError, Server
from backups.row_counts import row_counts
from backups.services.restoring import DatabaseBeside, restore_database

LONGEST_WAIT = 10.0
"""Seconds that a session beside the migration may wait: longer than migrations wait for a lock, or pages time out."""
WALK_SECONDS = 900
CUT_OFF = {
    "DATABASE_DIRECT_URL": "",
    "EMAIL_URL": "dummymail://",
    "NOTICE_WEBHOOK_URL": "",
    "READER_URL": "",
    "REPLICA_URL": "",
    "SENTRY_DSN": "",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "ALLOWED_HOSTS": "localhost",
    "BEHIND_TLS_PROXY": "False",
    "MFA_REQUIRED_ROLES": "",
}
"""Settings of the processes that work on the restored data: it sends nothing, and shares neither cache nor queue.
Port 9 refuses at once, and pages do without a broker."""


@dataclass
class Rehearsal:
    """The report: what was done, and why not to go on. No reason: go."""

    backup: str
    steps: list[str] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def is_go(self) -> bool:
        return not self.reasons


def rehearse(backup: Backup, *, say: Callable[[str], None] = lambda text: None) -> Rehearsal:
    """Restore, compare, migrate under load, walk. If all went well the backup is stamped as proven."""
    report = Rehearsal(backup.folder.name)

    def step(text: str) -> None:
        report.steps.append(text)
        say(text)

    server = Server.of_settings()
    try:
        backup.check()
        size, uploads = backup.manifest.dump_bytes / 1e6, len(backup.manifest.uploads)
        step(f"校验值相符：数据库 {size:.1f} MB，上传的文件 {uploads} 个")
        with DatabaseBeside(server, f"{server.database}_rehearsal") as beside:
            started = time.monotonic()
            restore_database(backup, beside)
            step(f"已恢复到数据库 {beside.database}，{time.monotonic() - started:.1f} 秒")
            report.reasons += compare_counts(beside, backup.manifest.row_counts)
            step(f"{len(backup.manifest.row_counts)} 张表的行数已核对")
            step(_migrate_under_load(beside, report))
            step(walk_pages(beside, report))
    except BackupError as error:
        report.reasons.append(str(error))
    if report.is_go:
        write_stamp(backup.folder.parent, backup, timezone.now())
    return report


def compare_counts(server: Server, wanted: dict[str, int]) -> list[str]:
    """Differences of the restored tables from the manifest, as sentences."""
    with contextlib.closing(psycopg2.connect(**server.parameters())) as session, session.cursor() as cursor:
        counts = row_counts(cursor)
    names = sorted(wanted.keys() | counts.keys())
    return [
        f"表 {name} 恢复出 {counts.get(name, '没有')} 行，清单是 {wanted.get(name, '没有')} 行"
        for name in names
        if counts.get(name) != wanted.get(name)
    ]


def _environment(server: Server, role: str) -> dict[str, str]:
    return os.environ | CUT_OFF | {"DATABASE_URL": server.url(), "PROCESS_ROLE": role}


def _migrate_under_load(server: Server, report: Rehearsal) -> str:
    """Run `migrate` with the lock limit of migrations while sessions use the tables as pages do."""
    started = time.monotonic()
    with _load(server) as load:
        command = [sys.executable, "manage.py", "migrate", "--noinput"]
        environment = _environment(server, "migration")
        result = subprocess.run(
            command, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
        )
    if result.returncode:
        report.reasons.append("迁移失败：" + " ".join(result.stderr.strip().splitlines()[-2:]))
    if load.failure:
        report.reasons.append(f"迁移期间，同时使用数据库的程序出错：{load.failure}")
    if load.longest > LONGEST_WAIT:
        report.reasons.append(f"迁移让同时使用数据库的程序等了 {load.longest:.1f} 秒，多于 {LONGEST_WAIT:.0f} 秒")
    applied = result.stdout.count("... OK")
    return (
        f"迁移 {applied} 步，{time.monotonic() - started:.1f} 秒；"
        f"同时读写 {load.rounds} 轮，最长等待 {load.longest:.2f} 秒"
    )


@dataclass
class _Load:
    rounds: int = 0
    longest: float = 0.0
    failure: str = ""


@contextlib.contextmanager
def _load(server: Server) -> Iterator[_Load]:
    """Sessions that read each table and lock one of its rows, in short transactions, until the block ends."""
    load, stop = _Load(), threading.Event()
    thread = threading.Thread(target=_use_tables, args=(server, load, stop), daemon=True)
    thread.start()
    try:
        yield load
    finally:
        stop.set()
        thread.join(timeout=60)


def _use_tables(server: Server, load: _Load, stop: threading.Event) -> None:
    try:
        with contextlib.closing(psycopg2.connect(**server.parameters())) as session, session.cursor() as cursor:
            while not stop.is_set():
                cursor.execute(
                    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
                )
                for (table,) in cursor.fetchall():
                    started = time.monotonic()
                    with contextlib.suppress(psycopg2.errors.UndefinedTable):  # the migration dropped it
                        cursor.execute(sql.SQL("SELECT * FROM {} LIMIT 20 FOR SHARE").format(sql.Identifier(table)))
                    session.rollback()
                    load.longest = max(load.longest, time.monotonic() - started)
                load.rounds += 1
    except psycopg2.Error as error:
        load.failure = str(error).strip()


def walk_pages(server: Server, report: Rehearsal) -> str:
    """Visit the main pages in a process of its own, with the restored data."""
    command = [sys.executable, "-m", "backups.page_walk"]
    try:
        result = subprocess.run(
            command,
            cwd=Path(settings.BASE_DIR),
            env=_environment(server, "web"),
            capture_output=True,
            text=True,
            check=False,
            timeout=WALK_SECONDS,
        )
        walk = json.loads(result.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        report.reasons.append(f"打开主要页面用了 {WALK_SECONDS} 秒以上")
        return "主要页面没有走完"
    except (ValueError, IndexError):
        report.reasons.append("不能打开主要页面：" + " ".join(result.stderr.strip().splitlines()[-2:]))
        return "主要页面没有走完"
    report.reasons += walk["problems"]
    return f"以 {walk['visitors']} 种身份打开了 {walk['pages']} 个页面"
