from celery import shared_task
from django.db import OperationalError

from accounts.audit import origin
from docking import services


@shared_task(autoretry_for=(OperationalError,), retry_backoff=2, max_retries=3)
def make_paper(paper_id: int) -> None:
    with origin("任务"):
        services.make_paper(paper_id)


@shared_task
def sweep_papers() -> None:
    services.sweep_papers()


@shared_task
def close_ended_rounds() -> None:
    with origin("任务"):
        services.close_ended_rounds()


@shared_task
def run_planning(timetable_id: int) -> None:
    with origin("任务"):
        services.run_planning(timetable_id)


@shared_task
def sweep_plannings() -> None:
    services.sweep_plannings()
