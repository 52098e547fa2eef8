"""The connection for what belongs to a session of the database, such as a lock that outlives a transaction."""

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

ALIAS = "session"


def session_connection() -> BaseDatabaseWrapper:
    """Of this thread. Behind a pooler in transaction mode it is one that leads to the server itself."""
    return connections[ALIAS if ALIAS in connections.settings else DEFAULT_DB_ALIAS]
