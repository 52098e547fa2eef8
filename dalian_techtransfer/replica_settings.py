"""Settings of a read replica for the public pages, and of a connection pooler (docs/operations/scaling.md)."""

from typing import Any

import environ

ENGINE = "django.db.backends.postgresql"


def replica_settings(env: environ.Env, databases: dict[str, Any], middleware: list[str]) -> dict[str, Any]:
    """DATABASES with the replica, its router and REPLICA_MAX_LAG. Without REPLICA_URL nothing changes."""
    url = env.str("REPLICA_URL", default="")
    settings: dict[str, Any] = {"DATABASES": databases, "REPLICA_MAX_LAG": env.int("REPLICA_MAX_LAG", default=5)}
    if env.bool("DATABASE_POOLED", default=False):
        _through_pooler(databases["default"])
    if not url:
        return settings
    replica = environ.Env.db_url_config(url, engine=ENGINE)
    databases["replica"] = databases["default"] | replica | {"TEST": {"MIRROR": "default"}}
    middleware.insert(
        middleware.index("portal.middleware.DatabaseLostMiddleware") + 1, "core.replica.ReplicaMiddleware"
    )
    return settings | {"DATABASE_ROUTERS": ["core.replica.ReplicaRouter"]}


def _through_pooler(database: dict[str, Any]) -> None:
    """A pooler in transaction mode gives each transaction another connection of the server: no cursor outlives one,
    and options of the session belong to the role (ALTER ROLE … SET), because a pooler refuses them.
    """
    database["DISABLE_SERVER_SIDE_CURSORS"] = True
    database["OPTIONS"] = {name: value for name, value in database["OPTIONS"].items() if name != "options"}
