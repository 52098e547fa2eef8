"""Rows of every table, to compare a restored database with the one it was taken from."""

from typing import Any

from django.db import connection


def row_counts(cursor: Any = None) -> dict[str, int]:
    """Table → rows, exactly, in the transaction of `cursor` (else of Django's connection)."""
    if cursor is None:
        with connection.cursor() as own:
            return row_counts(own)
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
        " AND relnamespace = 'public'::regnamespace ORDER BY relname"
    )
    tables = [name for (name,) in cursor.fetchall()]
    counts = {}
    for table in tables:
        cursor.execute(f'SELECT count(*) FROM public."{table}"')  # noqa: S608  names of tables, from the catalogue
        counts[table] = int(cursor.fetchone()[0])
    return counts
