"""Celery tasks; each calls one service."""

from celery import shared_task

from audit.origin import origin
from demands.services import expiry, pauses, review_deadlines


@shared_task
def resume_and_remind() -> None:
    """Each morning: end pauses that have run out, tell firms whose demands expire, remind districts that are late."""
    with origin("任务"):
        pauses.resume_due_demands()
        expiry.tell_expiring_demands()
        review_deadlines.remind_of_reviews()
