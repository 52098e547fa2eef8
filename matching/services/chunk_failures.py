"""Chunks that cannot be computed: attempts are counted, after MAX_ATTEMPTS the chunk is given up with its cause.

A failed attempt is counted after its transaction was rolled back, in one of its own. An attempt whose process died
counts when the broker delivers its message again.
"""

import logging

from celery.exceptions import SoftTimeLimitExceeded
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import Membership, Role
from audit.services import record
from core.database_errors import is_database_lost
from matching.models import DemandReading, MatchChunk, MatchRun
from matching.services.run_notifications import run_about
from notices.models import NoticeKind
from notices.services import notify
from notices.services.notifications import NoticeDraft

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 5
KILLED = "处理这一片的进程被终止（内存不足，或服务器停机）"
TOO_LONG = "处理这一片超过了时间限制"


def count_failure(chunk_id: int, error: Exception) -> bool:
    """Count a failed attempt. Returns whether it was the last one, after which nobody needs to try again.

    A lost database is no fault of the chunk and is not counted.
    """
    if is_database_lost(error):
        return False
    log.exception("chunk %s failed", chunk_id)
    return _count(chunk_id, _cause(error))


def count_killed_attempt(chunk_id: int) -> bool:
    """Count an attempt that ended with its process. Returns whether it was the last one."""
    return _count(chunk_id, KILLED)


def count_failed_preparation(run_id: int, error: Exception) -> bool:
    """Count a failed preparation as an attempt at each chunk of the run. Returns whether the run was given up."""
    if is_database_lost(error):
        return False
    log.exception("the preparation of run %s failed", run_id)
    return _count_all(run_id, _cause(error))


def count_killed_preparation(run_id: int) -> bool:
    """Count a preparation that ended with its process. Returns whether the run was given up."""
    if not MatchRun.objects.filter(pk=run_id, prepared_at=None).exists():
        return False  # it was killed after its work
    return _count_all(run_id, KILLED)


def _count_all(run_id: int, cause: str) -> bool:
    chunks = MatchChunk.objects.open().filter(run=run_id)
    for chunk_id in list(chunks.values_list("pk", flat=True)):
        _count(chunk_id, cause)
    return not chunks.exists()


@transaction.atomic
def _count(chunk_id: int, cause: str) -> bool:
    """A chunk that another worker is computing now is left alone."""
    chunk = MatchChunk.objects.open().select_for_update(skip_locked=True, of=("self",)).filter(pk=chunk_id).first()
    if chunk is None:
        return False
    attempts = chunk.attempts + 1
    given_up = {"failed_at": Now()} if attempts >= MAX_ATTEMPTS else {}
    MatchChunk.objects.filter(pk=chunk_id).update(attempts=F("attempts") + 1, error=cause[:300], **given_up)
    if given_up:
        close_failed_run(chunk.run_id)
    return bool(given_up)


def _cause(error: Exception) -> str:
    if isinstance(error, SoftTimeLimitExceeded):
        return TOO_LONG
    return f"{type(error).__name__}: {error}".partition("\n")[0]


@transaction.atomic
def close_failed_run(run_id: int) -> bool:
    """Mark a run as failed if nothing of it is open and chunks were given up. True only for the call that did it."""
    chunks = MatchChunk.objects.filter(run=run_id)
    failed = chunks.failed().count()
    if not failed or chunks.open().exists() or DemandReading.objects.waiting().filter(run=run_id).exists():
        return False
    rows = MatchRun.objects.filter(pk=run_id, status=MatchRun.Status.QUEUED)
    if not rows.update(status=MatchRun.Status.FAILED):
        return False
    run = MatchRun.objects.get(pk=run_id)
    record("批量匹配失败", run, by=None, changes={"failed_chunks": [None, failed]})
    _tell_city(run, failed)
    return True


def failed_about(run_id: int) -> str:
    """Key of the notices about the failure of a run."""
    return f"{run_about(run_id)} failed"


def _tell_city(run: MatchRun, failed: int) -> None:
    officers = Membership.objects.filter(role=Role.CITY, user__is_active=True).values_list("user", flat=True).distinct()
    about = failed_about(run.pk)
    text = "“%(run)s”有 %(count)s 组需求没有匹配成，系统试过 %(times)s 次。请打开批次查看原因，排除后点“重试”。"
    notify(
        NoticeDraft(
            person,
            NoticeKind.PROPOSALS,
            text % {"run": run.title, "count": failed, "times": MAX_ATTEMPTS},
            reverse("admin:matching_matchrun_change", args=[run.pk]),
            about,
            about,
        )
        for person in officers
    )
