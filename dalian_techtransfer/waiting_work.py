"""How long the oldest work of each queue has been waiting, from the rows in PostgreSQL: a message may be lost."""

from datetime import datetime, timedelta

from django.db.models import Max, Min

from achievements.models import SheetImport
from core.database_clock import database_now
from dalian_techtransfer.queue_settings import BATCH, INTERACTIVE, MAIL
from matching.models import MatchChunk, MatchRun
from notices.models import Delivery
from rounds.models import Paper, Timetable

LONGEST = {INTERACTIVE: timedelta(minutes=10), MAIL: timedelta(minutes=15), BATCH: timedelta(minutes=30)}
"""Work that waits longer is reported: its worker is down, or far behind."""


def oldest_waiting() -> dict[str, timedelta]:
    """Queue → age of its oldest waiting row, zero if nothing waits. Each is one indexed query or two."""
    now = database_now()
    since = {
        INTERACTIVE: _earliest(
            Paper.objects.queued().aggregate(at=Min("made_at"))["at"],
            Timetable.objects.solving().filter(heartbeat_at=None).aggregate(at=Min("made_at"))["at"],
            SheetImport.objects.filter(status__in=SheetImport.RUNNING).aggregate(at=Min("moved_at"))["at"],
        ),
        MAIL: Delivery.objects.due().aggregate(at=Min("try_after"))["at"],
        BATCH: _batch_since(),
    }
    return {queue: max(timedelta(0), now - at) if at else timedelta(0) for queue, at in since.items()}


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment), default=None)


def _batch_since() -> datetime | None:
    """Since when no chunk was done while some are open. A run of a hundred chunks may take long and be well."""
    queued = MatchRun.objects.filter(status=MatchRun.Status.QUEUED)
    open_chunks = MatchChunk.objects.open().filter(run__in=queued.values("pk"))
    queued_at = queued.filter(pk__in=open_chunks.values("run")).aggregate(at=Min("queued_at"))["at"]
    if queued_at is None:
        return None
    chunk_at = MatchChunk.objects.filter(run__in=queued.values("pk")).aggregate(at=Max("finished_at"))["at"]
    run_at = MatchRun.objects.done().aggregate(at=Max("finished_at"))["at"]
    return max(moment for moment in (queued_at, chunk_at, run_at) if moment)
