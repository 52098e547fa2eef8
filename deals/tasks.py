"""Celery tasks; each calls one service."""

from celery import shared_task

from audit.origin import origin
from deals.services.confirmation_reminders import remind_parties as remind


@shared_task
def remind_parties() -> None:
    with origin("任务"):
        remind()
