"""Celery tasks: each takes an id or nothing and calls one service."""

from celery import shared_task
from django.db import OperationalError
from django.utils import timezone

from audit.origin import origin
from matching import shared_indexes
from matching.models import WorkerPulse
from matching.services import (
    first_candidates,
    follow_up_checks,
    immediate_runs,
    reading,
    runs,
    side_responses,
    similar_items,
)
from matching.services.learning import fit_levels, train_ranker


@shared_task(autoretry_for=(OperationalError,), retry_backoff=2, max_retries=3)
def match_chunk(chunk_id: int) -> None:
    with origin("任务"):
        runs.execute_chunk(chunk_id)


@shared_task(autoretry_for=(OperationalError,), retry_backoff=2, max_retries=3, time_limit=60 * 60)
def prepare_run(run_id: int) -> None:
    """Build the index of a run, which takes minutes for a million rows, and send its chunks."""
    with origin("任务"):
        runs.prepare_and_send(run_id)


@shared_task
def sweep_runs() -> None:
    with origin("任务"):
        runs.sweep_runs()


@shared_task
def match_published() -> None:
    with origin("任务"):
        immediate_runs.start_immediate_run()


@shared_task(autoretry_for=(OperationalError,), retry_backoff=2, max_retries=3)
def read_candidates() -> None:
    """Let the second reader read what waits; sends itself again while something is left."""
    with origin("任务"):
        reading.read_waiting()


@shared_task
def remind_sides() -> None:
    with origin("任务"):
        side_responses.remind_sides()


@shared_task
def tell_of_first_candidates() -> None:
    with origin("任务"):
        first_candidates.tell_of_first_candidates()


@shared_task
def send_checks() -> None:
    with origin("任务"):
        follow_up_checks.send_checks()


@shared_task
def refresh_similar(always: bool = False) -> None:
    similar_items.refresh_similar(always=always)


@shared_task
def forget_unused_indexes() -> None:
    shared_indexes.forget_unused_indexes()


@shared_task
def learn_from_decisions() -> None:
    """Calibrate levels and train a ranker, which stays unused until somebody enables it."""
    with origin("任务"):
        fit_levels()
        train_ranker()


@shared_task
def beat_pulse() -> None:
    WorkerPulse.objects.update_or_create(name="worker", defaults={"beaten_at": timezone.now()})
