"""Runs complete exactly once, also if messages or workers are lost."""

import os
import signal
import subprocess
import sys
import threading
import uuid
from contextlib import contextmanager
from datetime import timedelta

import psycopg2
import pytest
import redis
from django.conf import settings
from django.db import connection

from dalian_techtransfer.celery import app as celery_app
from matching.models import Match, MatchRun, WorkerPulse
from matching.services import runs
from matching.services.review import accept_match
from matching.services.runs import execute_chunk, finish_run, start_run, sweep_runs
from matching.tasks import beat_pulse
from rounds.services.rounds import close_round
from tests import factories as make
from tests.waiting import wait_until

pytestmark = pytest.mark.long

NOW = timedelta(0)


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(runs, "CHUNK_SIZE", 2)


def registry(achievements: int = 3, demands: int = 5):
    for _ in range(achievements):
        make.achievement()
    for _ in range(demands):
        make.demand()


def state(run: MatchRun) -> tuple:
    run.refresh_from_db()
    unfinished = run.chunks.filter(finished_at=None).count()
    return run.status, unfinished, Match.objects.count()


@pytest.mark.django_db
def test_last_chunk_finishes_the_run(small_chunks):
    registry()
    run = start_run("一轮", by=None)
    chunks = list(run.chunks.values_list("pk", flat=True))
    assert len(chunks) == 3
    for chunk in chunks[:2]:
        execute_chunk(chunk)
    assert state(run) == ("queued", 1, 12)
    execute_chunk(chunks[2])
    assert state(run) == ("done", 0, 15)
    assert run.counts == {
        "achievements": 3, "demands": 5, "matches": 15, "new_matches": 15, "demands_without_match": 0,
    }  # fmt: skip


@pytest.mark.django_db
def test_chunk_delivered_twice_is_done_once():
    registry()
    run = start_run("一轮", by=None)
    chunk = run.chunks.get()
    assert [execute_chunk(chunk.pk), execute_chunk(chunk.pk)] == [15, 0]
    chunk.refresh_from_db()
    assert (chunk.attempts, state(run)) == (1, ("done", 0, 15))


@pytest.mark.django_db
def test_later_run_refreshes_the_score_but_not_the_review():
    registry(1, 1)
    first = start_run("第一轮", by=None)
    execute_chunk(first.chunks.get().pk)
    officer = make.district_officer()
    match = Match.objects.get()
    accept_match(match, by=officer)
    Match.objects.update(score=1)
    second = start_run("第二轮", by=None)
    execute_chunk(second.chunks.get().pk)
    again = Match.objects.get()
    assert (again.pk, again.status, again.reviewed_by, again.first_run, again.run) == (
        match.pk, "accepted", officer, first, second,
    )  # fmt: skip
    assert again.score > 1


@pytest.mark.django_db
def test_unrelated_pair_is_not_proposed():
    make.achievement(title="海参苗种选育", summary="刺参良种繁育与苗种培育技术，提高成活率。")
    make.demand(title="数控机床主轴热误差补偿", problem="主轴连续加工后伸长，零件尺寸超差。")
    run = start_run("一轮", by=None)
    execute_chunk(run.chunks.get().pk)
    run.refresh_from_db()
    assert (Match.objects.count(), run.counts["demands_without_match"]) == (0, 1)


@pytest.mark.django_db
def test_synonyms_are_proposed_with_related_terms():
    make.achievement(title="海洋平台钢结构耐蚀涂层", summary="用于飞溅区的长效耐蚀涂层。")
    make.demand(title="海上钢结构防腐涂料", problem="飞溅区防腐涂料两年就失效。")
    run = start_run("一轮", by=None)
    execute_chunk(run.chunks.get().pk)
    assert "耐蚀≈防腐" in Match.objects.get().related_terms


@pytest.mark.django_db(transaction=True)
def test_eight_concurrent_deliveries_leave_one_complete_run(small_chunks):
    registry()
    run = start_run("一轮", by=None)
    chunk_ids = list(run.chunks.values_list("pk", flat=True))
    barrier = threading.Barrier(8)

    def deliver():
        try:
            barrier.wait()
            for chunk_id in chunk_ids:
                execute_chunk(chunk_id)
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state(run) == ("done", 0, 15)
    assert set(run.chunks.values_list("attempts", flat=True)) == {1}


@pytest.mark.django_db(transaction=True)
def test_a_run_outlives_a_missing_and_an_emptied_broker_and_a_killed_worker(small_chunks):
    """The worker that is back runs it, and updates its pulse. One run for all three: to start a worker takes long."""
    registry()
    with no_broker():
        docking_round = close_round(make.ended_round(), by=make.city_officer())
    run = docking_round.match_run
    assert (docking_round.status, run.sent_at) == ("closed", None)
    assert {chunk.sent_at for chunk in run.chunks.all()} == {None}
    sweep_runs(older_than=NOW)
    run.refresh_from_db()
    assert run.sent_at is not None
    assert redis.Redis.from_url(settings.CELERY_BROKER_URL).flushdb()
    with worker() as process, locked_table("matching_match"):
        sweep_runs(older_than=NOW)
        wait_until(lambda: count_waiting_for_a_lock() > 0)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert state(run) == ("queued", 3, 0)
    with worker():
        beat_pulse.delay()
        sweep_runs(older_than=NOW)
        wait_until(lambda: state(run)[0] == "done")
        wait_until(WorkerPulse.objects.exists)
    assert state(run) == ("done", 0, 15)


@pytest.mark.django_db
def test_sweeper_finishes_a_run_without_open_chunks():
    registry()
    run = start_run("一轮", by=None)
    execute_chunk(run.chunks.get().pk)
    MatchRun.objects.update(status="queued", finished_at=None, counts={})
    assert (sweep_runs(older_than=NOW), state(run)[0], finish_run(run.pk)) == (1, "done", False)


# --- A real worker on the test's database, and ways to hurt it -------------------------------------------------------


@contextmanager
def worker():
    """A Celery worker as a process group of its own, working on the test's database and broker."""
    url = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    name = f"worker {uuid.uuid4().hex[:12]}"
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "dalian_techtransfer", "worker", "-c", "1", "-l", "WARNING"],
        env=os.environ
        | {"DATABASE_URL": url, "REDIS_URL": settings.CELERY_BROKER_URL, "PGAPPNAME": name}
        | {"INDEX_FOLDER": str(settings.INDEX_FOLDER)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=settings.BASE_DIR,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        # PostgreSQL notices a killed client a little later; its locks must not meet the next test.
        wait_until(lambda: sessions_of(name) == 0)


@contextmanager
def no_broker():
    """Nothing listens where the broker should be."""

    def point_to(url):
        celery_app.conf.broker_url = celery_app.conf.broker_write_url = url
        celery_app._pool = celery_app.amqp._producer_pool = None

    point_to("redis://127.0.0.1:1/0")
    try:
        yield
    finally:
        point_to(settings.CELERY_BROKER_URL)


@contextmanager
def locked_table(table):
    """Another session holds the table, so that a worker stops in the middle of its task."""
    where = connection.settings_dict
    other = psycopg2.connect(
        host=where["HOST"], port=where["PORT"], user=where["USER"], password=where["PASSWORD"], dbname=where["NAME"]
    )
    try:
        other.cursor().execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
        yield
    finally:
        other.close()


def count_waiting_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def sessions_of(name: str) -> int:
    """How many sessions the worker of that name holds; those of other tests' threads are none of its business."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [name])
        return cursor.fetchone()[0]
