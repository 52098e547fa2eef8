import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dalian_techtransfer.settings")

app = Celery("dalian_techtransfer")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
