"""Celery tasks; each calls one service."""

from celery import shared_task

from audit.origin import origin
from privacy.services import handling, notifications, requests


@shared_task
def prepare_request(request_id: int) -> None:
    with origin("任务"):
        requests.prepare_request(request_id)


@shared_task
def prepare_waiting() -> None:
    with origin("任务"):
        requests.prepare_waiting()


@shared_task
def remind_handlers() -> None:
    """Remind of near deadlines and forget who made requests that were answered long ago."""
    with origin("任务"):
        notifications.remind_handlers()
        handling.forget_persons()
