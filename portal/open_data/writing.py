"""Rows of a data set as CSV and JSON, written line by line: memory does not grow with the number of rows."""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.personal_data import mask_identity_numbers
from portal.open_data.datasets import Dataset, Value
from sheets.cells import clean_text
from sheets.writing import safe_text

CHUNK = 500
"""Rows that are in memory at a time."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets read the file in the encoding of the computer."""
ADDRESS = "url"


class _Line:
    """What `csv.writer` writes to: it gives the line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(dataset: Dataset, absolute: Callable[[str], str]) -> Iterator[str]:
    """RFC 4180, UTF-8 with byte order mark. A text that a spreadsheet would run as a formula begins with '."""
    writer = csv.writer(_Line())
    header = [column.label for column in dataset.columns]
    yield BYTE_ORDER_MARK + writer.writerow([*header, "详情页"])
    for row in dataset.rows().iterator(chunk_size=CHUNK):
        cells = [_cell(column.read(row)) for column in dataset.columns]
        yield writer.writerow([*cells, absolute(dataset.address(row))])


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case int():
            return str(value)
        case Decimal():
            return f"{value:f}"
        case datetime() | date():
            return value.isoformat()
        case list():
            return safe_text(_public("；".join(value)))
    return safe_text(_public(value))


def json_lines(dataset: Dataset, absolute: Callable[[str], str], head: dict[str, Any]) -> Iterator[str]:
    """One object: `head`, then `rows`, one row on each line."""
    opening = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
    yield f'{opening},\n "rows": ['
    separator = "\n"
    for row in dataset.rows().iterator(chunk_size=CHUNK):
        fields = {column.name: _plain(column.read(row)) for column in dataset.columns}
        fields[ADDRESS] = absolute(dataset.address(row))
        yield separator + json.dumps(fields, ensure_ascii=False)
        separator = ",\n"
    yield "\n ]\n}\n"


def _plain(value: Value) -> Any:
    match value:
        case Decimal():
            return float(value)
        case datetime() | date():
            return value.isoformat()
        case list():
            return [clean_text(_public(part)) for part in value]
        case str():
            return clean_text(_public(value))
    return value


def _public(text: str) -> str:
    """Streamed answers pass the middleware that masks identity numbers."""
    return mask_identity_numbers(text)
