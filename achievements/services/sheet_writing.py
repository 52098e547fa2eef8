"""Write the rows of a negotiated sheet that are ready; the rest stays to be decided."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organisation, SourceFile, User
from accounts.services.source_files import ImportResult, record_import_result
from achievements.models import Achievement, SheetFinding, SheetImport, SheetImportRow
from achievements.services.importing import (
    row_content,
    with_known_details,
    without_fields,
    write_rows,
)
from achievements.services.revisions import pending_revision, propose_revision
from achievements.services.sheet_changes import pending_differences, waiting_content
from achievements.services.sheet_imports import AT_ONCE, BATCH_SIZE, WRITE_TASK, decoded
from achievements.sheet_columns import achievement_columns
from audit.revisions import version_of
from audit.services import record
from core.task_queue import enqueue
from sheets.checking import CheckedRow

State = SheetImportRow.State


def begin_writing(sheet_import: SheetImport, *, by: User) -> ImportResult | None:
    """Import the ready rows at once, or by a task if there are many: then None, and the status shows the progress.

    Raises as `write_ready_rows`.
    """
    if sheet_import.rows.filter(state=State.READY).count() <= AT_ONCE:
        return write_ready_rows(sheet_import, by=by)
    waiting = SheetImport.objects.filter(pk=sheet_import.pk).exclude(status__in=SheetImport.RUNNING)
    if not waiting.update(status=SheetImport.Status.WRITING, message="", written_by=by, moved_at=timezone.now()):
        raise ValidationError("表格还在读取或导入，请等它结束后再导入。")
    record("开始导入表格", sheet_import.source_file, by=by)
    transaction.on_commit(lambda: enqueue(WRITE_TASK, sheet_import.pk, by.pk))
    return None


def continue_writing(sheet_import: SheetImport, *, by: User) -> None:
    """Import what is still ready; called by the task, also after a lost one. Each row is written once.

    Stops when the import is cancelled. What hinders it stands in `message`.
    """
    message = ""
    try:
        while _write_batch(sheet_import, by, is_task=True):
            SheetImport.objects.filter(pk=sheet_import.pk).update(moved_at=timezone.now())
    except (ValidationError, PermissionDenied) as error:
        message = "；".join(getattr(error, "messages", [str(error)]))[:300]
    writing = SheetImport.objects.filter(pk=sheet_import.pk, status=SheetImport.Status.WRITING)
    writing.update(status=SheetImport.Status.OPEN, message=message, moved_at=timezone.now())


def write_ready_rows(sheet_import: SheetImport, *, by: User) -> ImportResult:
    """Import the rows without open findings, in batches that are transactions of their own; a second call adds nothing.

    An institution's rows become drafts, the city's 待院校审核. Accepted changes of registered items become proposals.
    Raises ValidationError while the sheet is being read or if nothing is ready, and PermissionDenied for rows of
    others.
    """
    totals = ImportResult(0, 0)
    while batch := _write_batch(sheet_import, by):
        totals = ImportResult(*(sum(pair) for pair in zip(totals, batch, strict=True)))
    return totals


@transaction.atomic
def _write_batch(sheet_import: SheetImport, by: User, *, is_task: bool = False) -> ImportResult | None:
    locked = SheetImport.objects.select_for_update(of=("self",)).select_related("source_file").get(pk=sheet_import.pk)
    if is_task and locked.status != SheetImport.Status.WRITING:  # cancelled, or finished by another task
        return None
    if locked.is_running and not is_task:
        raise ValidationError("表格还在读取，请等它读完再导入。")
    source_file = SourceFile.objects.select_for_update().get(pk=locked.source_file_id)
    columns = achievement_columns()
    rows = list(locked.rows.filter(state=State.READY).order_by("number")[:BATCH_SIZE])
    kept = locked.rows.filter(state=State.KEPT).count()
    if not rows:
        if source_file.written_at is None and kept:
            record_import_result(source_file, ImportResult(0, kept))
        return None
    checked = [CheckedRow(row.number, decoded(row.values, columns)) for row in rows]
    _check_scope(checked, by)
    institutions = {row.values["institution"] for row in checked}
    list(Organisation.objects.filter(pk__in=institutions).order_by("pk").select_for_update())
    in_sheet = set(locked.layout.get("present", ()))
    present = in_sheet | {key for row in rows for key in row.values}
    registered, changed = _propose(rows, checked, in_sheet, by)
    new = [row for row in checked if row.number not in registered]
    without = {row.number: frozenset({*row.kept_fields, *(present - in_sheet - row.values.keys())}) for row in rows}
    try:
        with transaction.atomic():
            result = write_rows(new, present, source_file, by, without=without)
    except IntegrityError:
        raise ValidationError("导入时有人同时录入了同名成果，这一批没有导入，请刷新后再试。") from None
    result = result._replace(updated=result.updated + changed, unchanged=result.unchanged + len(registered) - changed)
    record_import_result(source_file, result._replace(unchanged=result.unchanged + kept))
    for row in rows:  # the achievements hold the content now; a second copy of names and numbers is not kept
        row.state, row.values, row.cells = State.WRITTEN, {}, {}
    SheetImportRow.objects.bulk_update(rows, ["state", "values", "cells"])
    refused_changes = Q(kind=SheetFinding.Kind.CHANGED) & ~Q(key="contact")  # else the next upload would ask again
    locked.findings.filter(row__in=rows).exclude(refused_changes).delete()
    return result


def _check_scope(rows: list[CheckedRow], by: User) -> None:
    if not by.scope.is_city and any(row.values["institution"] not in by.scope.institution_ids for row in rows):
        raise PermissionDenied("有的行是其他单位的成果，您只能导入本单位的成果。")


def _propose(
    rows: list[SheetImportRow], checked: list[CheckedRow], present: set[str], by: User
) -> tuple[set[int], int]:
    """Propose the accepted changes of registered achievements. Returns the numbers of their rows, and how many change.

    Where the registry's values were kept, a row changes nothing.
    """
    registered, changed = set[int](), 0
    for row, values in zip(rows, checked, strict=True):
        achievement = row.achievement
        if achievement is None or achievement.status not in Achievement.REVISABLE:
            continue
        registered.add(row.number)
        content = row_content(values.values, present | row.values.keys())
        content = without_fields(content, frozenset(row.kept_fields))
        pending = pending_revision(achievement)
        names = pending_differences(achievement, pending, content).keys() - {"title", "institution_id"}
        fields = {name: content.fields[name] for name in names & content.fields.keys()}
        details = {
            name: with_known_details(achievement, name, content.detail_rows[name])
            for name in names & content.detail_rows.keys()
        }
        if fields or details:
            changed += 1
            waiting, waiting_details = waiting_content(achievement, pending)
            propose_revision(
                achievement,
                waiting | fields,
                by=by,
                detail_rows=waiting_details | details,
                seen=version_of(achievement, pending),
            )
    return registered, changed
