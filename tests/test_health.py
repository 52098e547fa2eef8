"""/healthz reports the state of database, broker and worker."""

import socket
import threading
from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from dalian_techtransfer import health
from matching import tasks
from matching.models import WorkerPulse

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]  # the checks use connections of their own


def ask(client) -> tuple[int, dict[str, bool], dict[str, str]]:
    answer = client.get("/healthz")
    report = answer.json()
    oks = {leg: state["ok"] for leg, state in report.items()}
    return answer.status_code, oks, {leg: state["detail"] for leg, state in report.items()}


@pytest.fixture
def silent_port():
    """A port that accepts connections and sends nothing, like a server that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def database_at(monkeypatch, port: int) -> None:
    """The port of new connections. The open connection of the test stays."""
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", str(port))


def test_healthy_after_a_pulse(client):
    tasks.beat_pulse()
    status, oks, _ = ask(client)
    assert (status, oks) == (200, {"database": True, "broker": True, "worker": True})
    assert "no-store" in client.get("/healthz")["Cache-Control"]


def test_worker_without_pulse(client):
    status, oks, details = ask(client)
    assert (status, oks) == (503, {"database": True, "broker": True, "worker": False})
    assert details["worker"] == "尚未运行"


def test_worker_with_an_old_pulse(client):
    WorkerPulse.objects.create(name="worker", beaten_at=timezone.now() - health.MAX_PULSE_AGE - timedelta(seconds=5))
    status, oks, details = ask(client)
    assert (status, oks) == (503, {"database": True, "broker": True, "worker": False})
    assert "没有响应" in details["worker"]


def test_pulse_updates_one_row():
    tasks.beat_pulse()
    first = WorkerPulse.objects.get().beaten_at
    tasks.beat_pulse()
    assert WorkerPulse.objects.get().beaten_at > first


@pytest.mark.parametrize("how", ["closed_port", "silent_port"])
def test_broker_unavailable(client, settings, request, how):
    tasks.beat_pulse()
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{request.getfixturevalue(how)}/0"
    status, oks, _ = ask(client)
    assert (status, oks) == (503, {"database": True, "broker": False, "worker": True})


@pytest.mark.parametrize("how", ["closed_port", "silent_port"])
def test_database_unavailable(client, monkeypatch, request, how):
    tasks.beat_pulse()
    database_at(monkeypatch, request.getfixturevalue(how))
    status, oks, details = ask(client)
    assert (status, oks) == (503, {"database": False, "broker": True, "worker": False})
    assert details["worker"] == "未知"  # not "stopped": the check could not run


def test_hanging_check_does_not_delay_the_response(client, monkeypatch):
    """The timeout of the check ends the wait, not that of the connection."""
    assert health.TIMEOUT < 2
    let_go = threading.Event()
    monkeypatch.setattr(health, "check_broker", let_go.wait)
    status, oks, _ = ask(client)  # never returns if it waits
    let_go.set()
    assert (status, oks["broker"]) == (503, False)


def test_post_is_not_allowed(client):
    assert client.post("/healthz").status_code == 405
