"""Celery tasks; each calls one service."""

from celery import shared_task

from audit.origin import origin
from notices import services


@shared_task
def send_delivery(delivery_id: int) -> None:
    with origin("任务"):
        services.send_delivery(delivery_id)


@shared_task
def sweep_deliveries() -> None:
    """Create the daily digests, then enqueue all deliveries that are due."""
    with origin("任务"):
        services.make_digests()
        services.sweep_deliveries()
