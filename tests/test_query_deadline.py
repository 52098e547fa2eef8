"""A page does not wait for a PostgreSQL that has stopped answering; a slow statement of one that lives may go on.

`tests.drills.test_chaos` asks a whole platform whose PostgreSQL is stopped.
"""

import socket
from contextlib import closing

import psycopg2
import pytest
from django.conf import settings
from psycopg2 import extensions

from dalian_techtransfer import database_settings, query_deadline


@pytest.fixture
def waiting(monkeypatch):
    """psycopg2 waits as in a web process, but shorter."""
    monkeypatch.setattr(query_deadline, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(query_deadline, "_closed_until", 0.0)
    query_deadline.install()
    yield
    extensions.set_wait_callback(None)


def connect(**other):
    where = settings.DATABASES["default"]
    parts = {"host": where["HOST"], "port": where["PORT"], "user": where["USER"], "password": where["PASSWORD"]}
    return closing(psycopg2.connect(**parts | {"dbname": "postgres"} | other))


def test_a_silent_server_is_given_up_and_not_asked_again_at_once(waiting):
    with socket.create_server(("127.0.0.1", 0)) as server:
        with pytest.raises(psycopg2.OperationalError, match="did not answer within"):
            connect(port=server.getsockname()[1])
        with pytest.raises(psycopg2.OperationalError, match="a moment ago"):
            connect(port=server.getsockname()[1])


def test_a_slow_statement_of_a_living_server_goes_on(waiting):
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.7), 7")
        assert cursor.fetchone()[1] == 7


def test_a_connection_that_fell_silent_is_closed(waiting, monkeypatch):
    monkeypatch.setattr(query_deadline, "_gives_sign_of_life", lambda descriptor: False)
    with connect() as connection:
        with pytest.raises(psycopg2.OperationalError, match="did not answer within"), connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(5)")
        assert connection.closed


def test_the_sign_of_life_is_that_of_the_same_server():
    with connect() as connection:
        assert query_deadline._gives_sign_of_life(connection.fileno())
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as link:
        assert not query_deadline._gives_sign_of_life(link.fileno())


def test_pages_tasks_and_migrations_have_limits_of_their_own(monkeypatch):
    import environ

    shown = {}
    for role in database_settings.LIMITS:
        monkeypatch.setenv("PROCESS_ROLE", role)
        options = database_settings.database_settings(environ.Env())["default"]["OPTIONS"]
        with connect(**options) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
            shown[role] = cursor.fetchone()
        assert options["tcp_user_timeout"] and options["keepalives"]
    assert shown == {"web": ("20s", "10s"), "worker": ("10min", "0"), "migration": ("0", "5s"), "command": ("0", "0")}
