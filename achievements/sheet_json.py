"""What was understood of a sheet as JSON lines: one for each filled cell of each data row, then the counts."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from achievements.intake.engine import CellOutcome, Intake, RowOutcome
from achievements.intake.reading import Status
from achievements.sheet_context import shown_value
from sheets.column_letters import column_letter


def json_lines(intake: Intake, *, only_own: bool = False) -> Iterator[dict[str, Any]]:
    """The lines, described in docs/import.md. With `only_own` rows of other institutions are left out and counted."""
    statuses: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for row in intake.rows():
        if only_own and any(cell.reading.pattern == "other-institution" for cell in row.cells):
            rows["other_institutions"] += 1
            continue
        rows["rows"] += 1
        rows[_row_state(row)] += 1
        for cell in row.cells:
            statuses[cell.reading.status.value] += 1
            yield _cell_line(intake, row, cell)
    yield _last_line(intake, statuses, rows)


def _row_state(row: RowOutcome) -> str:
    statuses = {cell.reading.status for cell in row.open_cells}
    if row.missing or statuses & {Status.ASKED, Status.REFUSED}:
        return "rows_open"
    return "rows_proposed" if statuses else "rows_ready"


def _cell_line(intake: Intake, row: RowOutcome, cell: CellOutcome) -> dict[str, Any]:
    reading, key = cell.reading, cell.key
    value = shown_value(intake.columns, key, reading.value) if key else None
    return {
        "row": row.number,
        "column": cell.header,
        "cell": cell.shown,
        "field": key or None,
        "value": None if reading.status == Status.REFUSED else value,
        "status": reading.status.value,
        "message": reading.message,
        "also": {name: shown_value(intake.columns, name, extra) for name, extra in reading.extra.items()},
        "options": [shown_value(intake.columns, key, option) for option in reading.options] if key else [],
    }


def _last_line(intake: Intake, statuses: Counter[str], rows: Counter[str]) -> dict[str, Any]:
    return {
        "counts": {status.value: statuses[status.value] for status in Status},
        "cells": statuses.total(),
        **{name: rows[name] for name in ("rows", "rows_ready", "rows_proposed", "rows_open", "other_institutions")},
        "sheet": intake.title,
        "sheets": [{"title": choice.title, "rows": choice.rows, "read": choice.is_read} for choice in intake.sheets],
        "header_rows": [intake.layout.first, intake.layout.last],
        "columns": [
            {"at": column_letter(match.at), "header": match.header, "field": match.key, "certain": match.certain}
            for match in intake.layout.columns.values()
        ],
        "missing_columns": [column.key for column in intake.missing_columns],
        "left_out": [{"row": number, "kind": kind, "text": text} for number, kind, text in intake.left_out],
    }
