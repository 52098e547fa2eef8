"""Checks and imports uploaded sheets that are not negotiated: short ones while the user waits, long ones by a task.

What a check finds is stored, so that its pages do not check again. The import checks again, because rows of the
registry may have changed, and goes on after the last row that is written. `sheet_progress.py` says how far both are,
and stops and resumes them.
"""

from contextlib import suppress
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F

from accounts.models import SourceFile, User
from accounts.services.source_files import ImportResult, ImportStopped
from core.task_queue import enqueue
from matching.duplicates import warn_of_duplicates
from portal.import_kinds import KINDS, ImportKind
from portal.models import SheetCheck, SheetCheckProblem
from portal.sheet_progress import CHECK_TASK, WRITE_TASK, StoredProgress, listen
from sheets.archive import UnreadableSheet
from sheets.checking import ERROR, WARNING, SheetProblem, SheetReport
from sheets.progress import listening

SHORT_BYTES = 100_000
"""A sheet of so many bytes, about 1,000 rows, is checked and imported while its user waits: a second or two."""
BATCH_SIZE = 1000
SHOWN_CHARS = 200
MOST_STORED = 5000
"""Errors, and warnings, that are stored: nobody reads more pages, and Excel opens no more comments."""
REFUSALS = (UnreadableSheet, ValidationError, PermissionDenied)
Status = SheetCheck.Status


def is_long(source_file: SourceFile) -> bool:
    return source_file.size > SHORT_BYTES


def start_check(
    source_file: SourceFile, *, by: User, only_own: bool = False, report: SheetReport | None = None
) -> SheetCheck:
    """Check a stored sheet, again if it was checked before. `report`: what is known of it already."""
    check = _begin(source_file, Status.CHECKING, by=by, only_own=only_own)
    if report is None and is_long(source_file):
        transaction.on_commit(lambda: enqueue(CHECK_TASK, check.pk))
    else:
        run_check(check, report)
    return check


def start_write(source_file: SourceFile, *, by: User, only_own: bool) -> SheetCheck:
    """Import a stored sheet."""
    check = _begin(source_file, Status.WRITING, by=by, only_own=only_own)
    if is_long(source_file):
        transaction.on_commit(lambda: enqueue(WRITE_TASK, check.pk))
    else:
        run_write(check)
    return check


def _begin(source_file: SourceFile, status: str, *, by: User, only_own: bool) -> SheetCheck:
    check, _is_new = SheetCheck.objects.update_or_create(
        source_file=source_file,
        only_own=only_own,
        defaults={"asked_by": by, "status": status, "message": "", "done_count": 0},
    )
    return check


def run_check(check: SheetCheck, report: SheetReport | None = None) -> None:
    """Take up a check. Running twice changes nothing."""
    kind = KINDS[check.source_file.kind]
    _take_up(check)
    try:
        with listening(listen(check)):
            report = report or read_report(check.source_file, kind, by=check.asked_by, only_own=check.only_own)
        if kind.duplicates_of:
            warn_of_duplicates(kind.duplicates_of, report, by=check.asked_by)
    except ImportStopped:
        return
    except REFUSALS as error:
        _finish(check, status=Status.FAILED, message=error_text(error))
        return
    outcome = _outcome(report)
    del report  # its rows take as much memory as the marked copy, which is made next
    _store(check, outcome)


def read_report(source_file: SourceFile, kind: ImportKind, *, by: User, only_own: bool) -> SheetReport:
    with source_file.file.open("rb") as file:
        report: SheetReport = kind.check(file, source_file.name, by=by, only_own=only_own)
    return report


class _Outcome(NamedTuple):
    """What is stored of a report: `counts` and `notices` in the columns of its check, and the first problems."""

    problems: list[SheetProblem]
    title: str
    notices: list[str]
    counts: dict[str, int]


def _outcome(report: SheetReport) -> _Outcome:
    errors, warnings = report.errors, report.warnings
    counts = {"row_count": len(report.rows), "error_count": len(errors), "warning_count": len(warnings)}
    problems = [*errors[:MOST_STORED], *warnings[:MOST_STORED]]
    return _Outcome(problems, report.sheet.title, report.notices, counts)


def _store(check: SheetCheck, outcome: _Outcome) -> None:
    problems = outcome.problems
    is_marked = bool(problems) and is_long(check.source_file)
    marked = _marked(check.source_file, outcome.title, problems) if is_marked else None
    earlier = check.marked.name
    with transaction.atomic(), suppress(ImportStopped):
        StoredProgress(check).lock()
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
                    is_warning=problem.level == WARNING,
                )
                for place, problem in enumerate(problems, 1)
            ),
            batch_size=BATCH_SIZE,
        )
        check.marked = ""
        if marked is not None:
            check.marked.save(f"{check.source_file.public_id}-marked.xlsx", ContentFile(marked), save=False)
        _finish(
            check,
            status=Status.CHECKED,
            notices=outcome.notices,
            sheet_title=outcome.title[:100],
            marked=check.marked,
            **outcome.counts,
        )
        if earlier:
            transaction.on_commit(lambda: check.marked.storage.delete(earlier))


def marked_sheet(check: SheetCheck) -> bytes:
    """The uploaded sheet with the cells marked that its check names. That of a long sheet was made by its check."""
    if check.marked:
        with check.marked.open("rb") as file:
            content: bytes = file.read()
        return content
    problems = [
        SheetProblem(
            row=problem.row,
            column=problem.column,
            key="",
            label=problem.label,
            value=problem.value,
            message=problem.message,
            level=WARNING if problem.is_warning else ERROR,
        )
        for problem in check.problems.all()
    ]
    return _marked(check.source_file, check.sheet_title, problems)


def _marked(source_file: SourceFile, title: str, problems: list[SheetProblem]) -> bytes:
    from sheets.marking import mark_problems  # loads openpyxl, which few processes need

    with source_file.file.open("rb") as file:
        return mark_problems(file.read(), source_file.name, title, problems)


def run_write(check: SheetCheck) -> None:
    """Take up an import, after the last row that is written. What speaks against it is on the page of the sheet."""
    source_file = check.source_file
    _take_up(check)
    if source_file.written_at is not None:
        _finish(check, status=Status.CHECKED)
        return
    kind = KINDS[source_file.kind]
    progress, refusal = StoredProgress(check), ""
    try:
        with listening(listen(check)):
            result = kind.write(source_file, by=check.asked_by, only_own=check.only_own, progress=progress)
    except ImportStopped:
        return
    except REFUSALS as error:
        refusal = error_text(error)  # the error itself holds all rows, as long as it is handled
    if refusal:
        run_check(check)  # the registry has changed since
        _finish(check, message=refusal)
        return
    marked = check.marked.name
    _finish(check, status=Status.CHECKED, message="".join(result_sentences(kind, result)), marked="")
    if marked:  # nobody needs a second copy of what has been imported
        transaction.on_commit(lambda: check.marked.storage.delete(marked))


def _take_up(check: SheetCheck) -> None:
    """Whoever worked at it stops. Waits for the part that is being written."""
    SheetCheck.objects.filter(pk=check.pk).update(turn=F("turn") + 1)
    check.refresh_from_db(fields=["turn", "written_to", "written_counts", "marked"])
    check.source_file.refresh_from_db(fields=["written_at"])


def _finish(check: SheetCheck, **values: object) -> None:
    for name, value in values.items():
        setattr(check, name, value)
    check.save(update_fields=[*values, "moved_at"])


def result_sentences(kind: ImportKind, result: ImportResult) -> list[str]:
    sentences = []
    if result.updated:
        sentences.append(f"更新了 {result.updated} {kind.counter_word}已有的{kind.name}。")
    if result.skipped:
        sentences.append(f"有 {result.skipped} {kind.counter_word}已在审核或已通过，保持原样，没有改动。")
    return sentences


def error_text(error: Exception) -> str:
    return "；".join(error.messages) if isinstance(error, ValidationError) else str(error) or "您不能导入这份表格。"
