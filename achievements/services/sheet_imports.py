"""Negotiated imports: a sheet is read into rows and findings; what is certain goes in, the rest waits for decisions.

A long sheet is read and written by a task, in batches: each is a transaction of its own, so that a lost task resumes
after the last row that is stored.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import batched
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import SourceFile, User
from achievements.imports import existing_achievements, normalized_title
from achievements.intake.engine import CellOutcome, Intake, RowOutcome
from achievements.intake.reading import Status
from achievements.models import Achievement, AchievementRevision, SheetFinding, SheetImport, SheetImportRow
from achievements.services.importing import row_content
from achievements.services.intake import understand_import
from achievements.services.revisions import proposed_achievement
from achievements.services.sheet_changes import changed_findings, fields_of_change, pending_differences
from achievements.services.sheet_memory import kept_before, recall
from achievements.sheet_context import shown_value
from achievements.stored_values import from_json, to_json
from audit.services import record
from core.database_clock import database_now
from core.task_queue import enqueue
from sheets.archive import UnreadableSheet
from sheets.checking import CheckedRow
from sheets.column_letters import column_letter
from sheets.columns import Column

Kind, State = SheetFinding.Kind, SheetImportRow.State
BATCH_SIZE = 500
AT_ONCE = 1000
"""Rows that a page reads and writes itself; more are left to a task."""
STILL_AFTER = timedelta(minutes=3)
"""An import that has stored nothing for so long is sent again."""
READ_TASK = "achievements.tasks.read_sheet_import"
WRITE_TASK = "achievements.tasks.write_sheet_import"
_KINDS = {Status.PROPOSED: Kind.PROPOSED, Status.ASKED: Kind.ASKED, Status.REFUSED: Kind.REFUSED}


@transaction.atomic
def start_sheet_import(source_file: SourceFile, *, by: User, only_own: bool = False) -> SheetImport:
    """Begin the negotiation of a stored sheet. Its rows are read at once, or by a task if there are many."""
    sheet_import = SheetImport.objects.create(source_file=source_file, started_by=by, only_own=only_own)
    begin_reading(sheet_import, by=by)
    return sheet_import


def begin_reading(sheet_import: SheetImport, *, by: User) -> None:
    """Read the sheet again with the present choices; rows that are written stay."""
    try:
        intake = understand_import(sheet_import, by=by)
    except UnreadableSheet as error:
        raise ValidationError(str(error)) from error
    sheet_import.rows.exclude(state=State.WRITTEN).delete()
    sheet_import.status, sheet_import.read_count, sheet_import.message = SheetImport.Status.READING, 0, ""
    sheet_import.sheet_title = intake.title
    sheet_import.row_count = next(choice.rows for choice in intake.sheets if choice.is_read)
    sheet_import.layout = _layout(intake)
    sheet_import.save()
    if sheet_import.row_count <= AT_ONCE:
        read_rows(sheet_import, intake, by=by)
    else:
        transaction.on_commit(lambda: enqueue(READ_TASK, sheet_import.pk))


def continue_reading(sheet_import: SheetImport) -> None:
    """Read what is not read yet; called by the task, also after a lost one."""
    if sheet_import.status == SheetImport.Status.READING:
        by = sheet_import.started_by
        read_rows(sheet_import, understand_import(sheet_import, by=by), by=by)


def read_rows(sheet_import: SheetImport, intake: Intake, *, by: User) -> None:
    """Store the rows after the last stored one, batch by batch. Stops when the import is cancelled."""
    done = set(sheet_import.rows.values_list("number", flat=True))
    rows = (row for row in intake.rows() if row.number not in done)
    if sheet_import.only_own:
        rows = (row for row in rows if not _is_foreign(row))
    for batch in batched(rows, BATCH_SIZE):
        with transaction.atomic():
            current = SheetImport.objects.select_for_update().get(pk=sheet_import.pk)
            if current.status != SheetImport.Status.READING:
                return
            _store(current, intake, batch)
            current.read_count += len(batch)
            current.save(update_fields=["read_count", "moved_at"])
        for row in batch:  # what is stored need not stay in memory
            intake.grid.rows.pop(row.number, None)
    sheet_import.refresh_from_db()
    sheet_import.status = SheetImport.Status.OPEN
    sheet_import.layout = _layout(intake)
    sheet_import.save(update_fields=["status", "layout", "moved_at"])


def _is_foreign(row: RowOutcome) -> bool:
    return any(cell.reading.pattern == "other-institution" for cell in row.cells)


def _layout(intake: Intake) -> dict[str, Any]:
    return {
        "sheets": [[choice.title, choice.rows, choice.is_read] for choice in intake.sheets],
        "header": [intake.layout.first, intake.layout.last],
        "columns": [
            [match.at, column_letter(match.at), match.header, match.key, match.certain, match.unit, match.examples]
            for match in intake.layout.columns.values()
        ],
        "missing": [column.key for column in intake.missing_columns],
        "present": sorted(intake.present),
        "left_out": [[number, kind, text] for number, kind, text in intake.left_out][:200],
    }


def _store(sheet_import: SheetImport, intake: Intake, outcomes: Sequence[RowOutcome]) -> None:
    recall(sheet_import, intake.columns, outcomes)
    rows = [_row(sheet_import, intake, outcome) for outcome in outcomes]
    SheetImportRow.objects.bulk_create(rows)
    findings = [
        finding
        for row, outcome in zip(rows, outcomes, strict=True)
        for finding in _findings(sheet_import, intake.columns, row, outcome)
    ]
    SheetFinding.objects.bulk_create(findings, batch_size=1000)
    settle_rows(sheet_import, rows, intake.columns, {finding.row_id for finding in findings})


def _row(sheet_import: SheetImport, intake: Intake, outcome: RowOutcome) -> SheetImportRow:
    """Unsaved. Columns that the sheet does not have are not stored, so that they change nothing in the registry."""
    empty = {column.key: column.empty for column in intake.columns}
    present = intake.present
    values = {key: value for key, value in outcome.values.items() if key in present or value != empty[key]}
    cells = {cell.key: cell.shown for cell in reversed(outcome.cells) if cell.key}
    return SheetImportRow(
        sheet_import=sheet_import,
        number=outcome.number,
        title=str(outcome.values.get("title") or cells.get("title", ""))[:200],
        state=State.OPEN,
        values={key: to_json(key, value) for key, value in values.items()},
        cells=cells,
    )


def _findings(
    sheet_import: SheetImport, columns: Iterable[Column], row: SheetImportRow, outcome: RowOutcome
) -> Iterator[SheetFinding]:
    for cell in outcome.open_cells:
        if cell.key:
            yield cell_finding(sheet_import, columns, row, cell)
    for key in outcome.missing:
        yield missing_finding(sheet_import, row, key)


def missing_finding(sheet_import: SheetImport, row: SheetImportRow, key: str) -> SheetFinding:
    return SheetFinding(
        row=row, sheet_import=sheet_import, key=key, kind=Kind.MISSING, group=f"missing:{key}", message="没有填写"
    )


def cell_finding(
    sheet_import: SheetImport, columns: Iterable[Column], row: SheetImportRow, cell: CellOutcome
) -> SheetFinding:
    """The open cell as a finding."""
    reading, key, columns = cell.reading, cell.key or "", tuple(columns)
    kind = _KINDS[reading.status]
    shown = display_value(columns, key, reading.value)
    return SheetFinding(
        row=row,
        sheet_import=sheet_import,
        key=key,
        kind=kind,
        group=group_name(kind, key, reading.pattern),
        written=cell.shown[:500],
        shown=shown[:500],
        message=reading.message[:500],
        value=to_json(key, reading.value),
        options=[[to_json(key, option), display_value(columns, key, option)] for option in reading.options],
        extra={name: to_json(name, value) for name, value in reading.extra.items()},
    )


def group_name(kind: str, key: str, pattern: str) -> str:
    """The name of a group of findings, short enough for an address."""
    text = f"{kind}:{key}:{pattern}"
    return (
        text if len(text) <= 60 and text.isascii() else f"{kind}:{key}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    )


def display_value(columns: Iterable[Column], key: str, value: Any) -> str:
    """A value for people, on one line."""
    if value is None:
        return "（空）"
    if key in {"price", "funds_needed"}:
        if value.min is None and value.max is None:
            return "面议"
        low, high = (None if amount is None else f"{amount.normalize():f}" for amount in (value.min, value.max))
        text = f"{low} 万元" if low == high else f"{low or '0'}–{high} 万元" if high else f"{low} 万元以上"
        return text + ("（可面议）" if value.negotiable else "")
    shown = shown_value(columns, key, value)
    if isinstance(shown, bool):
        return "是" if shown else "否"
    if isinstance(shown, list):
        parts = (
            "：".join(map(str, filter(None, part))) if isinstance(part, list) else str(part or "") for part in shown
        )
        return "；".join(parts) or "（空）"
    return str(shown) or "（空）"


def settle_rows(
    sheet_import: SheetImport, rows: Sequence[SheetImportRow], columns: Iterable[Column], open_rows: Iterable[int]
) -> None:
    """Set the state of rows. Those without open findings are compared with the registry: what differs is asked."""
    open_ids = set(open_rows)
    complete = [row for row in rows if row.pk not in open_ids and row.state == State.OPEN]
    asked = set(SheetFinding.objects.filter(row__in=complete, kind=Kind.CHANGED).values_list("row", flat=True))
    checked = [CheckedRow(row.number, decoded(row.values, columns)) for row in complete]
    existing = existing_achievements(checked)
    details = Achievement.objects.select_related("contact").in_bulk([row.pk for row in existing.values()])
    pending = {row.achievement_id: row for row in AchievementRevision.objects.pending().filter(achievement__in=details)}
    present = set(sheet_import.layout.get("present", ()))
    findings: list[SheetFinding] = []
    for row, checked_row in zip(complete, checked, strict=True):
        twin = existing.get((checked_row.values["institution"], normalized_title(checked_row.values["title"] or "")))
        if twin is None or row.pk in asked:
            row.state = State.READY
            continue
        row.achievement = achievement = details[twin.pk]
        content = row_content(checked_row.values, present | row.values.keys())
        waiting = pending.get(achievement.pk)
        changes = pending_differences(achievement, waiting, content)
        changes.pop("title", None)
        if achievement.status == Achievement.Status.DRAFT:
            changes |= _contact_changes(achievement, checked_row.values)
        if not changes or not _may_change(achievement):
            row.state = State.KEPT
            continue
        base = proposed_achievement(achievement, waiting)
        findings += changed_findings(sheet_import, row, changes, base=base, content=content)
    findings = _not_kept(findings)
    SheetFinding.objects.bulk_create(findings, batch_size=1000)
    SheetImportRow.objects.bulk_update(rows, ["state", "achievement", "values", "title", "cells", "kept_fields"])


def _not_kept(findings: list[SheetFinding]) -> list[SheetFinding]:
    """The findings without those that the office decided before: the registry's value is kept again."""
    if not findings:
        return []
    kept = kept_before(findings, {finding.row.achievement for finding in findings if finding.row.achievement})
    asked: list[SheetFinding] = []
    for finding in findings:
        row = finding.row
        if (row.achievement_id, finding.key) in kept:
            row.kept_fields = sorted({*row.kept_fields, *fields_of_change(finding.key)})
        else:
            asked.append(finding)
    still_open = {finding.row_id for finding in asked}
    for finding in findings:
        if finding.row_id not in still_open:  # nothing of the row is new
            finding.row.state = State.KEPT
    return asked


def _may_change(achievement: Achievement) -> bool:
    return achievement.status in {Achievement.Status.DRAFT, *Achievement.REVISABLE}


def _contact_changes(achievement: Achievement, values: dict[str, Any]) -> dict[str, list[Any]]:
    """The contact as shown to its own office: the name, and whether number or address differ."""
    contact = achievement.contact
    if contact is None:
        return {}
    if (contact.name, contact.phone, contact.email) == tuple(
        values[key] for key in ("contact_name", "contact_phone", "contact_email")
    ):
        return {}
    same = contact.name == values["contact_name"]
    return {"contact": [contact.name, values["contact_name"] + ("（电话或邮箱不同）" if same else "")]}


def decoded(values: dict[str, Any], columns: Iterable[Column]) -> dict[str, Any]:
    """The values of a row, with the empty value of each column that has none."""
    empty = {column.key: column.empty for column in columns}
    return empty | {key: from_json(key, value) for key, value in values.items() if key in empty}


def cancel(sheet_import: SheetImport, *, by: User) -> None:
    """Stop reading or importing; what is done stays. Reading is resumed by `resume`, importing is begun again."""
    files = SheetImport.objects.filter(pk=sheet_import.pk)
    now = timezone.now()
    if files.filter(status=SheetImport.Status.READING).update(status=SheetImport.Status.CANCELLED, moved_at=now):
        record("停止读取表格", sheet_import.source_file, by=by)
    elif files.filter(status=SheetImport.Status.WRITING).update(status=SheetImport.Status.OPEN, moved_at=now):
        record("停止导入表格", sheet_import.source_file, by=by)


def resume(sheet_import: SheetImport, *, by: User) -> None:
    """Go on reading or importing after a stop or a lost task."""
    files = SheetImport.objects.filter(pk=sheet_import.pk)
    now = timezone.now()
    if files.filter(status=SheetImport.Status.WRITING).update(written_by=by, moved_at=now):
        record("继续导入表格", sheet_import.source_file, by=by)
        transaction.on_commit(lambda: enqueue(WRITE_TASK, sheet_import.pk, by.pk))
    elif files.exclude(status=SheetImport.Status.OPEN).update(status=SheetImport.Status.READING, moved_at=now):
        record("继续读取表格", sheet_import.source_file, by=by)
        transaction.on_commit(lambda: enqueue(READ_TASK, sheet_import.pk))


def sweep_sheet_imports() -> int:
    """Send the tasks of imports that do not move again: a worker was stopped, or a message lost. Returns how many.

    A time far in the future was noted by a wrong clock.
    """
    now = database_now()
    is_still = Q(moved_at__lt=now - STILL_AFTER) | Q(moved_at__gt=now + STILL_AFTER)
    sent = 0
    for row in SheetImport.objects.filter(is_still, status__in=SheetImport.RUNNING):
        same = SheetImport.objects.filter(pk=row.pk, status=row.status, moved_at=row.moved_at)
        if not same.update(moved_at=now):  # it has moved meanwhile, or another sweeper has sent it
            continue
        if row.status == SheetImport.Status.READING:
            sent += enqueue(READ_TASK, row.pk)
        elif row.written_by_id:
            sent += enqueue(WRITE_TASK, row.pk, row.written_by_id)
    return sent
