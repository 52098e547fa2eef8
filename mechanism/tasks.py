"""Doors for the workers: each calls one service."""

from celery import shared_task

from audit.origin import origin
from mechanism import services


@shared_task
def remind_owners() -> None:
    with origin("任务"):
        services.remind_owners()
