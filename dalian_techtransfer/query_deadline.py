"""A page does not wait for a PostgreSQL that has stopped answering.

A statement_timeout is kept by the server, so that a server that hangs (its disk, a stopped machine) keeps none, and
libpq waits without end: TCP is no help while the kernel of the other side still acknowledges. Here psycopg2 waits by
poll(). After ANSWER_SECONDS without an answer the server is asked by a second connection for a sign of life. If there
is none, the connection is given up with OperationalError, which pages answer with 503, and for a moment no new
connection is tried: one page must not wait several times.

Only in web processes (`wsgi.py`). COPY is not possible with it.
"""

import os
import select
import socket
import struct
import time

import psycopg2
from psycopg2 import extensions

from dalian_techtransfer.database_settings import ANSWER_SECONDS

SIGN_OF_LIFE_SECONDS = 0.5
LONGEST = 25.0
"""Seconds after which a statement is given up though the server lives; longer than the server's own limit."""
NO_NEW_CONNECTION_SECONDS = 1.0
SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""The one message that every PostgreSQL (and PgBouncer) answers at once, before sign-in, by one byte."""
NOT_CONNECTED = (extensions.STATUS_SETUP, 20)
"""20 is psycopg2's CONN_STATUS_CONNECTING, which it does not export."""

_closed_until = 0.0


def install() -> None:
    extensions.set_wait_callback(wait)


def wait(connection: extensions.connection) -> None:
    """psycopg2 calls this instead of waiting itself, for each connection and each statement."""
    state = connection.poll()
    if state == extensions.POLL_OK:
        return
    is_connecting = connection.status in NOT_CONNECTED
    if is_connecting and time.monotonic() < _closed_until:
        raise _lost("PostgreSQL did not answer a moment ago")
    descriptor, begun = connection.fileno(), time.monotonic()
    while state != extensions.POLL_OK:
        if not _is_ready(descriptor, state):
            waited = time.monotonic() - begun
            if is_connecting or waited > LONGEST or not _gives_sign_of_life(descriptor):
                _close_for_a_moment()
                raise _lost(f"PostgreSQL did not answer within {waited:.1f} s")
        state = connection.poll()


def _is_ready(descriptor: int, state: int) -> bool:
    events = select.poll()
    events.register(descriptor, select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
    return bool(events.poll(ANSWER_SECONDS * 1000))


def _gives_sign_of_life(descriptor: int) -> bool:
    """Whether the server behind the connection accepts another one and answers its first message."""
    try:
        with socket.socket(fileno=os.dup(descriptor)) as own:
            family, address = own.family, own.getpeername()
        with socket.socket(family, socket.SOCK_STREAM) as other:
            other.settimeout(SIGN_OF_LIFE_SECONDS)
            other.connect(address)
            other.sendall(SSL_REQUEST)
            return bool(other.recv(1))
    except OSError:
        return False


def _close_for_a_moment() -> None:
    global _closed_until
    _closed_until = time.monotonic() + NO_NEW_CONNECTION_SECONDS


def _lost(sentence: str) -> psycopg2.OperationalError:
    return psycopg2.OperationalError(sentence)
