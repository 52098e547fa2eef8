"""Celery tasks."""

from celery import shared_task

from audit.origin import origin
from mandates.services.mandates import close_expired_mandates, remind_of_ending


@shared_task
def tend_mandates() -> None:
    with origin("任务"):
        close_expired_mandates()
        remind_of_ending()
