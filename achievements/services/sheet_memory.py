"""What was decided before about the same cells: a mended sheet that is uploaded again is not asked about them again."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from achievements.imports import existing_achievements, normalized_title
from achievements.intake.engine import CellOutcome, RowOutcome
from achievements.intake.reading import Status, read
from achievements.models import Achievement, SheetFinding, SheetImport, SheetImportRow
from achievements.services.editing import DETAIL_MODELS
from achievements.services.importing import differences, row_content
from achievements.stored_values import from_json
from sheets.checking import CheckedRow
from sheets.columns import Column

_OFFERED = frozenset({Status.PROPOSED, Status.ASKED})
_CONTACT = {"contact_name": "name", "contact_phone": "phone", "contact_email": "email"}
_MASKED = re.compile(r"[*＊]{2,}")
_REMEMBERED = "以前定过"


def recall(sheet_import: SheetImport, columns: Iterable[Column], outcomes: Sequence[RowOutcome]) -> None:
    """Settle the cells of `outcomes` that need no question.

    A value that was accepted in an earlier upload, or that the registry has already; of registered items also what the
    sheet leaves out, and contacts that an export has masked.
    """
    asked = [row for row in outcomes if row.missing or any(_is_askable(cell) for cell in row.open_cells)]
    if not asked:
        return
    decided = _decided_before(sheet_import, asked)
    empty = {column.key: column.empty for column in columns}
    checked = [CheckedRow(row.number, empty | _offered(row)) for row in asked]
    existing = existing_achievements(checked)
    rows = Achievement.objects.select_related("contact").prefetch_related(*DETAIL_MODELS)  # compared for each open cell
    registered = rows.in_bulk([twin.pk for twin in existing.values()])
    for row, values in zip(asked, checked, strict=True):
        title = normalized_title(str(values.values["title"] or ""))
        twin = existing.get((values.values["institution"], title))
        achievement = registered[twin.pk] if twin else None
        for cell in row.open_cells:
            if not cell.key or not _is_askable(cell):
                continue
            value = decided.get((title, cell.key, cell.shown[:500]))
            if value is None and achievement:
                value = _known(achievement, cell, values.values, empty)
            if value is not None:
                _settle(row, cell, value, empty)
        if achievement:
            _fill_missing(row, achievement)


def _is_askable(cell: CellOutcome) -> bool:
    return cell.reading.status in _OFFERED or _MASKED.search(cell.shown) is not None


def _fill_missing(row: RowOutcome, achievement: Achievement) -> None:
    """What the sheet does not say of an item stays as the registry has it."""
    for key in list(row.missing):
        value = _stored(achievement, key)
        if value not in (None, "", ()):
            row.values[key] = value
            row.missing.remove(key)


def _stored(achievement: Achievement, key: str) -> Any:
    """The registry's value of a required column."""
    if key in _CONTACT:
        return getattr(achievement.contact, _CONTACT[key], None)
    if key == "non_secret":
        return achievement.non_secret_confirmed or None
    if key in {"institution", "industry"}:
        return getattr(achievement, f"{key}_id")
    value = getattr(achievement, key, None)
    return tuple(value) if isinstance(value, list) else value


def _known(achievement: Achievement, cell: CellOutcome, values: dict[str, Any], empty: dict[str, Any]) -> Any:
    if _MASKED.search(cell.shown):
        return _stored(achievement, cell.key or "") if cell.key in _CONTACT else None
    return _registered(achievement, cell, values, empty)


def _offered(row: RowOutcome) -> dict[str, Any]:
    """The values of a row with what is proposed for its open cells."""
    values = {key: value for key, value in row.values.items() if value not in (None, "")}
    for cell in row.open_cells:
        if cell.key and cell.reading.status in _OFFERED and cell.reading.value is not None:
            values.setdefault(cell.key, cell.reading.value)
            values = dict(cell.reading.extra) | values
    return values


def _settle(row: RowOutcome, cell: CellOutcome, value: Any, empty: dict[str, Any]) -> None:
    row.values[cell.key or ""] = value
    for key, extra in cell.reading.extra.items():
        if row.values.get(key, empty[key]) == empty[key]:
            row.values[key] = extra
    cell.reading = read(value, message=_REMEMBERED)


def _decided_before(sheet_import: SheetImport, rows: Iterable[RowOutcome]) -> dict[tuple[str, str, str], Any]:
    """{(title, column key, text): value} of rows of earlier uploads of the office that are not imported yet."""
    source = sheet_import.source_file
    others = SheetImport.objects.exclude(pk=sheet_import.pk)
    if source.organisation_id:
        others = others.filter(source_file__organisation=source.organisation_id)
    else:
        others = others.filter(started_by=sheet_import.started_by)
    texts = {cell.shown[:500] for row in rows for cell in row.open_cells}
    findings = (
        SheetFinding.objects.filter(sheet_import__in=others, is_open=False, written__in=texts)
        .filter(kind__in=[SheetFinding.Kind.PROPOSED, SheetFinding.Kind.ASKED])
        .exclude(row__state__in=[SheetImportRow.State.LEFT, SheetImportRow.State.WRITTEN])
        .select_related("row")
        .order_by("pk")
    )
    return {
        (normalized_title(finding.row.title), finding.key, finding.written): from_json(
            finding.key, finding.row.values[finding.key]
        )
        for finding in findings
        if finding.key in finding.row.values
    }


def _registered(achievement: Achievement, cell: CellOutcome, values: dict[str, Any], empty: dict[str, Any]) -> Any:
    """Of the meanings of a cell the one that the registry has already; None if it has none of them."""
    key = cell.key or ""
    for value in (cell.reading.value, *cell.reading.options):
        if value is not None and _stands(achievement, key, value, values, empty):
            return value
    return None


def _stands(achievement: Achievement, key: str, value: Any, values: dict[str, Any], empty: dict[str, Any]) -> bool:
    if key in _CONTACT:
        return achievement.contact is not None and getattr(achievement.contact, _CONTACT[key]) == value
    base = values | {"transfer_ways": values.get("transfer_ways") or ()}
    here = row_content(base | {key: value}, {key})
    without = row_content(base | {key: () if key == "transfer_ways" else empty[key]}, {key})
    names = {name for name, field in here.fields.items() if without.fields.get(name) != field}
    names |= {name for name, rows in here.detail_rows.items() if without.detail_rows.get(name) != rows}
    return bool(names) and names.isdisjoint(differences(achievement, here))


def kept_before(changes: Iterable[SheetFinding], achievements: Collection[Achievement]) -> set[tuple[int, str]]:
    """(achievement id, field) of `changes` that the office decided before not to take: the same two values."""
    same = {
        (change.row.achievement_id, change.key, change.written, change.shown)
        for change in changes
        if change.row.achievement_id
    }
    earlier = SheetFinding.objects.filter(
        kind=SheetFinding.Kind.CHANGED, is_open=False, row__achievement__in=achievements
    ).select_related("row")
    return {
        (finding.row.achievement_id, finding.key)
        for finding in earlier
        if finding.key in finding.row.kept_fields
        and (finding.row.achievement_id, finding.key, finding.written, finding.shown) in same
        if finding.row.achievement_id
    }
