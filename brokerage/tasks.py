"""Celery tasks."""

from celery import shared_task

from audit.origin import origin
from brokerage.services.help_requests import run_clock


@shared_task
def remind_of_help_requests() -> None:
    with origin("任务"):
        run_clock()
