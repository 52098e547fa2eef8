"""What an error of the database means: lost, full, too slow or locked."""

from django.db import InterfaceError, OperationalError

CONNECTION_LOST = ("08", "57P")
"""SQLSTATE classes: connection exception, operator intervention (shutdown, crash, cannot connect now)."""
DISK_FULL = "53100"
TIME_LIMIT_REACHED = "57014"
LOCK_NOT_AVAILABLE = "55P03"
IDLE_TOO_LONG = "25P03"


def is_database_lost(error: BaseException | None) -> bool:
    """Whether the error means that there is no connection, unlike a deadlock or a cancelled statement."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = sqlstate(error)  # missing if the connection itself failed
    return state is None or state.startswith(CONNECTION_LOST) or state == IDLE_TOO_LONG


def sqlstate(error: BaseException) -> str | None:
    """The five characters by which PostgreSQL names the error; None if it said nothing."""
    return getattr(error.__cause__, "pgcode", None)
