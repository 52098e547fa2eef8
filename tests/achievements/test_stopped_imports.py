"""A long import goes on by itself after its worker was stopped, and after its message was lost."""

import os
import signal
import subprocess
from contextlib import suppress
from datetime import timedelta

import pytest
from django.utils import timezone

from achievements import tasks
from achievements.models import Achievement, SheetImport, SheetImportRow
from achievements.services import sheet_imports, sheet_writing
from core.database_clock import database_now
from tests import factories
from tests.achievements.test_sheet_imports import started
from tests.matching.test_runs import count_waiting_for_a_lock, locked_table, worker
from tests.waiting import wait_until

ROWS = 1200


def long_import(rows: int, by) -> SheetImport:
    """A sheet of which so many rows are ready; only the first was read from a file."""
    sheet = started({}, by=by)
    row = sheet.rows.get()
    copies = [
        SheetImportRow(
            sheet_import=sheet,
            number=row.number + n,
            title=f"{row.title}{n}",
            state=row.state,
            values=row.values | {"title": f"{row.title}{n}"},
        )
        for n in range(1, rows)
    ]
    SheetImportRow.objects.bulk_create(copies)
    return sheet


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_an_import_stopped_by_term_in_the_middle_is_completed_once(monkeypatch):
    office = factories.institution_officer(factories.institution())
    sheet = long_import(ROWS, office)
    with worker() as process:
        assert sheet_writing.begin_writing(sheet, by=office) is None
        wait_until(lambda: Achievement.objects.count() >= sheet_imports.BATCH_SIZE)
        with locked_table("achievements_sheetimportrow"):  # it stands in the middle of a batch
            wait_until(lambda: count_waiting_for_a_lock() > 0)
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):  # it waits for its task, as long as whoever stops it lets it
                process.wait(5)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    written = Achievement.objects.count()
    assert sheet_imports.BATCH_SIZE <= written < ROWS and written % sheet_imports.BATCH_SIZE == 0
    sheet.refresh_from_db()
    assert sheet.status == "writing"
    SheetImport.objects.update(moved_at=database_now() - timedelta(minutes=5))
    assert tasks.write_sheet_import.name == sheet_imports.WRITE_TASK
    monkeypatch.setattr(sheet_imports, "enqueue", lambda _name, *sent: tasks.write_sheet_import(*sent) or True)
    assert sheet_imports.sweep_sheet_imports() == 1  # the next worker gets it: here this process
    assert SheetImport.objects.get().status == "open"
    sheet.source_file.refresh_from_db()
    titles = Achievement.objects.values_list("title", flat=True)
    assert (len(titles), len(set(titles)), sheet.source_file.created_rows) == (ROWS, ROWS, ROWS)


@pytest.mark.django_db
def test_only_imports_that_do_not_move_are_sent_again_each_once(monkeypatch):
    office, city = factories.institution_officer(factories.institution()), factories.city_officer()
    sheet = long_import(1, office)
    sent = []
    monkeypatch.setattr(sheet_imports, "enqueue", lambda *task: sent.append(task) or True)
    rows = SheetImport.objects.filter(pk=sheet.pk)
    hour = timedelta(hours=1)
    for status, moved_at, expected in [
        ("open", timezone.now() - hour, []),
        ("writing", timezone.now(), []),
        ("writing", timezone.now() - hour, [(sheet_imports.WRITE_TASK, sheet.pk, city.pk)]),
        ("reading", timezone.now() + hour, [(sheet_imports.READ_TASK, sheet.pk)]),  # by a clock that was ahead
    ]:
        rows.update(status=status, moved_at=moved_at, written_by=city)
        sheet_imports.sweep_sheet_imports()
        assert sheet_imports.sweep_sheet_imports() == 0  # it was just sent
        assert sent == expected, status
        sent.clear()
