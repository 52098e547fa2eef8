"""Sheets that are not negotiated: checked once, long ones in the background, stopped and resumed."""

import io
import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import SourceFile
from accounts.services import source_files
from accounts.services.source_files import ImportStopped, store_source_file
from audit.models import AuditRecord
from brokers.models import Agency
from core.database_clock import database_now
from core.task_queue import enqueue
from deals.models import Contract
from demands.models import Demand
from portal import sheet_checks, sheet_progress, tasks
from portal.import_kinds import KINDS
from portal.models import SheetCheck, SheetCheckProblem
from portal.sheet_progress import StoredProgress, cancel
from portal.views.workbench import imports
from sheets import marking, progress
from tests import factories as make
from tests.brokers import sheets as broker_sheets
from tests.browser_client import one_line
from tests.deals import contract_lists
from tests.demands import sheets
from tests.matching.test_runs import count_waiting_for_a_lock, locked_table, worker
from tests.portal.test_import_pages import press_import, upload
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client):
    client.force_login(make.city_officer())
    return client


@pytest.fixture
def checked(monkeypatch):
    """The names of the files in the order in which they are checked."""
    names = []

    def check(content, name, **how):
        names.append(name)
        return kind.check(content, name, **how)

    kind = KINDS["demands"]
    monkeypatch.setitem(KINDS, "demands", replace(kind, check=check))
    return names


@pytest.fixture
def sent(monkeypatch):
    """The tasks that were sent; every sheet is a long one."""
    names = []
    for module in (sheet_checks, sheet_progress):
        monkeypatch.setattr(module, "enqueue", lambda name, pk: names.append((name, pk)) or True)
    monkeypatch.setattr(sheet_checks, "SHORT_BYTES", 1)
    monkeypatch.setattr(imports, "SHORT_BYTES", 1)
    return names


def report_page(client, query: str = "") -> str:
    response = client.get(reverse("import_report", args=[SourceFile.objects.get().public_id]) + query)
    return one_line(response.text)


def test_a_sheet_is_checked_once_however_often_its_report_is_read(officer, checked):
    wrong = sheets.workbook(*({"需求名称": f"需求{n}", "所属区市县": f"没有的区{n}"} for n in range(120)))
    page = one_line(upload(officer, "demands", wrong).text)
    assert "有 120 处需要修改" in page and "没有的区0" in page
    with CaptureQueriesContext(connection) as queries:
        assert "没有的区119" in report_page(officer, "?page=3") and "没有的区0 " not in report_page(officer, "?page=3")
    assert len(checked) == 1 and len(queries) < 30
    rows = [query["sql"] for query in queries if "portal_sheetcheckproblem" in query["sql"]]
    assert all("LIMIT 50" in sql or "LIMIT 20" in sql for sql in rows), rows  # a page of them
    again = officer.post(reverse("import_check", args=[SourceFile.objects.get().public_id]), follow=True)
    assert "有 120 处需要修改" in one_line(again.text) and len(checked) == 2


def test_a_long_sheet_is_checked_and_imported_in_the_background(
    officer, checked, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        page = one_line(upload(officer, "demands", sheets.workbook({}, {"需求名称": "另一项需求"})).text)
    check = SheetCheck.objects.get()
    assert "正在检查" in page and 'http-equiv="refresh"' in page and not checked
    assert sent == [("portal.tasks.check_sheet", check.pk)]
    tasks.check_sheet(check.pk)
    assert "检查通过，可以导入 2 项" in report_page(officer)
    with django_capture_on_commit_callbacks(execute=True):
        page = one_line(
            press_import(officer, officer.get(reverse("import_report", args=[check.source_file.public_id]))).text
        )
    assert "正在导入" in page and Demand.objects.count() == 0
    assert sent[1:] == [("portal.tasks.write_sheet", check.pk)]
    tasks.check_sheet(check.pk)  # a message that was delivered twice
    for _ in range(2):
        tasks.write_sheet(check.pk)
    assert "已导入 2 项技术需求" in report_page(officer) and Demand.objects.count() == 2


def test_what_speaks_against_a_long_import_is_on_its_page(
    officer, sent, monkeypatch, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        upload(officer, "demands", sheets.workbook({}))
    check = SheetCheck.objects.get()
    tasks.check_sheet(check.pk)
    SheetCheck.objects.update(status="writing")

    def refuse(*_args, **_how):
        raise sheet_checks.ValidationError("有内容刚被其他人录入，请重新检查后再导入。")

    monkeypatch.setitem(KINDS, "demands", replace(KINDS["demands"], write=refuse))
    tasks.write_sheet(check.pk)
    page = report_page(officer)
    assert "有内容刚被其他人录入" in page and "可以导入 1 项" in page and Demand.objects.count() == 0


def test_a_long_file_without_a_header_says_so(officer, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        upload(officer, "demands", "甲,乙\n1,2\n".encode(), name="需求.csv")
    tasks.check_sheet(SheetCheck.objects.get().pk)
    page = report_page(officer)
    assert "这个文件没有查成" in page and "表头" in page
    refused = upload(officer, "demands", b"PK\x03\x04 nothing", name="需求.xlsx")
    assert refused.status_code == 422 and SourceFile.objects.count() == 1


def test_only_sheets_that_do_not_move_are_sent_again_each_once(officer, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        upload(officer, "demands", sheets.workbook({}))
    check, hour = SheetCheck.objects.get(), timedelta(hours=1)
    for status, moved_at, expected in [
        ("checked", timezone.now() - hour, []),
        ("writing", timezone.now(), []),
        ("writing", timezone.now() - hour, ["portal.tasks.write_sheet"]),
        ("checking", timezone.now() + hour, ["portal.tasks.check_sheet"]),  # by a clock that was ahead
    ]:
        SheetCheck.objects.update(status=status, moved_at=moved_at)
        sent.clear()
        tasks.sweep_sheet_checks()
        tasks.sweep_sheet_checks()  # it was just sent
        assert sent == [(name, check.pk) for name in expected], status


def agencies(number: int) -> bytes:
    rows = ({"机构名称": f"大连演示技术服务公司{n:04}", "统一社会信用代码": ""} for n in range(number))
    return broker_sheets.workbook(broker_sheets.AGENCY, *rows)


def test_an_import_is_stopped_and_goes_on_after_the_last_written_row(officer, sent, monkeypatch):
    monkeypatch.setattr(source_files, "PART_ROWS", 3)
    upload(officer, "agencies", agencies(8))
    check, page = SheetCheck.objects.get(), reverse("import_report", args=[SourceFile.objects.get().public_id])
    run = reverse("import_run", args=[check.source_file.public_id])
    officer.post(run, {"action": "cancel"})
    tasks.check_sheet(check.pk)  # its message arrives after the stop
    assert "检查已停止" in one_line(officer.get(page).text) and not SheetCheckProblem.objects.exists()
    officer.post(run, {"action": "resume"})
    tasks.check_sheet(check.pk)
    press_import(officer, officer.get(page))

    def stop_after_the_first_part(kept, *done):
        advance(kept, *done)
        cancel(check, by=check.asked_by)

    advance = StoredProgress.advance
    with monkeypatch.context() as stopped:
        stopped.setattr(StoredProgress, "advance", stop_after_the_first_part)
        tasks.write_sheet(check.pk)
    assert Agency.objects.count() == 3
    text = one_line(officer.get(page).text)
    assert "导入已停止，已导入 3 / 8 行" in text and "接着导入其余的行" in text
    SheetCheck.objects.update(status="writing")
    earlier = SheetCheck.objects.get()
    tasks.write_sheet(check.pk)
    check.source_file.refresh_from_db()
    assert Agency.objects.count() == check.source_file.created_rows == 8 and check.source_file.unchanged_rows == 0
    with pytest.raises(ImportStopped):  # of a task that another one has taken over
        StoredProgress(earlier).lock()
    assert [entry.action for entry in AuditRecord.objects.filter(action__endswith="表格").order_by("pk")] == [
        "停止检查表格", "继续检查表格", "停止导入表格", "导入表格",
    ]  # fmt: skip


def test_the_progress_of_a_check_is_shown(officer, sent, monkeypatch):
    monkeypatch.setattr(progress, "EVERY", 2)
    upload(officer, "agencies", agencies(5))
    shown, note = [], sheet_checks.listen

    def listen(check):
        def watch(done, total):
            note(check)(done, total)
            shown.append(one_line(report_page(officer)))

        return watch

    monkeypatch.setattr(sheet_checks, "listen", listen)
    tasks.check_sheet(SheetCheck.objects.get().pk)
    assert [f"已检查 {done} / 5 行" in text for done, text in zip((0, 2, 4), shown, strict=True)] == [True] * 3


def test_the_marked_sheet_needs_no_second_check(
    officer, checked, sent, monkeypatch, django_capture_on_commit_callbacks
):
    monkeypatch.setattr(marking, "MAX_STYLED_ROWS", 1)
    rows = ({"需求名称": f"=需求{n}", "所属区市县": "没有的区" if n == 1 else "金普新区"} for n in range(3))
    upload(officer, "demands", sheets.workbook(*rows))
    check = SheetCheck.objects.get()
    address = reverse("import_marked", args=[check.source_file.public_id])
    assert officer.get(address).status_code == 302
    tasks.check_sheet(check.pk)
    check.refresh_from_db()
    book = load_workbook(io.BytesIO(officer.get(address).getvalue()))
    (cell,) = [
        cell for row in book.worksheets[0].iter_rows() for cell in row if cell.comment and cell.value == "没有的区"
    ]
    problem = check.problems.get(column=cell.column_letter, row=cell.row)
    assert problem.message in cell.comment.text and cell.fill.fgColor.rgb == "FFFFC7CE"
    titles = [row[1] for row in book.worksheets[0].values]
    assert {"'=需求0", "'=需求1", "'=需求2"} <= set(titles)  # no formulas
    assert [row[4] for row in book["问题清单"].values][1:] == [problem.message for problem in check.problems.all()]
    assert len(checked) == 1
    officer.post(reverse("import_check", args=[check.source_file.public_id]))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.check_sheet(check.pk)
    assert check.marked.name != SheetCheck.objects.get().marked.name and not check.marked.storage.exists(
        check.marked.name
    )


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_an_import_stopped_by_term_goes_on_after_the_last_written_row(settings, monkeypatch):
    monkeypatch.setenv("MEDIA_ROOT", str(settings.MEDIA_ROOT))  # the worker reads the sheet
    rows = 1600
    city, content = (
        make.city_officer(),
        contract_lists.workbook(*map(contract_lists.numbered, range(1000, 1000 + rows))),
    )
    source_file = store_source_file("contracts", content=content, name="登记名单.xlsx", by=city)
    check = SheetCheck.objects.create(source_file=source_file, asked_by=city, status="writing")
    with worker() as process:
        enqueue(sheet_progress.WRITE_TASK, check.pk)
        wait_until(lambda: Contract.objects.exists(), seconds=110)
        with locked_table("deals_contract"):  # it stands in the middle of a part
            wait_until(lambda: count_waiting_for_a_lock() > 0)
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):  # it waits for its task, as long as whoever stops it lets it
                process.wait(5)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    written = Contract.objects.count()
    check.refresh_from_db()
    assert source_files.PART_ROWS <= written < rows and check.written == written and check.is_running
    with worker():
        SheetCheck.objects.update(moved_at=database_now() - timedelta(minutes=5))
        tasks.sweep_sheet_checks()
        wait_until(lambda: SheetCheck.objects.get().status == "checked", seconds=110)
    source_file.refresh_from_db()
    assert Contract.objects.count() == source_file.created_rows == rows and source_file.unchanged_rows == 0
