import os

from celery import Celery
from celery.signals import beat_init, worker_process_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dalian_techtransfer.settings")

app = Celery("dalian_techtransfer")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def send_first_pulse(**_kwargs) -> None:
    """The schedule sends the first pulse after 15 seconds, but the launcher waits for one: send it at the start."""
    app.send_task("matching.tasks.beat_pulse", expires=30)


@worker_process_init.connect
def let_pages_go_first(**_kwargs) -> None:
    """What computes in the background yields the processor to those who wait for a page."""
    os.nice(settings.WORKER_NICENESS)
