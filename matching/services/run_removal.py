"""Remove a run and restore the matches it changed. Used by self-checks, whose runs nobody should see."""

from django.db import transaction
from django.db.models import F

from matching.models import DemandReading, Match, MatchChunk, MatchRun, PairReading, StoredRanking
from matching.services.chunk_failures import failed_about
from matching.services.proposals import REFRESHED_FIELDS
from matching.services.run_notifications import run_about
from notices.services import delete_notices


def snapshot_matches() -> dict[int, Match]:
    """All matches by primary key, as they are before the run; pass them to `remove_run` afterwards."""
    return Match.objects.in_bulk()


@transaction.atomic
def remove_run(run: MatchRun, before: dict[int, Match]) -> int:
    """Delete the matches that only this run proposed and restore those it refreshed. Returns how many had to stay.

    A match that somebody has decided, or that a side has spoken about, meanwhile stays; a match that another run has
    proposed again, or proposed first after the snapshot, belongs to that run.
    Waits for a worker that is processing a chunk of the run; other chunks are deleted unprocessed.
    """
    chunks = MatchChunk.objects.select_for_update().filter(run=run)
    MatchChunk.objects.filter(pk__in=[chunk.pk for chunk in chunks.order_by("pk")]).delete()
    DemandReading.objects.filter(run=run).delete()
    PairReading.objects.filter(run=run).delete()
    StoredRanking.objects.filter(run=run).delete()
    touched = list(Match.objects.select_for_update().filter(run=run).order_by("demand", "achievement"))
    Match.objects.bulk_update([before[match.pk] for match in touched if match.pk in before], REFRESHED_FIELDS)
    Match.objects.filter(first_run=run).exclude(run=run).update(first_run=F("run"))
    Match.objects.filter(run=run).exclude(first_run=run).update(run=F("first_run"))
    delete_notices(run_about(run.pk))
    delete_notices(failed_about(run.pk))
    untouched = Match.objects.filter(first_run=run, status=Match.Status.PROPOSED, revision=0)
    untouched.filter(follow_up=None, statements=None).delete()
    return Match.objects.filter(first_run=run).count()
