"""Settings of the database connection: how long each kind of process waits for what.

A page must answer, so its statements are short. A task may compute for minutes, and its process is killed after
CELERY_TASK_TIME_LIMIT. A migration may run for hours, but must not make everybody wait behind a lock that it waits for.
"""

from typing import Any

import environ

WEB, WORKER, MIGRATION, COMMAND = "web", "worker", "migration", "command"

LIMITS: dict[str, dict[str, str]] = {
    WEB: {"statement_timeout": "20s", "lock_timeout": "10s", "idle_in_transaction_session_timeout": "60s"},
    WORKER: {"statement_timeout": "10min", "idle_in_transaction_session_timeout": "16min"},
    MIGRATION: {"lock_timeout": "5s"},
    COMMAND: {"idle_in_transaction_session_timeout": "1h"},
}
"""Role of a process → limits of PostgreSQL for its sessions. What is not named is not limited."""

ANSWER_SECONDS = 2.0
"""A page waits so long for a sign of life of the server, and for a connection (`query_deadline`)."""

CONNECTION = {
    "connect_timeout": 3,
    # A server that vanished without a word: its machine or the network is gone.
    "tcp_user_timeout": 10_000,
    "keepalives": 1,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}
# Queries of a page are small: parallel workers and JIT compilation would cost more than they save.
PLANNER = {"max_parallel_workers_per_gather": "0", "jit": "off"}
KEEPALIVES = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "5", "tcp_keepalives_count": "3"}
"""Of the server: it notices within 20 seconds that a host is cut off, and frees the rows that its transaction locks."""


def database_settings(env: environ.Env) -> dict[str, Any]:
    role = env.str("PROCESS_ROLE", default=WORKER)
    options = " ".join(f"-c {name}={value}" for name, value in {**PLANNER, **KEEPALIVES, **LIMITS[role]}.items())
    database = env.db_url("DATABASE_URL", engine="django.db.backends.postgresql")
    return {
        "default": {
            **database,
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": {**database.get("OPTIONS", {}), **CONNECTION, "options": options},
        }
    }
