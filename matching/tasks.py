"""Celery tasks: each takes an id or nothing and calls one service."""

from celery import Task, shared_task
from django.db import OperationalError
from django.db.models.functions import Now

from audit.origin import origin
from matching import shared_indexes
from matching.models import WorkerPulse
from matching.services import (
    chunk_failures,
    first_candidates,
    follow_up_checks,
    immediate_runs,
    reading,
    runs,
    side_responses,
    similar_items,
)
from matching.services.learning import fit_levels, train_ranker

CHUNK_SECONDS = 14 * 60
"""The task is told so before CELERY_TASK_TIME_LIMIT kills its process, so that the failure can be counted."""


@shared_task(
    bind=True,
    autoretry_for=(Exception,),
    retry_backoff=2,
    max_retries=chunk_failures.MAX_ATTEMPTS - 1,
    soft_time_limit=CHUNK_SECONDS,
)
def match_chunk(self: Task, chunk_id: int) -> None:
    with origin("任务"):
        runs.execute_chunk(chunk_id, was_killed=bool((self.request.delivery_info or {}).get("redelivered")))


@shared_task(bind=True, autoretry_for=(Exception,), retry_backoff=2, max_retries=chunk_failures.MAX_ATTEMPTS - 1)
def prepare_run(self: Task, run_id: int) -> None:
    """Build the index of a run, which takes minutes for a million rows, and send its chunks."""
    with origin("任务"):
        runs.prepare_and_send(run_id, was_killed=bool((self.request.delivery_info or {}).get("redelivered")))


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
def beat_pulse(name: str = "worker") -> None:
    """Note by the database's clock that a worker takes tasks from the queue in which this one was sent."""
    WorkerPulse.objects.update_or_create(name=name, defaults={"beaten_at": Now()})
