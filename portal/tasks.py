"""Celery tasks; each calls one service."""

from celery import shared_task

from portal.public_copies import changes


@shared_task
def forget_old_changes() -> None:
    changes.forget_old()
