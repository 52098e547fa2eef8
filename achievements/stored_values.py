"""Values of a checked row as JSON and back, for rows that wait in the database for a decision."""

from datetime import date
from decimal import Decimal
from typing import Any

from achievements.intake.rights import Right
from achievements.sheet_values import ParsedEvaluation
from sheets.money import Money

_TUPLES = frozenset({"keywords", "transfer_ways"})


def to_json(key: str, value: Any) -> Any:
    """The value of column `key` as JSON."""
    if value is None:
        return None
    if key in {"price", "funds_needed"}:
        amounts = [None if amount is None else str(amount) for amount in (value.min, value.max)]
        return [*amounts, value.negotiable, value.approximate]
    if key == "evaluation_parts":
        return [value.kind, value.by, value.on.isoformat() if value.on else None]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [list(item) if isinstance(item, tuple) else item for item in value]
    return value


def from_json(key: str, value: Any) -> Any:
    """The value that `to_json` has stored."""
    if value is None:
        return None
    match key:
        case "price" | "funds_needed":
            low, high = (None if amount is None else Decimal(amount) for amount in value[:2])
            return Money(low, high, *value[2:])
        case "evaluation_parts":
            return ParsedEvaluation(value[0], value[1], date.fromisoformat(value[2]) if value[2] else None)
        case "evaluated_on":
            return date.fromisoformat(value)
        case "intellectual_property":
            return tuple(Right(*item) for item in value)
        case "completers":
            return tuple((name, unit) for name, unit in value)
    return tuple(value) if key in _TUPLES else value
