"""Settings of a read replica for the public pages, and of a connection pooler (docs/operations/scaling.md)."""

import re
from typing import Any

import environ

type Settings = tuple[dict[str, Any], list[str], int]
ENGINE = "django.db.backends.postgresql"


def replica_settings(env: environ.Env, databases: dict[str, Any], middleware: list[str]) -> Settings:
    """DATABASES with a direct connection and a replica, DATABASE_ROUTERS, REPLICA_MAX_LAG. Each URL is optional."""
    url, direct_url = env.str("REPLICA_URL", default=""), env.str("DATABASE_DIRECT_URL", default="")
    routers = []
    if url:
        databases["replica"] = _like(databases["default"], url)
        place = middleware.index("portal.middleware.UnavailableMiddleware") + 1
        middleware.insert(place, "core.replica.ReplicaMiddleware")
        routers.append("core.replica.ReplicaRouter")
    if direct_url:
        databases["session"] = _like(databases["default"], direct_url)
        _through_pooler(databases["default"])
    return databases, routers, env.int("REPLICA_MAX_LAG", default=5)


def _like(database: dict[str, Any], url: str) -> dict[str, Any]:
    return database | environ.Env.db_url_config(url, engine=ENGINE) | {"TEST": {"MIRROR": "default"}}


def _through_pooler(database: dict[str, Any]) -> None:
    """A pooler in transaction mode gives each transaction another connection of the server: no cursor outlives one,
    and options of the session belong to the role (`role_options`), because the pooler passes none on.
    """
    database["DISABLE_SERVER_SIDE_CURSORS"] = True
    database["OPTIONS"] = {name: value for name, value in database["OPTIONS"].items() if name != "options"}


def role_options(database: dict[str, Any]) -> dict[str, str]:
    """The options that a direct connection asks for: behind a pooler, `ALTER ROLE … SET name = value` for each."""
    options = str(database.get("OPTIONS", {}).get("options", ""))
    return dict(re.findall(r"-c\s*([\w.]+)=(\S+)", options))
