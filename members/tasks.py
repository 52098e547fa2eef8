"""Celery tasks; each calls one service."""

from celery import shared_task

from audit.origin import origin
from members.services import join_requests


@shared_task
def announce_sign_up(sign_up_id: int) -> None:
    with origin("任务"):
        join_requests.announce_sign_up(sign_up_id)


@shared_task
def announce_waiting() -> None:
    with origin("任务"):
        join_requests.announce_waiting()
