"""Log lines as text or as JSON, with the ids of request and task, and without personal data."""

import json
import logging
from datetime import UTC, datetime

from core.log_redaction import redacted
from core.request_ids import current_ids

FIELDS = ("method", "route", "status", "milliseconds")
"""What a line may carry beside its message. Other fields are left out: libraries attach whole requests."""


class WorkIdFilter(logging.Filter):
    """Puts the ids on the record when it is made, in the thread that works."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.work_ids = current_ids()
        return True


class TextFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        ids = getattr(record, "work_ids", None) or current_ids()
        marks = [f"{name}={value}" for name in ("request_id", "task_id") if (value := getattr(ids, name))]
        line, newline, rest = redacted(super().format(record)).partition("\n")
        return " ".join([line, *marks]) + newline + rest


class JsonFormatter(logging.Formatter):
    """One object per line."""

    def format(self, record: logging.LogRecord) -> str:
        ids = getattr(record, "work_ids", None) or current_ids()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": redacted(record.getMessage()),
            "process": record.process,
        }
        line |= {name: value for name, value in vars(ids).items() if value}
        line |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            line["exception"] = redacted(self.formatException(record.exc_info))
        if record.stack_info:
            line["stack"] = redacted(self.formatStack(record.stack_info))
        return json.dumps(line, ensure_ascii=False, default=str)


FORMATTERS: dict[str, type[logging.Formatter]] = {"text": TextFormatter, "json": JsonFormatter}
