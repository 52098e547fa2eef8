"""Take a run back as if it had never been: for a check of the machinery, whose run nobody was meant to see."""

from django.db import transaction
from django.db.models import F

from matching.models import Match, MatchChunk, MatchRun
from matching.services.telling import run_about
from notices.services import delete_notices

REFRESHED = (
    *("run", "rank", "score", "parts", "shared_terms", "related_terms", "facts"),
    *("probability", "level", "effects"),
)
"""What a later run writes over an earlier one's proposal."""


def remember_matches() -> dict[int, Match]:
    """Every match as it is now, by its key: to be given to `forget_matches` after the run."""
    return Match.objects.in_bulk()


@transaction.atomic
def forget_matches(run: MatchRun, before: dict[int, Match]) -> int:
    """Remove what only this run proposed and restore what it refreshed; return how many of its matches had to stay.

    Those stay that somebody has decided meanwhile; a match that another run has proposed again is that run's. A worker
    still at one of the run's chunks is waited for; chunks that no worker took are not taken any more.
    """
    chunks = MatchChunk.objects.select_for_update().filter(run=run)
    MatchChunk.objects.filter(pk__in=[chunk.pk for chunk in chunks.order_by("pk")]).delete()
    touched = list(Match.objects.select_for_update().filter(run=run).order_by("demand", "achievement"))
    Match.objects.bulk_update([before[match.pk] for match in touched if match.pk in before], REFRESHED)
    Match.objects.filter(first_run=run).exclude(run=run).update(first_run=F("run"))
    delete_notices(run_about(run.pk))
    Match.objects.filter(first_run=run, status=Match.Status.PROPOSED, revision=0).delete()
    return Match.objects.filter(first_run=run).count()
