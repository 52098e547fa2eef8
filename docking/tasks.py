from celery import shared_task

from accounts.audit import origin
from docking import services


@shared_task
def close_ended_rounds() -> None:
    with origin("任务"):
        services.close_ended_rounds()
