"""Celery tasks. Each may run twice: a scan of the same records changes nothing."""

from celery import shared_task

from audit.origin import origin
from integrity.services.explanations import remind_of_explanations
from integrity.services.scanning import scan, scan_if_changed


@shared_task
def scan_changes() -> None:
    with origin("任务"):
        scan_if_changed()


@shared_task
def scan_all() -> None:
    with origin("任务"):
        scan()


@shared_task
def remind_parties() -> None:
    with origin("任务"):
        remind_of_explanations()
