"""The Celery application, and what its processes do when they are ready."""

import gc
import os
from pathlib import Path

from celery import Celery
from celery.signals import (
    beat_init,
    worker_before_create_process,
    worker_init,
    worker_process_init,
    worker_ready,
    worker_shutdown,
)
from django.conf import settings

from dalian_techtransfer.queue_settings import BATCH, INTERACTIVE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dalian_techtransfer.settings")

app = Celery("dalian_techtransfer")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def count_tasks(**_kwargs) -> None:
    """Importing it connects what counts; the processes of the worker are forked afterwards."""
    from dalian_techtransfer.metrics import tasks  # noqa: F401


@worker_init.connect
def load_what_tasks_share(sender, **_kwargs) -> None:
    """Workers whose tasks compare texts load the engine before their processes are forked; the others never do."""
    if not {INTERACTIVE, BATCH}.isdisjoint(sender.app.amqp.queues.consume_from):
        from matching.before_fork import load_engine

        load_engine()


@beat_init.connect
def send_first_pulse(**_kwargs) -> None:
    """The schedule sends the first pulses only after its interval: send them at the start."""
    for name in ("worker pulse", "batch pulse"):
        entry = app.conf.beat_schedule[name]
        app.send_task(entry["task"], args=entry.get("args"), **entry["options"])
    mark_ready("beat")


@worker_ready.connect
def worker_is_ready(sender, **_kwargs) -> None:
    """The worker is connected and takes tasks."""
    mark_ready(sender.hostname.partition("@")[0])


@worker_shutdown.connect
def worker_is_leaving(sender, **_kwargs) -> None:
    if file := ready_file(sender.hostname.partition("@")[0]):
        file.unlink(missing_ok=True)


def mark_ready(name: str) -> None:
    """Create the file `name` in WORKER_READY_FOLDER, for whoever started the process and waits for it."""
    if file := ready_file(name):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def ready_file(name: str) -> Path | None:
    return Path(settings.WORKER_READY_FOLDER) / name if settings.WORKER_READY_FOLDER else None


@worker_before_create_process.connect
def share_what_was_imported(**_kwargs) -> None:
    """Keep the garbage collector of the new process from writing to the memory that it shares with this one."""
    gc.freeze()


@worker_process_init.connect
def let_pages_go_first(**_kwargs) -> None:
    """What computes in the background yields the processor to those who wait for a page."""
    os.nice(settings.WORKER_NICENESS)
