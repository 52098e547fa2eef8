"""Retry a failed run after its cause was removed."""

from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from audit.transitions import transition
from matching.models import MatchChunk, MatchRun
from matching.services.chunk_failures import failed_about
from matching.services.runs import send_chunks
from notices.services import withdraw_notices


@transaction.atomic
def retry_run(run: MatchRun, *, by: User) -> None:
    """失败 → 排队中: the chunks that were given up are computed again. Raises PermissionDenied, ValidationError."""
    if not by.has_perm("matching.retry_matchrun"):
        raise PermissionDenied("只有市级专员可以重试匹配批次。")
    transition(
        run,
        when={"status": MatchRun.Status.FAILED},
        values={"status": MatchRun.Status.QUEUED, "sent_at": None},
        refusal=lambda row: "这一批次现在是“%s”，不需要重试。" % row.get_status_display(),
        action="重试匹配批次",
        by=by,
    )
    MatchChunk.objects.filter(run=run).failed().update(failed_at=None, attempts=0, sent_at=None)
    withdraw_notices(failed_about(run.pk))
    transaction.on_commit(partial(send_chunks, run.pk), robust=True)
