"""Celery tasks; each calls one service."""

from celery import shared_task

from audit.origin import origin
from mechanism.kpi import kept_totals
from mechanism.services import reminders


@shared_task
def remind_owners() -> None:
    with origin("任务"):
        reminders.remind_owners()
        reminders.remind_of_reports()
        reminders.remind_of_obstacles()


@shared_task
def forget_old_totals() -> None:
    kept_totals.forget_old()
