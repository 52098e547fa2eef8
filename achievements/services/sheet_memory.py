"""What was decided before about the same cells: a mended sheet that is uploaded again is not asked about them again."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from achievements.imports import existing_achievements, normalized_title
from achievements.intake.engine import CellOutcome, RowOutcome
from achievements.intake.reading import Status, read
from achievements.models import Achievement, SheetFinding, SheetImport, SheetImportRow
from achievements.services.importing import differences, row_content
from achievements.stored_values import from_json
from sheets.checking import CheckedRow
from sheets.columns import Column

_OFFERED = frozenset({Status.PROPOSED, Status.ASKED})
_CONTACT = {"contact_name": "name", "contact_phone": "phone", "contact_email": "email"}
_REMEMBERED = "以前定过"


def recall(sheet_import: SheetImport, columns: Iterable[Column], outcomes: Sequence[RowOutcome]) -> None:
    """Settle the open cells of `outcomes` whose value was accepted in an earlier upload or stands in the registry."""
    asked = [row for row in outcomes if any(cell.reading.status in _OFFERED for cell in row.open_cells)]
    if not asked:
        return
    columns = tuple(columns)
    decided = _decided_before(sheet_import, asked)
    empty = {column.key: column.empty for column in columns}
    checked = [CheckedRow(row.number, empty | _offered(row)) for row in asked]
    twins = existing_achievements(checked)
    contacts = Achievement.objects.select_related("contact").in_bulk([twin.pk for twin in twins.values()])
    for row, values in zip(asked, checked, strict=True):
        title = normalized_title(str(values.values["title"] or ""))
        twin = twins.get((values.values["institution"], title))
        for cell in row.open_cells:
            if not cell.key or cell.reading.status not in _OFFERED:
                continue
            earlier = decided.get((title, cell.key, cell.shown[:500]))
            if earlier is not None:
                _settle(row, cell, earlier)
            elif twin and (value := _registered(contacts[twin.pk], cell, values.values, empty)) is not None:
                _settle(row, cell, value)


def _offered(row: RowOutcome) -> dict[str, Any]:
    """The values of a row with what is proposed for its open cells."""
    values = dict(row.values)
    for cell in row.open_cells:
        if cell.key and cell.reading.status in _OFFERED and cell.reading.value is not None:
            values.setdefault(cell.key, cell.reading.value)
            values = dict(cell.reading.extra) | values
    return values


def _settle(row: RowOutcome, cell: CellOutcome, value: Any) -> None:
    row.values[cell.key or ""] = value
    row.values = dict(cell.reading.extra) | row.values
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
