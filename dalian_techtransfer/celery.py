import os

from celery import Celery
from celery.signals import beat_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dalian_techtransfer.settings")

app = Celery("dalian_techtransfer")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def pulse_at_once(**_):
    """The schedule would give the first sign of life after 15 seconds; whoever starts the product waits for it."""
    app.send_task("matching.tasks.beat_pulse", expires=30)
