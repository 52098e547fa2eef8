"""Match what was published, resumed or changed, within minutes instead of after the next round.

A periodic task asks what no run has matched as it is now, so nothing is forgotten while the broker or a worker is down,
and two hundred needs published together make one run. Why a run writes what it writes: docs/decisions/, immediate runs.
"""

from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from audit.services import record
from matching.models import DemandResult, MatchChunk, MatchRun
from matching.services.runs import new_run, queue_chunks
from matching.unmatched_items import (
    ACHIEVEMENTS,
    DEMANDS,
    ItemState,
    forget_absent,
    remember,
    remember_batch,
    take_unmatched,
)

WAIT_AT_MOST = timedelta(minutes=15)
"""The next immediate run waits for the chunks of a run so long, so that a run that cannot end does not stop all."""
MAX_RENEWED = 120
"""Demands of earlier immediate runs that are proposed again: three chunks."""


@transaction.atomic
def start_immediate_run() -> MatchRun | None:
    """Start a run for all items that no run has matched as they are now. None if there are none, or if it must wait.

    It waits while chunks of another run are open: that run may have them, and two indexes do not fit into a worker.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('start_immediate_run'))")
        if not cursor.fetchone()[0]:
            return None
    forget_absent()
    recent = timezone.now() - WAIT_AT_MOST
    if MatchChunk.objects.open().filter(run__queued_at__gte=recent).exists():
        return None
    if not (ACHIEVEMENTS.unseen().exists() or DEMANDS.unseen().exists()):
        return None
    if batch := MatchRun.objects.batches().order_by("-queued_at").first():
        remember_batch(batch)
    achievements, demands = take_unmatched(ACHIEVEMENTS), take_unmatched(DEMANDS)
    return start_run_for(achievements, demands, batch) if achievements or demands else None


def start_run_for(achievements: list[ItemState], demands: list[ItemState], batch: MatchRun | None) -> MatchRun:
    """Start the run of these items, in the caller's transaction. `batch`: the last one, None if there was none."""
    new = [state.pk for state in demands]
    run = new_run(
        _title(len(achievements), len(demands)),
        by=None,
        parameters={},
        kind=MatchRun.Kind.IMMEDIATE,
        target_achievement_ids=[state.pk for state in achievements],
        target_demand_ids=new,
    )
    open_ids, known = set(run.demand_ids), set(new)
    new = [pk for pk in new if pk in open_ids]
    renewed = [pk for pk in _matched_since(batch, run) if pk in open_ids and pk not in known]
    run.target_demand_ids = [*new, *renewed]
    run.save(update_fields=["target_demand_ids"])
    remember(ACHIEVEMENTS, achievements, run)
    remember(DEMANDS, demands, run)
    changes = {"achievements": [None, len(achievements)], "demands": [None, len(demands)]}
    record("开始即时匹配", run, by=None, changes=changes)
    targets = set(run.target_demand_ids)
    others = [pk for pk in run.demand_ids if pk not in targets] if achievements else []
    queue_chunks(run, new, others, renewed)
    return run


def _matched_since(batch: MatchRun | None, run: MatchRun) -> list[int]:
    """Return the demands of immediate runs since the last batch, the latest first, at most MAX_RENEWED.

    Each new item changes the weights of the terms a little. These demands are proposed again, so that they are as a
    batch would propose them now; all others are as the last batch has left them.
    """
    rows = DemandResult.objects.filter(run__kind=MatchRun.Kind.IMMEDIATE, run__lt=run.pk)
    if batch is not None:
        rows = rows.filter(run__queued_at__gt=batch.queued_at)
    return list(dict.fromkeys(rows.order_by("-run", "pk").values_list("demand", flat=True)))[:MAX_RENEWED]


def _title(achievements: int, demands: int) -> str:
    parts = [f"{demands} 项需求" if demands else "", f"{achievements} 项成果" if achievements else ""]
    moment = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    return "发布后即时匹配 %(what)s %(when)s" % {"what": "、".join(filter(None, parts)), "when": moment}
