"""Celery tasks; each calls one service."""

from celery import shared_task

from audit.origin import origin
from subscriptions.services import new_items


@shared_task
def find_new_items() -> None:
    with origin("任务"):
        new_items.find_new_items()
