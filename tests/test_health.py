"""/healthz reports the state of each part, /readyz whether pages can be served, /livez that the process answers."""

import json
import os
import socket
import threading
from collections import namedtuple
from datetime import timedelta

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.utils import timezone

from backups.manifest import write_recovery_stamp
from dalian_techtransfer import health_checks
from dalian_techtransfer.health_checks import MAX_PULSE_AGE
from matching import tasks
from matching.models import MatchRun, WorkerPulse
from notices.models import Delivery
from tests import factories as make

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]  # the checks use connections of their own

LEGS = ["database", "worker", "batch", "queues", "runs", "broker", "media", "disk", "backup"]


def ask(client) -> tuple[int, set[str], dict[str, str]]:
    """The status, the legs that are red, and what each leg says."""
    answer = client.get("/healthz")
    report = answer.json()
    assert list(report) == LEGS
    red = {leg for leg, state in report.items() if not state["ok"]}
    assert answer.status_code == (503 if red else 200)
    return answer.status_code, red, {leg: state["detail"] for leg, state in report.items()}


def beat() -> None:
    tasks.beat_pulse()
    tasks.beat_pulse("batch")


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.DISK_FREE_MB = 0


@pytest.fixture
def silent_port():
    """A port that accepts connections and sends nothing, like a server that hangs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def database_at(monkeypatch, port: int) -> None:
    """The port of new connections. The open connection of the test stays."""
    monkeypatch.setitem(connections["default"].settings_dict, "PORT", str(port))


def test_healthy_after_its_pulses(client):
    assert ask(client)[1] == {"worker", "batch"}
    beat()
    status, red, details = ask(client)
    assert (status, red, details["backup"]) == (200, set(), "未配置")
    assert "no-store" in client.get("/healthz")["Cache-Control"]
    before = WorkerPulse.objects.get(name="worker").beaten_at
    beat()
    assert WorkerPulse.objects.get(name="worker").beaten_at > before


def test_workers_with_old_pulses_and_one_of_the_future(client):
    beat()
    for name, leg in (("worker", MAX_PULSE_AGE["worker"]), ("batch", MAX_PULSE_AGE["batch"])):
        WorkerPulse.objects.filter(name=name).update(beaten_at=Now() - leg - timedelta(seconds=5))
        _, red, details = ask(client)
        assert name in red and "没有响应" in details[name]
    WorkerPulse.objects.update(beaten_at=Now() + timedelta(hours=1))
    assert ask(client)[1] == {"worker", "batch"}


def test_work_that_waits_too_long_and_runs_that_failed(client):
    beat()
    hour = timedelta(hours=1)
    mail = Delivery.objects.create(
        channel="letter", address="a@example.com", subject="标题", body="正文", try_after=timezone.now() - hour
    )
    run = make.match_run()
    run.chunks.create(number=1, demand_ids=[])
    MatchRun.objects.update(status="queued", finished_at=None, queued_at=Now() - hour)
    _, red, details = ask(client)
    assert (red, details["queues"]) == ({"queues"}, "邮件和短信已等 60 分钟；批量匹配已等 60 分钟")
    run.chunks.create(number=2, demand_ids=[], finished_at=Now())  # it advances
    mail.delete()
    assert ask(client)[1] == set()
    MatchRun.objects.update(status="failed")
    run.chunks.filter(number=1).update(failed_at=Now())
    _, red, details = ask(client)
    assert (red, details["runs"]) == ({"runs"}, "1 个匹配批次失败，等市级专员重试")


def test_uploads_that_cannot_be_written_and_a_disk_that_fills(client, settings, monkeypatch, tmp_path):
    beat()
    usage = namedtuple("usage", "total used free")(0, 0, 400 * 2**20)
    monkeypatch.setattr(health_checks.shutil, "disk_usage", lambda folder: usage)
    settings.DISK_FREE_MB = 500
    _, red, details = ask(client)
    assert (red, details["disk"]) == ({"disk"}, "只剩 400 MB，低于 500 MB")
    settings.DISK_FREE_MB = 300
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = str(tmp_path / "file" / "media")  # also root cannot write there
    _, red, details = ask(client)
    assert (red, details["media"]) == ({"media"}, "不能写入")


def test_the_last_proven_backup(client, settings, tmp_path):
    beat()
    settings.BACKUP_FOLDER = str(tmp_path)

    def stamp(hours: int, **other) -> None:
        taken_at = (timezone.now() - timedelta(hours=hours)).isoformat()
        (tmp_path / "last-proven.json").write_text(json.dumps({"taken_at": taken_at, "proven_at": taken_at} | other))

    assert ask(client)[2]["backup"] == "还没有验证过的备份"
    stamp(5)
    assert ask(client)[1] == set()
    stamp(50)
    assert ask(client)[2]["backup"] == "最近一份验证过的备份是 50 小时前的"
    stamp(5, proven_at=None)
    _, red, details = ask(client)
    assert (red, details["backup"]) == ({"backup"}, "备份的记录读不出")
    stamp(5)
    settings.PGBACKREST_STANZA = "main"
    assert ask(client)[2]["backup"] == "还没有验证过的时刻恢复"
    for hours, expected in ((9 * 24, "最近一份验证过的时刻恢复是 216 小时前的"), (24, "正常")):
        write_recovery_stamp(tmp_path, "2026-12-01 01:30:00+00", timezone.now() - timedelta(hours=hours))
        assert ask(client)[2]["backup"] == expected


@pytest.mark.parametrize("how", ["closed_port", "silent_port"])
def test_broker_unavailable(client, settings, request, how):
    beat()
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{request.getfixturevalue(how)}/0"
    assert ask(client)[:2] == (503, {"broker"})
    assert client.get("/readyz").status_code == 200  # pages work; what waits for a worker waits as rows


@pytest.mark.parametrize("how", ["closed_port", "silent_port"])
def test_database_unavailable(client, monkeypatch, request, how):
    beat()
    database_at(monkeypatch, request.getfixturevalue(how))
    _, red, details = ask(client)
    assert red == {"database", "worker", "batch", "queues", "runs"}
    assert details["worker"] == "未知"  # not "stopped": the check could not run
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (503, {"database": {"ok": False, "detail": "无法连接"}})
    assert client.get("/livez").status_code == 200


def test_hanging_check_does_not_delay_the_response(client, monkeypatch):
    """The timeout of the check ends the wait, not that of the connection."""
    assert health_checks.TIMEOUT < 2
    beat()
    let_go = threading.Event()
    for check in ("check_broker", "check_files"):
        monkeypatch.setattr(health_checks, check, let_go.wait)
    _, red, _ = ask(client)  # never returns if it waits
    let_go.set()
    assert red == {"broker", "media", "disk", "backup"}


def test_post_is_not_allowed(client):
    assert {client.post(path).status_code for path in ("/healthz", "/livez", "/readyz")} == {405}


def test_nothing_of_the_inside_is_told(client, settings):
    settings.BACKUP_FOLDER = "/secret-folder"
    assert os.sep not in "".join(ask(client)[2].values())
