"""/metrics: who may read it, what it counts, and that alerts and dashboard name what it exports."""

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import redis
import yaml
from celery.signals import task_postrun, task_prerun
from django.conf import settings as project
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone

from dalian_techtransfer.metrics import installation, tasks
from dalian_techtransfer.metrics.requests import RequestMetricsMiddleware
from matching.models import MatchChunk, WorkerPulse
from notices.models import Delivery
from tests import factories

pytestmark = pytest.mark.django_db
MONITORING = Path(project.BASE_DIR) / "deploy/monitoring"
TOKEN = "a-long-token"


@pytest.fixture(autouse=True)
def _switched_on(settings):
    settings.METRICS_TOKEN, settings.METRICS_ADDRESSES = TOKEN, ["10.1.0.0/16"]
    settings.MIDDLEWARE = ["dalian_techtransfer.metrics.requests.RequestMetricsMiddleware", *settings.MIDDLEWARE]


def scraped(client, **how):
    return client.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"}, **how)


def samples(text: str) -> dict[str, float]:
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _blank, value in lines}


@pytest.mark.parametrize(
    ("token", "address", "status"),
    [
        (None, "127.0.0.1", 404),
        ("wrong", "127.0.0.1", 404),
        ("", "127.0.0.1", 404),
        (TOKEN, "127.0.0.1", 200),
        (None, "10.1.2.3", 200),
        ("wrong", "10.1.2.3", 404),
        (None, "10.2.0.1", 404),
    ],
)
def test_who_may_read(client, token, address, status):
    headers = {} if token is None else {"authorization": f"Bearer {token}"}
    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


def test_off_without_token_and_addresses(client, settings):
    settings.METRICS_TOKEN, settings.METRICS_ADDRESSES = "", []
    assert scraped(client).status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer "}).status_code == 404


def test_requests_are_counted_by_route_not_by_path(client):
    achievement = factories.achievement()
    before = samples(scraped(client).text)
    page = reverse("achievement_detail", args=[achievement.public_id])
    assert client.get(page).status_code == 200
    assert client.get("/no/such/page").status_code == 404
    after = scraped(client).text
    added = {name: value - before.get(name, 0) for name, value in samples(after).items()}
    assert added['techtransfer_requests_total{method="GET",route="achievement_detail",status="200"}'] == 1
    assert added['techtransfer_requests_total{method="GET",route="none",status="404"}'] == 1
    assert added['techtransfer_database_statements_total{route="achievement_detail"}'] > 2
    assert added['techtransfer_database_seconds_total{route="achievement_detail"}'] > 0
    assert added['techtransfer_request_seconds_count{route="achievement_detail"}'] == 1
    assert achievement.public_id not in after


def test_a_method_that_nobody_knows_is_no_label_of_its_own(rf):
    RequestMetricsMiddleware(lambda request: HttpResponse())(rf.generic("INVENTED", "/"))
    from dalian_techtransfer.metrics.requests import REQUESTS

    assert {sample.labels["method"] for family in REQUESTS.collect() for sample in family.samples} <= {
        *("GET", "HEAD", "POST", "other")
    }


def test_what_waits_and_what_cannot_be_read(client, settings, closed_port):
    run = factories.match_run()
    MatchChunk.objects.create(run=run, number=1, demand_ids=[1], attempts=7)
    Delivery.objects.create(
        channel="letter", address="a@example.cn", subject="信", body="信", try_after=timezone.now() - timedelta(hours=1)
    )
    WorkerPulse.objects.create(name="worker", beaten_at=timezone.now() - timedelta(seconds=90))
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{closed_port}/0"
    values = samples(scraped(client).text)
    assert values['techtransfer_worker_pulse_age_seconds{worker="worker"}'] >= 90
    assert values['techtransfer_scrape_failed{part="queues"}'] == 1
    assert values['techtransfer_scrape_failed{part="chunks"}'] == 0
    assert values['techtransfer_match_runs{state="queued"}'] == 1
    assert values['techtransfer_match_chunks{state="waiting"}'] == 1
    assert values["techtransfer_match_chunk_attempts_max"] == 7
    assert values['techtransfer_deliveries{state="queued"}'] == 1
    assert values["techtransfer_delivery_oldest_due_seconds"] >= 3600


def test_messages_of_all_priorities_are_counted(client):
    """Beside those that earlier tests have left in the broker."""
    name = 'techtransfer_queue_messages{queue="batch"}'
    before = samples(scraped(client).text)[name]
    with redis.Redis.from_url(project.CELERY_BROKER_URL) as broker:
        keys = installation._keys_of_queue("batch")
        for key in keys:
            broker.lpush(key, "{}")
        try:
            after = samples(scraped(client).text)[name]
        finally:
            for key in keys:
                broker.lpop(key)
    assert after - before == len(keys) == 2


class ExampleTask:
    name = "example.tasks.count"
    request: dict[str, str] = {}


@pytest.fixture
def _task_figures(settings):
    """Two tasks, one of which fails, carried out as a worker does; the broker counts in a database of its own."""
    settings.CELERY_BROKER_URL = project.CELERY_BROKER_URL
    with redis.Redis.from_url(project.CELERY_BROKER_URL) as broker:
        broker.delete(tasks.KEY)
        task = ExampleTask
        for number, outcome in enumerate(("SUCCESS", "FAILURE")):
            task_prerun.send(task, task_id=str(number), task=task, args=["13800000000"], kwargs={})
            task_postrun.send(task, task_id=str(number), task=task, args=["13800000000"], kwargs={}, state=outcome)
        task_prerun.send(task, task_id="killed", task=task)
        yield
        tasks._began.clear()
        task_postrun.send(task, task_id="killed", task=task)
        broker.delete(tasks.KEY)


def test_tasks_are_counted_by_name_and_outcome(client, _task_figures):
    text = scraped(client).text
    values = {name: value for name, value in samples(text).items() if "example.tasks.count" in name}
    label = 'task="example.tasks.count"'
    assert values["techtransfer_tasks_started_total{%s}" % label] == 3
    assert values['techtransfer_tasks_ended_total{outcome="done",%s}' % label] == 1
    assert values['techtransfer_tasks_ended_total{outcome="failed",%s}' % label] == 1
    assert values["techtransfer_task_seconds_count{%s}" % label] == 2
    assert values['techtransfer_task_seconds_bucket{le="+Inf",%s}' % label] == 2
    assert values["techtransfer_task_seconds_sum{%s}" % label] > 0
    assert "13800000000" not in text


def test_tasks_are_not_counted_where_nobody_reads(settings, closed_port):
    """Nor does a broker that is away hinder a task."""
    task = ExampleTask
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{closed_port}/0"
    task_prerun.send(task, task_id="1", task=task)
    task_postrun.send(task, task_id="1", task=task, state="SUCCESS")
    settings.METRICS_TOKEN, settings.METRICS_ADDRESSES = "", []
    task_prerun.send(task, task_id="1", task=task)
    assert not tasks._began


def test_alerts_and_dashboard_name_what_is_exported(client, settings, tmp_path, monkeypatch, _task_figures):
    stamp = {"taken_at": "2026-11-30T01:00:00+08:00", "proven_at": "2026-11-30T02:00:00+08:00"}
    (tmp_path / "last-proven.json").write_text(json.dumps(stamp))
    settings.BACKUP_FOLDER = str(tmp_path)
    monkeypatch.setattr(installation, "WATCH", SimpleNamespace(is_fresh=lambda: True, measure=lambda: 0, lag=lambda: 0))
    WorkerPulse.objects.create(name="worker", beaten_at=timezone.now())
    client.get("/")
    monkeypatch.setattr(installation, "ALIAS", "default")  # as if there were one
    text = scraped(client).text
    assert 'scrape_failed{part="backup"} 0' in text
    exported = {name.partition("{")[0] for name in samples(text)}
    rules = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
    dashboard = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    asked = [rule["expr"] for rule in rules]
    asked += [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    named = {name for expression in asked for name in re.findall(r"\btechtransfer_\w+", expression)}
    assert len(named) > 20
    assert named - exported == set()
    if promtool := shutil.which("promtool"):  # Debian's package prometheus is too large to be installed for this
        subprocess.run([promtool, "check", "rules", str(MONITORING / "alerts.yml")], check=True, capture_output=True)
