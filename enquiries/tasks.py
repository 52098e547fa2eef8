"""Celery tasks."""

from celery import shared_task

from audit.origin import origin
from enquiries.services.clock import run_clock


@shared_task
def remind_of_approaches() -> None:
    with origin("任务"):
        run_clock()
