"""Doors for the workers: each takes an id and calls one service."""

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from audit.origin import origin
from matching.models import WorkerPulse
from matching.services import asking as asking_services
from matching.services import checks as checks_services
from matching.services import likeness as likeness_services
from matching.services import runs as runs_services
from matching.services.learning import fit_levels, train_ranker
from matching.services.runs import execute_chunk


@shared_task(autoretry_for=(OperationalError,), retry_backoff=2, max_retries=3)
def match_chunk(chunk_id: int) -> None:
    with origin("任务"):
        execute_chunk(chunk_id)


@shared_task
def sweep_runs() -> None:
    with origin("任务"):
        runs_services.sweep_runs()


@shared_task
def remind_sides() -> None:
    with origin("任务"):
        asking_services.remind_sides()


@shared_task
def send_checks() -> None:
    with origin("任务"):
        checks_services.send_checks()


@shared_task
def refresh_similar(always: bool = False) -> None:
    likeness_services.refresh_similar(always=always)


@shared_task
def learn_from_decisions() -> None:
    """What scores have meant, and whether an order learned from decisions would be better. The latter only offers."""
    with origin("任务"):
        fit_levels()
        train_ranker()


@shared_task
def beat_pulse() -> None:
    WorkerPulse.objects.update_or_create(name="worker", defaults={"beaten_at": timezone.now()})
