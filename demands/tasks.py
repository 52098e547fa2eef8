"""Celery tasks; each calls one service."""

from celery import shared_task

from audit.origin import origin
from demands.services import expiry, pauses


@shared_task
def resume_and_remind() -> None:
    """Each morning: end the pauses that have run out, and tell the firms whose demands expire."""
    with origin("任务"):
        pauses.resume_due_demands()
        expiry.tell_expiring_demands()
