"""What waits, what has failed, how old the last sign of life is: the same from each web process of the installation."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import redis
from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backups.manifest import STAMP
from core.replica import ALIAS, WATCH
from dalian_techtransfer.metrics.tasks import read_figures
from matching.models import MatchChunk, MatchRun, WorkerPulse
from notices.models import Delivery

log = logging.getLogger(__name__)

PREFIX = "techtransfer_"
BROKER_TIMEOUT = 1.5


class InstallationCollector(Collector):
    """Each part alone: without the broker, the figures of the database are there all the same."""

    def collect(self) -> Iterator[Metric]:
        failed = GaugeMetricFamily(
            PREFIX + "scrape_failed", "Whether a part of the figures could not be read.", labels=["part"]
        )
        for part, read in PARTS.items():
            try:
                metrics = list(read())
            except Exception as error:
                log.warning("metrics of %s cannot be read: %s", part, type(error).__name__)
                metrics = []
                failed.add_metric([part], 1)
            else:
                failed.add_metric([part], 0)
            yield from metrics
        yield failed


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, text, value=value)


def _by_label(name: str, text: str, label: str, values: dict[str, float]) -> Metric:
    family = GaugeMetricFamily(PREFIX + name, text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


def _age(moment: datetime | None) -> float:
    """Seconds since then; 0 where nothing waits."""
    return max((timezone.now() - moment).total_seconds(), 0) if moment else 0


# --- Matching --------------------------------------------------------------------------------------------------------
def _runs() -> Iterator[Metric]:
    states = dict.fromkeys(MatchRun.Status.values, 0) | _counted(MatchRun.objects.all(), "status")
    yield _by_label("match_runs", "Matching runs by state.", "state", states)
    waiting = MatchRun.objects.filter(status=MatchRun.Status.QUEUED)
    yield _gauge("match_run_oldest_seconds", "Age of the oldest run that is not done.", _oldest(waiting, "queued_at"))


def _chunks() -> Iterator[Metric]:
    facts = MatchChunk.objects.open().aggregate(
        waiting=Count("pk"), attempts=Max("attempts"), since=Min("run__queued_at")
    )
    yield _by_label("match_chunks", "Chunks of runs by state.", "state", _chunk_states(facts["waiting"]))
    text = "Most attempts at a chunk that is not done: many mean that it fails each time."
    yield _gauge("match_chunk_attempts_max", text, facts["attempts"] or 0)
    yield _gauge("match_chunk_oldest_seconds", "Age of the oldest chunk that is not done.", _age(facts["since"]))


def _chunk_states(waiting: int) -> dict[str, float]:
    """Done chunks of open runs only: those of all runs would have to be counted at each scrape."""
    queued = MatchChunk.objects.filter(run__status=MatchRun.Status.QUEUED)
    done = queued.filter(finished_at__isnull=False).count()
    return {"waiting": waiting, "done": done, "failed": MatchChunk.objects.failed().count()}


def _counted(rows: QuerySet, name: str) -> dict[str, float]:
    return dict(rows.order_by().values_list(name).annotate(n=Count("pk")))


def _oldest(rows: QuerySet, name: str) -> float:
    return _age(rows.aggregate(since=Min(name))["since"])


# --- Mails, worker ---------------------------------------------------------------------------------------------------
def _deliveries() -> Iterator[Metric]:
    states = dict.fromkeys(Delivery.Status.values, 0) | _counted(Delivery.objects.all(), "status")
    yield _by_label("deliveries", "Mails and messages to the gateway by state.", "state", states)
    text = "Seconds by which the longest waiting mail or message is late."
    yield _gauge("delivery_oldest_due_seconds", text, _oldest(Delivery.objects.due(), "try_after"))


def _worker() -> Iterator[Metric]:
    """Of the worker of pulses, pages and mails, and of the worker of batches (`health_checks.MAX_PULSE_AGE`)."""
    pulses = {name: _age(beaten_at) for name, beaten_at in WorkerPulse.objects.values_list("name", "beaten_at")}
    text = "Seconds since a worker has carried out a task."
    yield _by_label("worker_pulse_age_seconds", text, "worker", pulses)


# --- Database, broker, backup ----------------------------------------------------------------------------------------
def _database() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_database_size(current_database()), current_setting('max_connections')::int,"
            " (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'),"
            " (SELECT COALESCE(EXTRACT(EPOCH FROM max(now() - xact_start)), 0) FROM pg_stat_activity"
            "  WHERE datname = current_database() AND backend_type = 'client backend')"
        )
        size, limit, clients, oldest = cursor.fetchone()
    yield _gauge("database_size_bytes", "Size of the database.", size)
    yield _gauge("database_connections", "Connections of clients to the server.", clients)
    yield _gauge("database_connections_limit", "max_connections of the server.", limit)
    yield _gauge("database_transaction_oldest_seconds", "Age of the oldest open transaction.", float(oldest))


def _queues() -> Iterator[Metric]:
    with (
        redis.Redis.from_url(
            settings.CELERY_BROKER_URL, socket_connect_timeout=BROKER_TIMEOUT, socket_timeout=BROKER_TIMEOUT, retry=None
        ) as broker,
        broker.pipeline(transaction=False) as pipeline,
    ):
        names = list(current_app.amqp.queues)
        for name in names:
            for key in _keys_of_queue(name):
                pipeline.llen(key)
        pipeline.hlen("unacked")
        pipeline.info("memory")
        *lengths, taken, memory = pipeline.execute()
    per_queue = len(_keys_of_queue(""))
    waiting = {name: sum(lengths[at * per_queue : (at + 1) * per_queue]) for at, name in enumerate(names)}
    yield _by_label("queue_messages", "Messages that wait in the broker.", "queue", waiting)
    yield _gauge("queue_messages_taken", "Messages that workers have taken and not finished.", taken)
    yield _gauge("broker_memory_bytes", "Memory that the broker uses.", memory["used_memory"])


def _keys_of_queue(name: str) -> list[str]:
    """A queue with priorities is one list for each step of them (kombu.transport.redis)."""
    options: dict[str, Any] = current_app.conf.broker_transport_options
    separator = options.get("sep", "\x06\x16")
    return [f"{name}{separator}{step}" if step else name for step in options.get("priority_steps", (0, 3, 6, 9))]


def _backup() -> Iterator[Metric]:
    """Ages of the last backup that was proven, by the file that proving it writes."""
    folder = settings.BACKUP_FOLDER
    if not folder:
        return
    stamp = Path(folder) / STAMP
    moments = json.loads(stamp.read_text(encoding="utf-8")) if stamp.exists() else {}
    for name, text in (("taken", "was made"), ("proven", "was restored as a proof")):
        if moment := parse_datetime(str(moments.get(f"{name}_at", ""))):
            text = f"Seconds since the last proven backup {text}."
            yield _gauge(f"backup_{name}_age_seconds", text, time.time() - moment.timestamp())


def _replica() -> Iterator[Metric]:
    """By the look of the process that is asked. The figures are missing where nothing could be measured."""
    if ALIAS not in settings.DATABASES:
        return
    yield _gauge("replica_used", "Whether public pages read the replica.", WATCH.is_fresh())
    behind, lag = WATCH.measure(), WATCH.lag()
    if behind is not None:
        yield _gauge("replica_lag_bytes", "Bytes of the log that the replica has not replayed.", behind)
    if lag is not None:
        yield _gauge("replica_lag_seconds", "Seconds by which the replica is behind.", lag)


PARTS: dict[str, Callable[[], Iterator[Metric]]] = {
    "runs": _runs,
    "chunks": _chunks,
    "deliveries": _deliveries,
    "worker": _worker,
    "database": _database,
    "queues": _queues,
    "tasks": read_figures,
    "backup": _backup,
    "replica": _replica,
}
