"""Rows of a form's indicators in posted data: read, compared and filled, so that the page needs no script."""

from collections.abc import Iterable, Mapping

from django.http import QueryDict

INDICATOR_FIELDS = ("name", "comparison", "value", "value_to", "unit", "condition")
ROWS = "indicators"
"""Prefix of the formset."""
MOST_ROWS = 30


def row_values(data: Mapping[str, str], number: int) -> dict[str, str]:
    """Return the posted values of a row."""
    return {name: data.get(f"{ROWS}-{number}-{name}", "").strip() for name in INDICATOR_FIELDS}


def row_identity(values: Mapping[str, str]) -> tuple[str, ...]:
    """Return what makes two rows the same indicator, without white space."""
    return tuple("".join(values[name].split()) for name in ("name", "value", "value_to", "unit"))


def row_count(data: Mapping[str, str]) -> int:
    text = data.get(f"{ROWS}-TOTAL_FORMS", "")
    return min(int(text), 100) if text.isdecimal() and len(text) < 5 else 0


def with_indicator_rows(data: QueryDict, rows: Iterable[Mapping[str, str]]) -> tuple[QueryDict, int]:
    """Write rows into empty rows, then into new ones, up to the largest number. Return the data and how many fit."""
    data, total, written = data.copy(), row_count(data), 0
    most = most_rows(data)
    free = [number for number in range(total) if not any(row_values(data, number)[name] for name in ("name", "value"))]
    free += range(total, max(total, most))
    for number, row in zip(free, rows, strict=False):
        for name in INDICATOR_FIELDS:
            data[f"{ROWS}-{number}-{name}"] = row[name]
        data.pop(f"{ROWS}-{number}-DELETE", None)
        total = max(total, number + 1)
        written += 1
    data[f"{ROWS}-TOTAL_FORMS"] = str(total)
    return data, written


def most_rows(data: Mapping[str, str]) -> int:
    text = data.get(f"{ROWS}-MAX_NUM_FORMS", "")
    return int(text) if text.isdecimal() and len(text) < 4 else MOST_ROWS
