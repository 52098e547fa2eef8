"""A database of its own for a benchmark: made on the server of DATABASE_URL, or on one started for it, then removed."""

import os
import secrets
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

CHECKOUT = Path(__file__).resolve().parent.parent


@contextmanager
def database() -> Iterator[None]:
    """Django, ready on an empty, migrated database. Nothing that exists is read or changed."""
    with _server() as server, tempfile.TemporaryDirectory(prefix="benchmark-indexes-") as indexes:
        name = f"benchmark_{os.getpid()}_{secrets.token_hex(3)}"
        _run(server, f"CREATE DATABASE {name}")
        try:
            os.environ |= {
                "DATABASE_URL": urlunsplit(urlsplit(server)._replace(path=f"/{name}")),
                "DJANGO_SETTINGS_MODULE": "dalian_techtransfer.settings",
                "SECRET_KEY": secrets.token_urlsafe(50),
                "DEBUG": "False",
                "ALLOWED_HOSTS": "testserver",
                "MFA_REQUIRED_ROLES": "",  # else the pages of the staff lead to its set-up
                "LOG_LEVEL": "WARNING",
                "PUBLIC_COPY_SECONDS": "0",  # what is measured is the page, not its copy
                "INDEX_FOLDER": indexes,  # else an index of an earlier run with the same texts would be used
            }
            _set_up()
            yield
        finally:
            from django.db import connections

            connections.close_all()
            _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _set_up() -> None:
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    # Pages name static files plainly, as before the files are collected: no benchmark depends on a build.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    warnings.filterwarnings("ignore", "No directory at")
    call_command("migrate", verbosity=0)


@contextmanager
def _server() -> Iterator[str]:
    """The URL of a server's maintenance database."""
    if given := os.environ.get("DATABASE_URL"):
        yield urlunsplit(urlsplit(given)._replace(scheme="postgresql", path="/postgres"))
        return
    from launcher import engines
    from launcher.paths import DATA
    from launcher.supervisor import Supervisor

    DATA.mkdir(exist_ok=True)
    DATA.chmod(0o711)
    layout = engines.engine_layout(DATA)
    folder = layout.folder / f"benchmark-{os.getpid()}"
    folder.mkdir()
    supervisor = Supervisor(folder / "logs", remove=(folder,))
    try:
        urls = engines.start(supervisor, layout, folder)
        os.environ.setdefault("REDIS_URL", urls["REDIS_URL"])
        yield urlunsplit(urlsplit(urls["DATABASE_URL"])._replace(path="/postgres"))
    finally:
        supervisor.ignore_signals()
        supervisor.close()
        shutil.rmtree(folder, ignore_errors=True)


def _run(server: str, statement: str) -> None:
    try:
        connection = psycopg2.connect(server)
    except psycopg2.OperationalError as error:
        sys.exit(f"cannot reach the database server of DATABASE_URL: {error}")
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(statement)
