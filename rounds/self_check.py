"""Self-check of the matching chain: closes a test round, waits until a worker has matched it, removes the test data.

The rows are removed so that districts do not review test results and no test round is public. The audit trail keeps
the check, and matches that somebody decided on meanwhile stay.
"""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit.services import record
from matching.models import MatchRun
from matching.services.run_removal import remove_run, snapshot_matches
from rounds.models import DockingRound
from rounds.services.rounds import archive_round, close_round

POLL_SECONDS = 0.1
"""Interval between two reads of the run."""


class ChainCheckError(Exception):
    """The run did not finish in time; the text says what to check."""


@dataclass(frozen=True)
class ChainReport:
    """Numbers of the run, and the seconds from closing to its end."""

    achievements: int
    demands: int
    matches: int
    run_seconds: float


def check_chain(*, timeout: float) -> ChainReport:
    """Close a test round and wait at most `timeout` seconds until workers have finished its run.

    `by=None` closes it as the system, so that the trail names no officer. Call it outside a transaction, otherwise
    workers do not see the run. Raises ChainCheckError.
    """
    now = timezone.now()
    before = snapshot_matches()
    docking_round = DockingRound.objects.create(
        name="自检 %(time)s" % {"time": timezone.localtime(now).strftime("%Y-%m-%d %H:%M:%S.%f")},
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(days=1),  # otherwise the periodic task would close the round first
    )
    try:
        close_round(docking_round, by=None, reader=False)  # a model of minutes is not what is checked
        return _report(_wait_for_run(docking_round.match_run, timeout))
    finally:
        _remove_traces(docking_round, before)


def _wait_for_run(run: MatchRun, timeout: float) -> MatchRun:
    until = time.monotonic() + timeout
    while run.status != MatchRun.Status.DONE:
        if failed := run.chunks.failed().first():
            raise ChainCheckError("匹配失败：%(error)s。请查看后台任务的日志。" % {"error": failed.error})
        if time.monotonic() > until:
            left = run.chunks.filter(finished_at=None).count()
            raise ChainCheckError(
                (
                    "等了 %(seconds)g 秒，匹配仍未完成（还有 %(left)d 个分片）。"
                    "请查看 /healthz 和后台任务的日志，确认 Celery worker 在运行。"
                )
                % {"seconds": timeout, "left": left}
            )
        time.sleep(POLL_SECONDS)
        run.refresh_from_db()
    return run


def _report(run: MatchRun) -> ChainReport:
    return ChainReport(
        achievements=run.counts["achievements"],
        demands=run.counts["demands"],
        matches=run.counts["matches"],
        run_seconds=round((run.finished_at - run.queued_at).total_seconds(), 2),
    )


@transaction.atomic
def _remove_traces(docking_round: DockingRound, before: dict) -> None:
    docking_round.refresh_from_db()
    run = docking_round.match_run
    if run and remove_run(run, before):
        archive_round(docking_round, by=None)  # a user has decided on one of its matches: keep the round
        return
    record("清除自检活动", docking_round, by=None, changes={"status": [docking_round.status, None]})
    docking_round.delete()
    if run:
        run.delete()
