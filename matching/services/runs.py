"""Runs from start to end. All state is in PostgreSQL; every step can be repeated if a task is lost or repeated."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import batched
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from achievements.models import Achievement
from audit.services import record
from core.database_clock import database_now
from core.task_queue import enqueue
from demands.models import Demand
from matching.learning.run_scoring import learned_parameters
from matching.models import DemandReading, Match, MatchChunk, MatchRun, StoredRanking
from matching.proposals import RunRankings, demands_to_propose, propose
from matching.services.chunk_failures import (
    close_failed_run,
    count_failed_preparation,
    count_failure,
    count_killed_attempt,
    count_killed_preparation,
)
from matching.services.proposals import write_proposals
from matching.services.reading_queue import queue_demands, send_reading, start_reading
from matching.services.run_notifications import notify_new_proposals
from matching.services.run_preparation import prepare_run

log = logging.getLogger(__name__)

CHUNK_SIZE = 40
SEND_AGAIN_AFTER = timedelta(seconds=60)
"""A run counts as stuck when for so long none of its chunks was sent and no chunk at all was done."""
SEND_AGAIN_ANYWAY = timedelta(minutes=10)
"""While other runs advance, its own messages may be lost."""
FINISHED = {MatchRun.Kind.BATCH: "批量匹配完成", MatchRun.Kind.IMMEDIATE: "即时匹配完成"}


@transaction.atomic
def start_run(title: str, *, by: User | None, **parameters: Any) -> MatchRun:
    """Create a run of the achievements and demands available now, with its chunks, in the caller's transaction.

    `parameters` override the settings, such as `per_demand`, the number of candidates of a demand; `reader=False`
    leaves the second reader out. Only numbers of rows are read here: a task prepares the run and sends its chunks. It
    is sent on commit; if the broker is down, `sweep_runs` sends it later.
    """
    run = new_run(title, by=by, parameters=parameters)
    record(
        "开始批量匹配",
        run,
        by=by,
        changes={"achievements": [None, len(run.achievement_ids)], "demands": [None, len(run.demand_ids)]},
    )
    queue_chunks(run, run.demand_ids)
    return run


def new_run(title: str, *, by: User | None, parameters: Mapping[str, Any], **fields: Any) -> MatchRun:
    """Create the row of a run over what takes part in matching now; the caller queues its chunks."""
    achievement_ids = sorted(Achievement.objects.available().values_list("pk", flat=True))
    demand_ids = sorted(Demand.objects.open().values_list("pk", flat=True))
    run = MatchRun.objects.create(
        title=title,
        queued_by=by,
        engine=settings.MATCH_ENGINE,
        parameters={
            "threshold": settings.MATCH_THRESHOLD,
            "per_demand": settings.MATCH_PER_DEMAND,
            **learned_parameters(settings.MATCH_ENGINE),
            **parameters,
        },
        achievement_ids=achievement_ids,
        demand_ids=demand_ids,
        **fields,
    )
    if parameters.get("reader", True):
        start_reading(run)
    return run


def queue_chunks(run: MatchRun, *groups: Sequence[int]) -> None:
    """Divide the demands into chunks and send them on commit. A run without work is done at once.

    No chunk has demands of two groups; those of the first group are sent first.
    """
    groups = groups if run.achievement_ids else ()
    id_lists = [list(ids) for group in groups for ids in batched(group, CHUNK_SIZE)]
    MatchChunk.objects.bulk_create(
        MatchChunk(run=run, number=number, demand_ids=ids) for number, ids in enumerate(id_lists, start=1)
    )
    if id_lists:
        transaction.on_commit(partial(send_chunks, run.pk), robust=True)
    else:
        finish_run(run.pk)
        run.refresh_from_db()


def send_chunks(run_id: int) -> int:
    """Send a task for each unfinished chunk of a run, or the one that prepares it; returns the number of chunks sent.

    It is no error if the broker is down.
    """
    if MatchRun.objects.filter(pk=run_id, prepared_at=None).exists():
        _send_preparation(run_id)
        return 0
    chunk_ids = list(MatchChunk.objects.open().filter(run=run_id).values_list("pk", flat=True))
    if chunk_ids:
        MatchRun.objects.filter(pk=run_id).update(sent_at=Now())
    sent = 0
    for chunk_id in chunk_ids:
        if not enqueue("matching.tasks.match_chunk", chunk_id):
            log.warning("run %s: broker lost, the sweeper will send its chunks again", run_id)
            break
        MatchChunk.objects.filter(pk=chunk_id).update(sent_at=Now())
        sent += 1
    return sent


def _send_preparation(run_id: int) -> None:
    if enqueue("matching.tasks.prepare_run", run_id):
        MatchRun.objects.filter(pk=run_id).update(sent_at=Now())
    else:
        log.warning("run %s: broker lost, the sweeper will send it again", run_id)


def prepare_and_send(run_id: int, *, was_killed: bool = False) -> bool:
    """Prepare a run and send its chunks; False if another process is at it, or if the run is over.

    A failed preparation is an attempt at each chunk of the run; after the last one nothing is raised.
    """
    if was_killed and count_killed_preparation(run_id):
        return False
    try:
        is_prepared = prepare_run(run_id)
    except Exception as error:
        if not count_failed_preparation(run_id, error):
            raise
        return False
    if is_prepared:
        send_chunks(run_id)
    return is_prepared


def execute_chunk(chunk_id: int, *, was_killed: bool = False) -> int:
    """Compute one chunk as `compute_chunk`, and count the attempt if it fails; after the last one nothing is raised.

    `was_killed`: an earlier attempt ended with its process, and the broker delivers its message again.
    """
    if was_killed and count_killed_attempt(chunk_id):
        return 0
    try:
        return compute_chunk(chunk_id)
    except Exception as error:
        if not count_failure(chunk_id, error):
            raise
        return 0


def compute_chunk(chunk_id: int) -> int:
    """Match the demands of one chunk; returns the number of matches written, 0 if there was nothing left to do.

    In a run with a second reader the demands are queued for it; their matches are written when it has read them.

    The chunk's row stays locked meanwhile: a second delivery skips it, and if the worker is killed its transaction is
    rolled back, so a chunk is done completely or not at all. A chunk of a run that is not prepared prepares it; while
    another process is at that, nothing is done, and the chunk is sent again afterwards.
    """
    waiting = MatchChunk.objects.filter(pk=chunk_id, finished_at=None, run__prepared_at=None).first()
    if waiting is not None and not prepare_run(waiting.run_id):
        return 0
    with transaction.atomic():
        chunk = (
            MatchChunk.objects.open()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("run")
            # A hundred thousand numbers, which would be read with each chunk.
            .defer("run__achievement_ids", "run__demand_ids")
            .filter(pk=chunk_id)
            .first()
        )
        if chunk is None:
            return 0
        rankings = RunRankings(chunk.run)
        demand_ids = demands_to_propose(chunk.run, chunk.demand_ids, rankings)
        is_read_first = queue_demands(chunk.run, demand_ids)
        written = 0
        if not is_read_first:
            written = write_proposals(
                propose(chunk.run, demand_ids, rankings=rankings, stored_effects=chunk.effects, only_entering=True)
            )
        chunk.attempts += 1
        chunk.finished_at = Now()
        chunk.save(update_fields=["attempts", "finished_at"])
    if is_read_first:
        send_reading()
    finish_run(chunk.run_id)
    return written


def finish_run(run_id: int) -> bool:
    """Mark a run as done if no chunk and no demand to read is left. True only for the one call that did it."""
    if MatchChunk.objects.filter(run=run_id, finished_at=None).exists():
        close_failed_run(run_id)
        return False
    if DemandReading.objects.waiting().filter(run=run_id).exists():
        return False
    with transaction.atomic():
        run = MatchRun.objects.filter(pk=run_id).first()
        if run is None:  # removed by a self-check
            return False
        totals = Match.objects.filter(run=run_id).aggregate(
            matches=Count("pk"), new=Count("pk", filter=Q(first_run=run_id)), answered=Count("demand", distinct=True)
        )
        demands = run.demand_results.count() if run.is_immediate else len(run.demand_ids)
        counts = {
            "achievements": len(run.target_achievement_ids if run.is_immediate else run.achievement_ids),
            "demands": demands,
            "matches": totals["matches"],
            "new_matches": totals["new"],
            "demands_without_match": demands - totals["answered"],
        }
        # Immediate runs are many: of their snapshot only the hash is kept.
        snapshot_ids: dict[str, Any] = {}
        if run.is_immediate:
            snapshot_ids = {"achievement_ids": [], "demand_ids": [], "extension": {}}
        done = MatchRun.objects.filter(pk=run_id, status=MatchRun.Status.QUEUED).update(
            status=MatchRun.Status.DONE, finished_at=timezone.now(), counts=counts, **snapshot_ids
        )
        if done:
            _forget_older_rankings(run)
            notify_new_proposals(run)
            record(FINISHED[MatchRun.Kind(run.kind)], run, by=None, changes={"matches": [None, totals["matches"]]})
    return bool(done)


def _forget_older_rankings(run: MatchRun) -> None:
    """Immediate runs continue from the last batch only."""
    if not run.is_immediate:
        StoredRanking.objects.filter(run__kind=MatchRun.Kind.BATCH, run__queued_at__lt=run.queued_at).delete()


def sweep_runs(*, older_than: timedelta = SEND_AGAIN_AFTER) -> int:
    """Send the lost tasks of stuck runs again and finish runs without open chunks; returns the number of such runs."""
    run_ids = list(stuck_runs(older_than).values_list("pk", flat=True))
    for run_id in run_ids:
        try:
            if not finish_run(run_id):
                send_chunks(run_id)
        except Exception:  # of one run; the others must not wait for it
            log.exception("run %s could not be finished or sent again", run_id)
    if run_ids:
        send_reading()
    return len(run_ids)


def stuck_runs(older_than: timedelta) -> QuerySet[MatchRun]:
    """Queued runs whose messages may be lost. The clock is the database's; a time in the future is no evidence.

    A run whose chunks wait behind others is not stuck while chunks are done: its messages would only be doubled.
    """
    now = database_now()
    recent = MatchRun.objects.filter(Q(status=MatchRun.Status.QUEUED) | Q(finished_at__gt=now - older_than))
    chunks = MatchChunk.objects.filter(run__in=recent.values("pk"))  # not those of all years
    advances = chunks.filter(finished_at__gt=now - older_than, finished_at__lte=now).exists()
    patience = SEND_AGAIN_ANYWAY if advances else older_than
    lost = Q(sent_at=None) | Q(sent_at__gt=now) | Q(sent_at__lt=now - patience)
    return MatchRun.objects.filter(lost, status=MatchRun.Status.QUEUED)
