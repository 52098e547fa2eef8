"""Which rows that public pages show have changed since a page was rendered.

A trigger of each table that public pages read records the transaction that writes to it (`portal_publicchange`). A copy
of a page is used as long as every recorded transaction of its tables that the reader sees was in the snapshot taken
before the page was rendered. The writer's commit makes the copy stale: no reader gets a withdrawn row afterwards.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, connections
from django.utils import timezone

from core.replica import ALIAS, is_reading_replica

RECORDED_FOR = timedelta(days=1)
"""How long the transactions are recorded: longer than copies are kept and the longest transaction together."""
IS_UNCHANGED = """NOT EXISTS (
    SELECT FROM portal_publicchange
    WHERE source = ANY(%s::name[]) AND xid >= pg_snapshot_xmin(%s::pg_snapshot)
        AND NOT pg_visible_in_snapshot(xid, %s::pg_snapshot)
)"""
EACH_STATEMENT = 4 | 8 | 16 | 32
"""INSERT, DELETE, UPDATE and TRUNCATE in `pg_trigger.tgtype`."""
_watched: dict[str, frozenset[str]] = {}


@dataclass(frozen=True)
class ReadBefore:
    """When something was read that is shown later, and from which tables."""

    snapshot: str
    tables: frozenset[str]


def read_snapshot() -> str:
    """The snapshot of this moment; empty inside a transaction, whose own changes nobody else sees yet.

    Of the server that this request reads. A replica does not say which transactions were running when it arrived at
    its place in the log: none counts as seen from the oldest running one on.
    """
    if connection.in_atomic_block:
        return ""
    if is_reading_replica():
        with connections[ALIAS].cursor() as cursor:
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")
            oldest = cursor.fetchone()[0]
        return all_before(int(oldest))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def all_before(transaction: int) -> str:
    """The snapshot that sees the transactions before this one and no other."""
    return f"{transaction}:{transaction}:"


def is_current(*parts: ReadBefore) -> bool:
    """Whether each part reads as it did. One query, none for what was read from no table."""
    if connection.in_atomic_block:
        return False
    read = [part for part in parts if part.tables]
    if not read:
        return True
    values = [value for part in read for value in (list(part.tables), part.snapshot, part.snapshot)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {' AND '.join([IS_UNCHANGED] * len(read))}", values)
        return bool(cursor.fetchone()[0])


def watched_tables() -> frozenset[str]:
    """The tables whose changes a trigger records. Read once per process."""
    name = connection.settings_dict["NAME"]
    if name not in _watched:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgrelid::regclass::text FROM pg_trigger"
                " WHERE starts_with(tgname::text, 'public_page_') AND tgenabled IN ('O', 'A')"
                " GROUP BY tgrelid HAVING bit_or(tgtype) & %s = %s",
                (EACH_STATEMENT, EACH_STATEMENT),
            )
            _watched[name] = frozenset(table for (table,) in cursor.fetchall())
    return _watched[name]


def forget_old() -> None:
    """Remove transactions that no copy is older than, each night."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM portal_publicchange WHERE changed_at <= %s", (timezone.now() - RECORDED_FOR,))
