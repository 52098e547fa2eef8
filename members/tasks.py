"""Celery tasks; each calls one service."""

from celery import shared_task

from audit.origin import origin
from members.services import join_requests, sign_ups


@shared_task
def announce_sign_up(sign_up_id: int) -> None:
    with origin("任务"):
        join_requests.announce_sign_up(sign_up_id)


@shared_task
def announce_waiting() -> None:
    with origin("任务"):
        join_requests.announce_waiting()


@shared_task
def delete_old_proofs() -> None:
    with origin("任务"):
        sign_ups.delete_old_proofs()
