"""Settings of logs, error reports and metrics. What the variables mean: .env.example, docs/operations."""

from typing import Any

import environ


def logging_settings(env: environ.Env) -> dict[str, Any]:
    log_format = env.str("LOG_FORMAT", default="text")
    if log_format not in ("text", "json"):
        raise ValueError(f"LOG_FORMAT is {log_format!r}; it must be text or json")
    return {
        "LOG_FORMAT": log_format,
        "LOG_REQUESTS": env.bool("LOG_REQUESTS", default=log_format == "json"),
        "LOGGING": {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"work_ids": {"()": "core.log_format.WorkIdFilter"}},
            "formatters": {
                "text": {"()": "core.log_format.TextFormatter"},
                "json": {"()": "core.log_format.JsonFormatter"},
            },
            "handlers": {
                "console": {"class": "logging.StreamHandler", "formatter": log_format, "filters": ["work_ids"]}
            },
            "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
            "loggers": {
                # Its messages contain user names and addresses, which belong in the audit trail only.
                "axes": {"level": "ERROR"},
            },
        },
    }
