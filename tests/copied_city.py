"""The demo city that `bootstrap.py demo` loaded for its own test, copied for the tests of its rows.

To load it takes a minute, to copy it seconds. Rows go through files below pytest's temporary folder, so that the
processes of a parallel run share them. Who finds none loads the city.
"""

import shutil
from contextlib import closing
from pathlib import Path

import psycopg2
from django.apps import apps
from django.db import connection

COLUMNS = """
SELECT attrelid::regclass::text, array_agg(quote_ident(attname) ORDER BY attnum)
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND attgenerated = '' AND NOT attisdropped
    AND relname <> 'django_migrations'
GROUP BY attrelid ORDER BY 1
"""
"""Table → columns that can be written."""
COUNTERS = """
SELECT pg_get_serial_sequence(attrelid::regclass::text, attname), attrelid::regclass::text, attname
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attidentity <> ''
"""
LOGINS = "demo_logins.json"


folder = Path()
"""Set by `tests.conftest`, the same for all processes of a run."""


def keep(database_url: str, logins_file: Path) -> None:
    """Write all rows of the database, as of one moment, and the logins into the folder, unless it is there."""
    if folder.exists():  # the test runs once more
        return
    growing = folder.with_name(f"{folder.name}-incomplete")
    growing.mkdir(exist_ok=True)
    with closing(psycopg2.connect(database_url)) as database:
        database.set_session(isolation_level="REPEATABLE READ", readonly=True)
        with database.cursor() as cursor:
            for table, columns in _tables(cursor).items():
                with open(growing / table, "wb") as file:
                    cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) TO STDOUT", file)
    shutil.copy(logins_file, growing / LOGINS)
    growing.rename(folder)


def fill() -> Path | None:
    """Replace every row of the connected database, in its transaction. Returns the file of logins; None if no city is
    kept."""
    if not folder.exists():
        return None
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # rows come in the order of the tables' names
        tables = _tables(cursor)
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")
        for table, columns in tables.items():
            with open(folder / table, "rb") as file:
                cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN", file)
        cursor.execute(COUNTERS)
        for counter, table, column in cursor.fetchall():
            cursor.execute(f"SELECT setval('{counter}', COALESCE(max({column}), 0) + 1, false) FROM {table}")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    apps.get_model("contenttypes.ContentType").objects.clear_cache()
    return folder / LOGINS


def _tables(cursor) -> dict[str, list[str]]:
    cursor.execute(COLUMNS)
    return dict(cursor.fetchall())
