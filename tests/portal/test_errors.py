"""Error pages."""

import errno
import logging
import os

import psycopg2
import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InterfaceError, OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from accounts.models import SourceFile
from core.database_errors import is_database_lost
from mandates.services.mandates import end_mandate
from portal.unavailable import unavailable
from portal.views.public import home
from tests import factories
from tests.demands.sheets import workbook as demand_workbook


@pytest.fixture
def quiet(caplog):
    caplog.set_level(logging.CRITICAL, "django.request")
    return caplog


def lost() -> OperationalError:
    error = OperationalError("connection to server failed: Connection refused\n\tIs the server running?")
    error.__cause__ = psycopg2.OperationalError("connection refused")
    return error


@pytest.fixture
def no_database(monkeypatch):
    """Every query fails as it does without a database server."""

    def refuse(*_args, **_kwargs):
        raise lost()

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.cursor", refuse)


def text(response) -> str:
    return response.content.decode()


@pytest.mark.django_db
def test_lost_database_is_a_503(no_database, caplog):
    response = Client(raise_request_exception=False).get("/achievements/")
    assert response.status_code == 503
    assert "数据库暂时连接不上" in text(response)
    assert response["Retry-After"] == "30"
    assert [record.getMessage() for record in caplog.records if record.name == "portal.unavailable"] == [
        "database lost at GET /achievements/: connection to server failed: Connection refused"
    ]


@pytest.mark.django_db
def test_pages_of_failures_show_the_id_under_which_the_logs_have_them(monkeypatch):
    client = Client(raise_request_exception=False)
    for fault, status in ((ValueError("some fault"), 500), (lost(), 503)):

        def fail(*_args, fault=fault):
            raise fault

        monkeypatch.setattr(home, "render", fail)
        response = client.get("/")
        assert response.status_code == status
        assert f"<code>{response['X-Request-ID']}</code>" in text(response)


@pytest.mark.django_db
def test_unreadable_session_is_a_503(no_database):
    client = Client(raise_request_exception=False)
    client.cookies["sessionid"] = "a" * 32
    for path in ("/", "/help/", "/nowhere/", "/admin/"):
        assert client.get(path).status_code == 503, path


@pytest.mark.django_db
def test_middleware_without_database_is_a_503(monkeypatch):
    def refuse(self, request):
        raise lost()

    monkeypatch.setattr("django.contrib.sessions.middleware.SessionMiddleware.process_request", refuse)
    response = Client(raise_request_exception=False).get("/help/")
    assert response.status_code == 503
    assert "数据库暂时连接不上" in text(response)


@pytest.mark.django_db
def test_lost_database_in_the_api_is_a_problem_document(no_database, rf):
    response = unavailable(rf.get("/api/v1/achievements/"), lost())
    assert (response.status_code, response["Content-Type"]) == (503, "application/problem+json")


@pytest.mark.parametrize(
    ("state", "is_lost"), [(None, True), ("57P01", True), ("08006", True), ("40P01", False), ("57014", False)]
)
def test_only_connection_errors_are_a_lost_database(state, is_lost):
    class Cause(Exception):
        pgcode = state

    for kind in (OperationalError, InterfaceError):
        error = kind("x")
        error.__cause__ = Cause()
        assert is_database_lost(error) == is_lost
    assert not is_database_lost(ValueError("x"))
    assert not is_database_lost(None)


@pytest.mark.django_db
def test_request_works_after_the_server_ended_the_connection(transactional_db):
    factories.achievement()
    client = Client(raise_request_exception=False)
    assert client.get("/achievements/").status_code == 200
    with connection.cursor() as cursor, pytest.raises(OperationalError):
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    connection.close()
    assert client.get("/achievements/").status_code == 200


@pytest.mark.django_db
def test_exception_is_a_500_page(monkeypatch, quiet):
    def broken(request):
        raise ValueError("secret detail")

    monkeypatch.setattr(home, "render", lambda *a, **k: broken(None))
    response = Client(raise_request_exception=False).get("/")
    assert response.status_code == 500
    assert "页面出错了" in text(response)
    assert "secret detail" not in text(response)


@pytest.mark.django_db
def test_404_page_is_chinese_with_links(client):
    for path in ("/nowhere/", "/achievements/2222222222/", "/achievements/%00/", "/demands/1/"):
        response = client.get(path)
        assert response.status_code == 404
        assert "没有找到这个页面" in text(response)
        assert reverse("achievement_list") in text(response)


@pytest.mark.django_db
def test_403_page_is_chinese(client, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise PermissionDenied

    monkeypatch.setattr(home, "render", refuse)
    response = client.get("/")
    assert response.status_code == 403
    assert "没有这项权限" in text(response)


@pytest.mark.django_db
def test_a_text_sent_too_late_for_a_mandate_comes_back_with_the_reason(client):
    firm, broker = factories.firm("大连委托制造有限公司"), factories.broker_account()
    mandate = factories.mandate(firm, broker, rights=["answer"])
    approach = factories.approach(firm=firm)
    client.force_login(broker.user)
    page = reverse("approach", args=[approach.public_id])
    assert client.get(page).status_code == 200
    end_mandate(mandate, by=mandate.proposed_by, reason="改由技术部自己联系")
    typed = "替企业写好的一段回复 <b>很长</b>"
    fields = {"message-text": typed, "password": "不能再显示的口令一二三"}
    response = client.post(reverse("approach_message", args=[approach.public_id]), fields)
    assert response.status_code == 404
    assert escape(typed) in text(response) and "不能再显示的口令" not in text(response)
    assert "大连委托制造有限公司”的委托已于" in text(response) and "改由技术部自己联系" in text(response)
    client.force_login(factories.broker_account("大连另一家技术转移中心").user)
    response = client.post(reverse("approach_message", args=[approach.public_id]), fields)
    assert response.status_code == 404 and escape(typed) in text(response)
    assert "大连委托制造" not in text(response)


@pytest.mark.django_db
def test_reading_an_address_that_only_takes_forms_leads_back_to_the_page(client):
    approach = factories.approach()
    client.force_login(factories.firm_officer(approach.firm))
    response = client.get(reverse("approach_message", args=[approach.public_id]))
    assert response.status_code == 405 and response["Allow"] == "POST"
    assert f'href="{reverse("approach", args=[approach.public_id])}"' in text(response)
    assert client.head(reverse("approach_message", args=[approach.public_id])).status_code == 405
    response = client.get(reverse("talk_choose", args=["2222222222"]))
    assert f'href="{reverse("workbench")}"' in text(response)


def test_unknown_host_is_a_400_without_the_host_name():
    response = Client(raise_request_exception=False, headers={"host": "evil.example"}).get("/")
    assert response.status_code == 400
    assert "这个请求无法处理" in text(response)
    assert "evil.example" not in text(response)


@pytest.mark.django_db
def test_csrf_failure_page_says_what_to_do():
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("login"), {"username": "a", "password": "b"})
    assert response.status_code == 403
    assert "刚才的提交没有生效" in text(response)
    assert f'href="{reverse("login")}"' in text(response)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_public_pages_are_read_only(client, method, quiet):
    assert getattr(client, method)("/achievements/").status_code == 405


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "存储空间已满"),
        (errno.EDQUOT, "存储空间已满"),
        (errno.EROFS, "附件目录不能写入"),
        (errno.EACCES, "附件目录不能写入"),
    ],
)
@pytest.mark.django_db
def test_an_upload_that_cannot_be_stored_is_a_507_that_says_why(client, monkeypatch, code, words):
    def refuse(_storage, name, _content):
        raise OSError(code, os.strerror(code), f"{settings.MEDIA_ROOT}/{name}")

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", refuse)
    client.force_login(factories.city_officer())
    file = SimpleUploadedFile("需求.xlsx", demand_workbook({}))
    response = client.post(reverse("import_start", args=["demands"]), {"file": file})
    assert response.status_code == 507
    assert words in text(response) and "没有保存成" in text(response)
    assert not SourceFile.objects.exists()


def test_a_refused_path_outside_of_the_uploads_is_a_fault_of_the_code(rf):
    assert unavailable(rf.get("/"), PermissionError(errno.EACCES, "denied", "/etc/shadow")) is None


@pytest.mark.parametrize(
    ("state", "status", "words"),
    [("57014", 503, "超过了一页的时间限制"), ("55P03", 503, "正被另一项操作占用"), ("53100", 507, "存储空间已满")],
)
def test_a_statement_that_is_stopped_says_why(rf, state, status, words):
    error = OperationalError("x")
    error.__cause__ = type("Cause", (Exception,), {"pgcode": state})()
    response = unavailable(rf.get("/"), error)
    assert (response.status_code, words in text(response)) == (status, True)
