"""Does the chain run? A round is closed as any other, a real worker matches it, and then nothing of it is left.

A check must not ask districts to review what no real round proposed, nor leave a round on the public pages, so its rows
go again. That it was made stays in the audit trail, and what somebody decided about one of its matches stays too.
"""

import time
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.services import record
from matching.models import MatchRun
from matching.services.run_removal import remove_run, snapshot_matches
from rounds.models import DockingRound
from rounds.services.rounds import archive_round, close_round

PAUSE = 0.1
"""Seconds between two looks at the run."""


class ChainBroken(Exception):
    """The run was not done in time. The text says to a person what to look at."""


@dataclass(frozen=True)
class ChainReport:
    """What took part, what was proposed, and the seconds from the closing to the end of the run."""

    achievements: int
    demands: int
    matches: int
    run_seconds: float


def check_chain(*, timeout: float) -> ChainReport:
    """Close a round made for this check and wait until workers have finished its run; at most `timeout` seconds.

    The system closes it (`by=None`): the trail must not say that an officer did. Raises ChainBroken. Call it outside a
    transaction, or no worker will ever see the run.
    """
    now = timezone.now()
    before = snapshot_matches()
    docking_round = DockingRound.objects.create(
        name=_("自检 %(time)s") % {"time": timezone.localtime(now).strftime("%Y-%m-%d %H:%M:%S.%f")},
        starts_at=now - timedelta(minutes=1),
        ends_at=now + timedelta(days=1),  # later than this check, or beat would close the round before it does
    )
    try:
        close_round(docking_round, by=None)
        return _report(_finished(docking_round.match_run, timeout))
    finally:
        _clear_away(docking_round, before)


def _finished(run: MatchRun, timeout: float) -> MatchRun:
    until = time.monotonic() + timeout
    while run.status != MatchRun.Status.DONE:
        if time.monotonic() > until:
            left = run.chunks.filter(finished_at=None).count()
            raise ChainBroken(
                _(
                    "等了 %(seconds)g 秒，匹配仍未完成（还有 %(left)d 个分片）。"
                    "请查看 /healthz 和后台任务的日志，确认 Celery worker 在运行。"
                )
                % {"seconds": timeout, "left": left}
            )
        time.sleep(PAUSE)
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
def _clear_away(docking_round: DockingRound, before: dict) -> None:
    docking_round.refresh_from_db()
    run = docking_round.match_run
    if run and remove_run(run, before):
        archive_round(docking_round, by=None)  # somebody has decided about one of its matches: that is history now
        return
    record(_("清除自检活动"), docking_round, by=None, changes={"status": [docking_round.status, None]})
    docking_round.delete()
    if run:
        run.delete()
