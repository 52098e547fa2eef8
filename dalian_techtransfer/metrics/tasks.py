"""Celery tasks by name: how many began and ended, how they ended, their seconds.

Workers have no /metrics of their own and may run on other hosts: they add up in a hash of the broker, which every web
process reads. A broker that was emptied begins at 0, as a restarted process does. Labels are names of tasks and
outcomes, never arguments.
"""

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterator

import redis
from celery import Task
from celery.signals import task_postrun, task_prerun
from django.conf import settings
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

KEY = "techtransfer-task-figures"
SEPARATOR = "|"
BUCKETS = ("0.1", "1", "10", "60", "300", "900", "+Inf")
TIMEOUT = 1.5
OUTCOMES = {"SUCCESS": "done", "FAILURE": "failed", "RETRY": "retried"}

_began: dict[str, float] = {}
"""Id of the task that this process carries out → when it began."""
_clients: dict[str, redis.Redis] = {}


def is_counted() -> bool:
    return bool(settings.METRICS_TOKEN or settings.METRICS_ADDRESSES)


@task_prerun.connect
def task_begins(task_id: str, task: Task, **_kwargs: object) -> None:
    if is_counted():
        _began[task_id] = time.perf_counter()
        _add({f"{task.name}{SEPARATOR}started": 1})


@task_postrun.connect
def task_ends(task_id: str, task: Task, state: str | None = None, **_kwargs: object) -> None:
    """Not called for a task whose process was killed: it has begun and not ended."""
    began = _began.pop(task_id, None)
    if began is None:
        return
    seconds = time.perf_counter() - began
    bucket = next(limit for limit in BUCKETS if seconds <= float(limit))
    outcome = OUTCOMES.get(state or "", "other")
    figures = {f"{outcome}": 1, "seconds": seconds, f"le{SEPARATOR}{bucket}": 1}
    _add({f"{task.name}{SEPARATOR}{name}": value for name, value in figures.items()})


def broker() -> redis.Redis:
    """A client for the broker that gives up soon: to count is not worth waiting for."""
    url = settings.CELERY_BROKER_URL
    if url not in _clients:
        _clients[url] = redis.Redis.from_url(
            url, socket_connect_timeout=TIMEOUT, socket_timeout=TIMEOUT, retry=None, decode_responses=True
        )
    return _clients[url]


def _add(figures: dict[str, float]) -> None:
    with contextlib.suppress(redis.RedisError, OSError), broker().pipeline(transaction=False) as pipeline:
        for name, value in figures.items():
            pipeline.hincrbyfloat(KEY, name, value)
        pipeline.execute()


def read_figures() -> Iterator[Metric]:
    started = CounterMetricFamily("techtransfer_tasks_started", "Tasks that workers began.", labels=["task"])
    ended = CounterMetricFamily("techtransfer_tasks_ended", "Tasks that ended.", labels=["task", "outcome"])
    seconds = HistogramMetricFamily("techtransfer_task_seconds", "Seconds of a task.", labels=["task"])
    by_task: dict[str, dict[str, float]] = defaultdict(dict)
    for field, value in sorted(broker().hgetall(KEY).items()):
        task, _separator, name = str(field).partition(SEPARATOR)  # a str already: the client decodes
        by_task[task][name] = float(value)
    for task, figures in by_task.items():
        started.add_metric([task], figures.get("started", 0))
        for outcome in (*OUTCOMES.values(), "other"):
            if outcome in figures or outcome in ("done", "failed"):
                ended.add_metric([task, outcome], figures.get(outcome, 0))
        sums, total = [], 0.0
        for limit in BUCKETS:
            total += figures.get(f"le{SEPARATOR}{limit}", 0)
            sums.append((limit, total))
        seconds.add_metric([task], sums, figures.get("seconds", 0))
    yield from (started, ended, seconds)
