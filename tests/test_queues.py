"""Which queue a task goes to, in which order a worker empties the queues, and beat when the clock is set back."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from textwrap import dedent
from types import SimpleNamespace

import pytest
from celery.beat import ScheduleEntry

from dalian_techtransfer import queue_settings
from dalian_techtransfer.beat_schedule import CELERY_BEAT_SCHEDULE
from dalian_techtransfer.beat_scheduler import SteadyScheduler
from dalian_techtransfer.celery import app, load_what_tasks_share

ENDLESS = {"schedule", "kwargs"}
LARGE = {
    *("authlib", "docx", "holidays", "icalendar", "matching.engine.ranking", "numpy", "openpyxl", "pypdf", "pypinyin"),
    *("rjieba", "scipy", "sentry_sdk", "weasyprint"),
}
"""Modules that take memory or a long time to import, and that only some processes need."""


def queue_of(task: str, **options) -> str:
    return app.amqp.router.route(options, task)["queue"].name


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("matching.tasks.beat_pulse", "pulse"),
        ("matching.tasks.sweep_runs", "pulse"),
        ("rounds.tasks.run_planning", "interactive"),
        ("achievements.tasks.write_sheet_import", "interactive"),
        ("notices.tasks.send_delivery", "mail"),
        ("authentication.tasks.send_account_mail", "mail"),
        ("matching.tasks.match_chunk", "batch"),
        ("matching.tasks.refresh_similar", "batch"),
        ("integrity.tasks.scan_all", "batch"),
    ],
)
def test_each_task_has_its_queue(task, queue):
    assert queue_of(task) == queue


@pytest.mark.parametrize(
    ("queues", "loads"),
    [("pulse", False), ("mail,pulse", False), ("pulse,interactive,mail", True), ("batch", True)],
)
def test_only_workers_that_compare_texts_load_the_engine_before_they_fork(queues, loads, monkeypatch):
    loaded = []
    monkeypatch.setattr("matching.before_fork.load_engine", lambda: loaded.append(queues))
    consumed = SimpleNamespace(consume_from=dict.fromkeys(queues.split(",")))
    load_what_tasks_share(SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=consumed))))
    assert bool(loaded) == loads


@pytest.mark.long
def test_tasks_and_pages_alone_load_nothing_large():
    """So that workers of mails and pulses, beat and commands start quickly and do not hold in memory what they do not
    use. Error reports are off: without an address, not even their package is loaded.
    """
    code = f"""
        import sys
        from dalian_techtransfer.celery import app
        app.loader.import_default_modules()
        import dalian_techtransfer.urls
        assert "matching.tasks" in sys.modules
        print(*{LARGE} & sys.modules.keys())
    """
    environment = os.environ | {"SENTRY_DSN": ""}
    command = [sys.executable, "-W", "ignore", "-c", dedent(code)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert result.stdout.split() == []


def test_every_named_task_exists():
    """A task that was renamed would silently go to the queue of those for whom somebody waits."""
    app.loader.import_default_modules()
    named = [task for tasks in queue_settings.TASKS.values() for task in tasks]
    apps = {task.partition(".")[0] for task in app.tasks}
    assert not [task for task in named if task not in app.tasks and task.removesuffix(".tasks.*") not in apps]
    for name, entry in CELERY_BEAT_SCHEDULE.items():
        assert entry["task"] in app.tasks, name
        assert not isinstance(entry["schedule"], float) or entry["options"]["expires"], f"{name} would pile up"


def test_a_pulse_a_mail_and_a_planning_pass_a_row_of_chunks():
    """As a worker of all queues takes them from the broker, one after the other."""
    app.loader.import_default_modules()  # as in a worker, whose sweeper sends chunks: the options of a task count there
    names = ["matching.tasks.match_chunk"] * 30 + ["notices.tasks.send_delivery", "rounds.tasks.run_planning"]
    received = []
    with app.connection_for_write() as link:
        with link.channel() as channel:
            for queue in app.amqp.queues.values():
                queue(channel).declare()
                queue(channel).purge()
        for name in names:
            app.send_task(name, (0,), connection=link)
        app.send_task("matching.tasks.beat_pulse", ("batch",), queue="batch", connection=link)
        app.send_task("matching.tasks.beat_pulse", connection=link)

        def receive(_body, message):
            received.append(message.headers["task"].rpartition(".")[2])
            message.ack()

        consumer = app.amqp.TaskConsumer(link.channel(), callbacks=[receive])
        consumer.qos(prefetch_count=1)
        with consumer:
            while len(received) < 34:
                link.drain_events(timeout=10)
    assert received[:5] == ["beat_pulse", "run_planning", "send_delivery", "beat_pulse", "match_chunk"]
    assert set(received[4:]) == {"match_chunk"}


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler with one task every 15 seconds that was sent at twelve o'clock; `now` is its clock."""
    now = datetime(2026, 12, 1, 12, tzinfo=UTC)

    class Clocked(type(app)):
        def now(self):
            return scheduler.clock

    class Entry(ScheduleEntry):
        def default_now(self):
            return scheduler.clock

    scheduler = SteadyScheduler(app, schedule_filename=str(tmp_path / "schedule"), lazy=True)
    scheduler.app = type("App", (), {"now": lambda self: scheduler.clock, "conf": app.conf})()
    scheduler.clock = now
    entry = Entry(
        name="pulse", task="matching.tasks.beat_pulse", schedule=timedelta(seconds=15), last_run_at=now, app=app
    )
    entry.schedule.nowfun = lambda: scheduler.clock
    scheduler._store = {"entries": {"pulse": entry}}
    scheduler.sent = []
    scheduler.apply_entry = lambda entry, producer=None: scheduler.sent.append(scheduler.clock)
    scheduler.__dict__["producer"] = None
    return scheduler


def test_beat_goes_on_after_the_clock_was_set_back(scheduler):
    def run_for(seconds: int) -> int:
        before = len(scheduler.sent)
        for _ in range(seconds):
            scheduler.clock += timedelta(seconds=1)
            while scheduler.tick() == 0:
                pass
        return len(scheduler.sent) - before

    assert run_for(46) == 3
    scheduler.clock -= timedelta(hours=1)
    assert run_for(46) >= 2  # Celery's own scheduler sends nothing for an hour
