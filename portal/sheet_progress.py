"""How far the check and the import of a sheet are: kept, stopped, resumed, and taken up again when a task was lost."""

from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.services.source_files import ImportProgress, ImportResult, ImportStopped
from audit.services import record
from core.database_clock import database_now
from core.task_queue import enqueue
from portal.models import SheetCheck

STILL_AFTER = timedelta(minutes=3)
"""A check or an import that has not moved for so long is sent again."""
CHECK_TASK = "portal.tasks.check_sheet"
WRITE_TASK = "portal.tasks.write_sheet"
Status = SheetCheck.Status
TASKS = {Status.CHECKING: CHECK_TASK, Status.WRITING: WRITE_TASK}


class StoredProgress(ImportProgress):
    """The progress of an import in the row of its sheet. Each part is written once, whoever else writes."""

    def __init__(self, check: SheetCheck) -> None:
        super().__init__()
        self.check = check
        self.written_to = check.written_to
        self.result = ImportResult(**(check.written_counts or {"created": 0, "unchanged": 0}))

    def lock(self) -> None:
        current = SheetCheck.objects.select_for_update().get(pk=self.check.pk)
        if (current.status, current.turn) != (self.check.status, self.check.turn):
            raise ImportStopped

    def advance(self, written_to: int, result: ImportResult) -> None:
        super().advance(written_to, result)
        self.check.written_to, self.check.written_counts = written_to, self.result._asdict()
        self.check.save(update_fields=["written_to", "written_counts", "moved_at"])


def listen(check: SheetCheck) -> Callable[[int, int], None]:
    """Stores how many rows are checked. Ends a check that was stopped or taken over."""

    def note(done: int, total: int) -> None:
        current = SheetCheck.objects.filter(pk=check.pk, status=check.status, turn=check.turn)
        if not current.update(done_count=done, row_count=total, moved_at=timezone.now()):
            raise ImportStopped

    return note


def cancel(check: SheetCheck, *, by: User) -> None:
    """Stop checking or importing; what is written stays. Checking is resumed by `resume`, importing is begun again."""
    checks = SheetCheck.objects.filter(pk=check.pk)
    now = timezone.now()
    if checks.filter(status=Status.CHECKING).update(status=Status.CANCELLED, moved_at=now):
        record("停止检查表格", check.source_file, by=by)
    elif checks.filter(status=Status.WRITING).update(status=Status.CHECKED, moved_at=now):
        record("停止导入表格", check.source_file, by=by)


def resume(check: SheetCheck, *, by: User) -> None:
    """Go on checking or importing after a stop or a lost task."""
    checks = SheetCheck.objects.filter(pk=check.pk)
    now = timezone.now()
    if checks.filter(status=Status.WRITING).update(asked_by=by, moved_at=now):
        record("继续导入表格", check.source_file, by=by)
        transaction.on_commit(lambda: enqueue(WRITE_TASK, check.pk))
    elif checks.filter(status__in=[Status.CHECKING, Status.CANCELLED]).update(
        status=Status.CHECKING, asked_by=by, moved_at=now
    ):
        record("继续检查表格", check.source_file, by=by)
        transaction.on_commit(lambda: enqueue(CHECK_TASK, check.pk))


def take_up(pk: int, status: str, run: Callable[[SheetCheck], None]) -> None:
    """What the tasks do: go on with a sheet in this state."""
    check = SheetCheck.objects.filter(pk=pk, status=status).select_related("source_file", "asked_by").first()
    if check and check.asked_by.is_active:
        run(check)


def sweep_sheet_checks() -> int:
    """Send the tasks of sheets that do not move again: a worker was stopped, or a message lost. Returns how many.

    A time far in the future was noted by a wrong clock.
    """
    now = database_now()
    is_still = Q(moved_at__lt=now - STILL_AFTER) | Q(moved_at__gt=now + STILL_AFTER)
    sent = 0
    for row in SheetCheck.objects.filter(is_still, status__in=TASKS):
        same = SheetCheck.objects.filter(pk=row.pk, status=row.status, moved_at=row.moved_at)
        if same.update(moved_at=now):  # else it has moved meanwhile, or another sweeper has sent it
            sent += enqueue(TASKS[Status(row.status)], row.pk)
    return sent
