"""Celery tasks."""

from celery import shared_task

from audit.origin import origin
from deals.services.confirmation_reminders import remind_parties as remind
from deals.services.outside_deals import find_registered_parties


@shared_task
def remind_parties() -> None:
    with origin("任务"):
        find_registered_parties()
        remind()
