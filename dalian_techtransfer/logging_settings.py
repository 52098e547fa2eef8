"""Settings of logs, error reports and metrics. What the variables mean: .env.example, docs/operations."""

import os
import tomllib
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import environ

from dalian_techtransfer.error_reports import start_error_reports


def logging_settings(env: environ.Env) -> tuple[str, bool, dict[str, Any]]:
    """LOG_FORMAT, LOG_REQUESTS, LOGGING."""
    log_format = env.str("LOG_FORMAT", default="text")
    if log_format not in ("text", "json"):
        raise ValueError(f"LOG_FORMAT is {log_format!r}; it must be text or json")
    logging = {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"work_ids": {"()": "core.log_format.WorkIdFilter"}},
        "formatters": {
            "text": {"()": "core.log_format.TextFormatter"},
            "json": {"()": "core.log_format.JsonFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": log_format, "filters": ["work_ids"]}},
        "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
        "loggers": {
            # Without its own handlers: one writes each line a second time with DEBUG, one mails whole requests.
            "django": {"handlers": [], "propagate": True},
            # Its messages contain user names and addresses, which belong in the audit trail only.
            "axes": {"level": "ERROR"},
        },
    }
    return log_format, env.bool("LOG_REQUESTS", default=log_format == "json"), logging


def metrics_settings(env: environ.Env, middleware: list[str], base_dir: Path) -> tuple[str, list[str], str]:
    """METRICS_TOKEN, METRICS_ADDRESSES, METRICS_FOLDER. Without the first two nothing is counted, /metrics is 404."""
    token, addresses = env.str("METRICS_TOKEN", default=""), env.list("METRICS_ADDRESSES", default=[])
    for network in addresses:
        ip_network(network, strict=False)  # ValueError names the faulty one
    folder = env.str("METRICS_FOLDER", default="") or str(base_dir / ".data" / "metrics")
    if token or addresses:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder  # read by prometheus_client when it is imported
        middleware.insert(1, "dalian_techtransfer.metrics.requests.RequestMetricsMiddleware")
    return token, addresses, folder


def report_errors(env: environ.Env, base_dir: Path) -> None:
    if dsn := env.str("SENTRY_DSN", default=""):
        project = tomllib.loads((base_dir / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        release = f"{project['name']}@{project['version']}"
        start_error_reports(dsn, release=release, environment=env.str("SENTRY_ENVIRONMENT", default="production"))
