from celery import shared_task
from django.db import OperationalError

from audit.origin import origin
from rounds.services import event_day as event_day_services
from rounds.services import papers as papers_services
from rounds.services import rounds as rounds_services
from rounds.services import timetables as timetables_services


@shared_task(autoretry_for=(OperationalError,), retry_backoff=2, max_retries=3)
def make_paper(paper_id: int) -> None:
    with origin("任务"):
        papers_services.make_paper(paper_id)


@shared_task
def sweep_papers() -> None:
    papers_services.sweep_papers()


@shared_task
def close_ended_rounds() -> None:
    with origin("任务"):
        rounds_services.close_ended_rounds()


@shared_task
def run_planning(timetable_id: int) -> None:
    with origin("任务"):
        timetables_services.run_planning(timetable_id)


@shared_task
def sweep_plannings() -> None:
    timetables_services.sweep_plannings()


@shared_task
def withdraw_ended_announcements() -> None:
    event_day_services.withdraw_ended_announcements()
