"""Rehearse the recovery to a moment: write a row, wait, delete it, and find it in a copy as of before the deletion.

The row lies in a database of its own on the same server, dropped at the end: the product's tables are not written to.
pgBackRest brings back the whole server, with the product's database: its rows are counted, its pages visited.
"""

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from django.conf import settings
from django.utils import timezone

from backups.manifest import write_recovery_stamp
from backups.programs import BackupError, Server
from backups.row_counts import row_counts
from backups.services import recovering
from backups.services.recovering import RecoveredServer
from backups.services.rehearsing import Rehearsal, walk_pages
from backups.services.restoring import DatabaseBeside

SEGMENT = re.compile(r"[0-9A-F]{24}")


@dataclass(frozen=True)
class _Marks:
    """moment: when the row was there. segment: the WAL file with its deletion. Rows of all tables before and after."""

    moment: str
    segment: str
    before: dict[str, int]
    after: dict[str, int]


def rehearse_recovery(
    root: Path, *, seconds: float, account: str, parent: str, say: Callable[[str], None] = lambda text: None
) -> Rehearsal:
    """Recover the server as it was `seconds` before a row was deleted. If all is well, write the stamp into `root`."""
    report = Rehearsal(settings.PGBACKREST_STANZA)

    def step(text: str) -> None:
        report.steps.append(text)
        say(text)

    server = Server.of_settings()
    try:
        recovering.installed_program()
        _check_archiving(server)
        with DatabaseBeside(server, f"{server.database}_moment") as beside:
            marks = _write_and_delete(server, beside, seconds)
            step(f"在数据库 {beside.database} 写入一行，{seconds:g} 秒后删除；要恢复到 {marks.moment}")
            started = time.monotonic()
            _wait_until_archived(server, marks.segment)
            step(f"日志已归档到 {marks.segment}，等了 {time.monotonic() - started:.1f} 秒")
            started = time.monotonic()
            with RecoveredServer(server, marks.moment, account=account, parent=parent) as recovered:
                step(f"已恢复到那一刻，{time.monotonic() - started:.1f} 秒")
                if not _has_row(recovered.beside(beside.database)):
                    report.reasons.append(f"恢复出的数据库里没有 {marks.moment} 还在的那一行")
                report.reasons += _differences(recovered, marks)
                step(f"删除的那一行已找回；{len(marks.before)} 张表的行数已核对")
                step(walk_pages(recovered, report))
    except BackupError as error:
        report.reasons.append(str(error))
    if report.is_go:
        write_recovery_stamp(root, marks.moment, timezone.now())
    return report


def _check_archiving(server: Server) -> None:
    with contextlib.closing(psycopg2.connect(**server.parameters())) as session, session.cursor() as cursor:
        cursor.execute("SHOW archive_mode")
        if cursor.fetchone()[0] == "off":
            raise BackupError("数据库没有归档日志（archive_mode = off）。步骤见 docs/operations/backup.md。")


def _write_and_delete(server: Server, beside: Server, seconds: float) -> _Marks:
    with contextlib.closing(psycopg2.connect(**beside.parameters())) as session, session.cursor() as cursor:
        session.autocommit = True
        cursor.execute("SET TIME ZONE 'UTC'")
        cursor.execute("CREATE TABLE mark (written_at timestamptz NOT NULL)")
        before = _row_counts(server)
        cursor.execute("INSERT INTO mark VALUES (clock_timestamp())")
        cursor.execute("SELECT clock_timestamp()::text")
        (moment,) = cursor.fetchone()
        time.sleep(seconds)
        cursor.execute("DELETE FROM mark")
        cursor.execute("SELECT pg_walfile_name(pg_current_wal_insert_lsn())")
        (segment,) = cursor.fetchone()
        with contextlib.suppress(psycopg2.errors.InsufficientPrivilege):  # else archive_timeout ends the segment
            cursor.execute("SELECT pg_switch_wal()")
    return _Marks(moment, segment, before, _row_counts(server))


def _wait_until_archived(server: Server, segment: str) -> None:
    """Wait until the segment is in the archive. BackupError if the archiving fails or the time is over."""
    deadline = time.monotonic() + recovering.PATIENCE
    with contextlib.closing(psycopg2.connect(**server.parameters())) as session, session.cursor() as cursor:
        session.autocommit = True
        while True:
            cursor.execute(
                "SELECT coalesce(last_archived_wal, ''), last_failed_wal,"
                " last_failed_time > coalesce(last_archived_time, '-infinity') FROM pg_stat_archiver"
            )
            archived, failed, is_failing = cursor.fetchone()
            if (match := SEGMENT.match(archived)) and match[0] >= segment:
                return
            if time.monotonic() > deadline:
                state = (
                    f"归档 {failed} 失败，原因见 PostgreSQL 的日志"
                    if is_failing
                    else f"最近归档的是 {archived or '无'}"
                )
                raise BackupError(
                    f"等了 {recovering.PATIENCE:.0f} 秒，日志 {segment} 还没有归档：{state}。"
                    "请检查 archive_command，并设置 archive_timeout = 60。"
                )
            time.sleep(0.2)


def _has_row(server: Server) -> bool:
    try:
        with contextlib.closing(psycopg2.connect(**server.parameters())) as session, session.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM mark")
            return bool(cursor.fetchone()[0] == 1)
    except psycopg2.Error:  # neither the database nor its table is there
        return False


def _row_counts(server: Server) -> dict[str, int]:
    with contextlib.closing(psycopg2.connect(**server.parameters())) as session, session.cursor() as cursor:
        return row_counts(cursor)


def _differences(recovered: Server, marks: _Marks) -> list[str]:
    """Tables of the product whose rows are not between those counted before and after the moment, as sentences."""
    counts = _row_counts(recovered)
    sentences = []
    for name, before in marks.before.items():
        bounds = sorted((before, marks.after.get(name, before)))
        if not bounds[0] <= counts.get(name, -1) <= bounds[1]:
            sentences.append(f"表 {name} 恢复出 {counts.get(name, '没有')} 行，那一刻是 {bounds[0]} 到 {bounds[1]} 行")
    return sentences
