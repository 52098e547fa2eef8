"""Sheets that are imported as a whole: checked once, long ones in the background."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import SourceFile
from demands.models import Demand
from portal import sheet_checks, tasks
from portal.import_kinds import KINDS
from portal.models import SheetCheck
from portal.views.workbench import imports
from tests import factories as make
from tests.browser_client import one_line
from tests.demands import sheets
from tests.portal.test_import_pages import press_import, upload

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
    monkeypatch.setattr(sheet_checks, "enqueue", lambda name, pk: names.append((name, pk)))
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


def test_a_lost_message_is_sent_again(officer, sent, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        upload(officer, "demands", sheets.workbook({}))
    report_page(officer)
    assert len(sent) == 1
    SheetCheck.objects.update(moved_at=timezone.now() - timedelta(minutes=5))
    for _ in range(2):
        report_page(officer)
    assert [name for name, _pk in sent] == ["portal.tasks.check_sheet"] * 2
