"""/healthz tells which leg is lame."""

import socket
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from dalian_techtransfer import health
from matching import tasks
from matching.models import WorkerPulse

pytestmark = pytest.mark.django_db(transaction=True)  # the checks look from connections of their own


def ask(client) -> tuple[int, dict[str, bool], dict[str, str]]:
    answer = client.get("/healthz")
    report = answer.json()
    oks = {leg: told["ok"] for leg, told in report.items()}
    return answer.status_code, oks, {leg: told["detail"] for leg, told in report.items()}


@pytest.fixture
def silent_port():
    """A port that takes connections and never says a word, like a server that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return port


def database_at(monkeypatch, port: int) -> None:
    """What connections that are still to be made will use. The test's own one stays."""
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", str(port))


def test_all_is_well_after_the_canary_task(client):
    tasks.beat_pulse()
    status, oks, _ = ask(client)
    assert (status, oks) == (200, {"database": True, "broker": True, "worker": True})
    assert "no-store" in client.get("/healthz")["Cache-Control"]


def test_a_worker_that_never_ran(client):
    status, oks, details = ask(client)
    assert (status, oks) == (503, {"database": True, "broker": True, "worker": False})
    assert details["worker"] == "尚未运行"


def test_a_worker_whose_canary_is_old(client):
    WorkerPulse.objects.create(name="worker", beaten_at=timezone.now() - health.MAX_PULSE_AGE - timedelta(seconds=5))
    status, oks, details = ask(client)
    assert (status, oks) == (503, {"database": True, "broker": True, "worker": False})
    assert "没有响应" in details["worker"]


def test_the_canary_is_written_again_not_again_and_again():
    tasks.beat_pulse()
    first = WorkerPulse.objects.get().beaten_at
    tasks.beat_pulse()
    assert WorkerPulse.objects.get().beaten_at > first


@pytest.mark.parametrize("how", ["closed_port", "silent_port"])
def test_no_broker(client, settings, request, how):
    tasks.beat_pulse()
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{request.getfixturevalue(how)}/0"
    status, oks, _ = ask(client)
    assert (status, oks) == (503, {"database": True, "broker": False, "worker": True})


@pytest.mark.parametrize("how", ["closed_port", "silent_port"])
def test_no_database(client, monkeypatch, request, how):
    tasks.beat_pulse()
    database_at(monkeypatch, request.getfixturevalue(how))
    status, oks, details = ask(client)
    assert (status, oks) == (503, {"database": False, "broker": True, "worker": False})
    assert details["worker"] == "未知"  # not "dead": nobody could look


def test_the_answer_does_not_wait_for_a_check_that_hangs(client, monkeypatch):
    """The deadline, not the connection's own time limit, ends the wait."""
    assert health.TIMEOUT < 2
    let_go = threading.Event()
    monkeypatch.setattr(health, "check_broker", let_go.wait)
    status, oks, _ = ask(client)  # would never come if it waited
    let_go.set()
    assert (status, oks["broker"]) == (503, False)


def test_only_reading_is_allowed(client):
    assert client.post("/healthz").status_code == 405
