"""Checks uploaded sheets of all kinds that are imported as a whole: once, long ones in the background.

The answer is stored, so that its pages do not check again. The import checks again in its transaction, because rows of
the registry may have changed. A lost message is sent again when the page of the sheet is looked at (`resend_lost`).
"""

from collections.abc import Callable
from datetime import timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import SourceFile, User
from accounts.services.source_files import ImportResult
from core.task_queue import enqueue
from matching.duplicates import warn_of_duplicates
from portal.import_kinds import KINDS, ImportKind
from portal.models import SheetCheck, SheetCheckProblem
from sheets.archive import UnreadableSheet
from sheets.checking import SheetReport

SHORT_BYTES = 100_000
"""A sheet of so many bytes, about 1,000 rows, is checked and imported while its user waits: a second or two."""
LOST_AFTER = timedelta(minutes=3)
BATCH_SIZE = 1000
SHOWN_CHARS = 200
REFUSALS = (UnreadableSheet, ValidationError, PermissionDenied)


def is_long(source_file: SourceFile) -> bool:
    return source_file.size > SHORT_BYTES


def start_check(
    source_file: SourceFile, *, by: User, only_own: bool = False, report: SheetReport | None = None
) -> SheetCheck:
    """Check a stored sheet, again if it was checked before. `report`: what is known of it already."""
    check, _is_new = SheetCheck.objects.update_or_create(
        source_file=source_file,
        only_own=only_own,
        defaults={"asked_by": by, "status": SheetCheck.Status.CHECKING, "message": ""},
    )
    if report is None and is_long(source_file):
        transaction.on_commit(lambda: enqueue("portal.tasks.check_sheet", check.pk))
    else:
        run_check(check, report)
    return check


def run_check(check: SheetCheck, report: SheetReport | None = None) -> None:
    """Running twice changes nothing."""
    kind = KINDS[check.source_file.kind]
    try:
        report = report or read_report(check.source_file, kind, by=check.asked_by, only_own=check.only_own)
        if kind.duplicates_of:
            warn_of_duplicates(kind.duplicates_of, report, by=check.asked_by)
    except REFUSALS as error:
        _finish(check, status=SheetCheck.Status.FAILED, message=error_text(error))
        return
    _store(check, report)


def read_report(source_file: SourceFile, kind: ImportKind, *, by: User, only_own: bool) -> SheetReport:
    with source_file.file.open("rb") as file:
        report: SheetReport = kind.check(file.read(), source_file.name, by=by, only_own=only_own)
    return report


@transaction.atomic
def _store(check: SheetCheck, report: SheetReport) -> None:
    errors, warnings = report.errors, report.warnings
    SheetCheck.objects.select_for_update().get(pk=check.pk)
    check.problems.all().delete()
    SheetCheckProblem.objects.bulk_create(
        (
            SheetCheckProblem(
                sheet_check=check,
                place=place,
                row=problem.row,
                column=problem.column,
                label=problem.label[:100],
                value=problem.value[:SHOWN_CHARS],
                message=problem.message,
            )
            for place, problem in enumerate(errors or warnings, 1)
        ),
        batch_size=BATCH_SIZE,
    )
    counts = {"row_count": len(report.rows), "error_count": len(errors), "warning_count": len(warnings)}
    _finish(check, status=SheetCheck.Status.CHECKED, notices=report.notices, **counts)


def _finish(check: SheetCheck, **values: object) -> None:
    for name, value in values.items():
        setattr(check, name, value)
    check.save(update_fields=[*values, "moved_at"])


def start_write(source_file: SourceFile, *, by: User, only_own: bool) -> None:
    """Import a long sheet in the background."""
    check, _is_new = SheetCheck.objects.update_or_create(
        source_file=source_file,
        only_own=only_own,
        defaults={"asked_by": by, "status": SheetCheck.Status.WRITING, "message": ""},
    )
    transaction.on_commit(lambda: enqueue("portal.tasks.write_sheet", check.pk))


def run_write(check: SheetCheck) -> None:
    """Running twice changes nothing. What speaks against the import is shown on the page of the sheet."""
    source_file, sentences = check.source_file, []
    if source_file.written_at is None:
        kind = KINDS[source_file.kind]
        try:
            sentences = result_sentences(kind, kind.write(source_file, by=check.asked_by, only_own=check.only_own))
        except REFUSALS as error:
            run_check(check)  # the registry has changed since
            _finish(check, message=error_text(error))
            return
    _finish(check, status=SheetCheck.Status.CHECKED, message="".join(sentences))


def result_sentences(kind: ImportKind, result: ImportResult) -> list[str]:
    sentences = []
    if result.updated:
        sentences.append(f"更新了 {result.updated} {kind.counter_word}已有的{kind.name}。")
    if result.skipped:
        sentences.append(f"有 {result.skipped} {kind.counter_word}已在审核或已通过，保持原样，没有改动。")
    return sentences


def resend_lost(check: SheetCheck) -> None:
    """Send the task of a check again that has not moved for a while, as when the broker was away."""
    lost = SheetCheck.objects.filter(pk=check.pk, status=check.status, moved_at__lt=timezone.now() - LOST_AFTER)
    if check.is_running and lost.update(moved_at=timezone.now()):
        task = "write_sheet" if check.status == SheetCheck.Status.WRITING else "check_sheet"
        enqueue(f"portal.tasks.{task}", check.pk)


def resume(pk: int, status: str, run: Callable[[SheetCheck], None]) -> None:
    """What the tasks do: go on with a check in this state."""
    check = SheetCheck.objects.filter(pk=pk, status=status).select_related("source_file", "asked_by").first()
    if check and check.asked_by.is_active:
        run(check)


def error_text(error: Exception) -> str:
    return "；".join(error.messages) if isinstance(error, ValidationError) else str(error) or "您不能导入这份表格。"
