"""Write the rows that a run proposes."""

from matching.models import DemandResult, Match, MatchRun, StoredRanking
from matching.proposals import ProposedRows

REFRESHED_FIELDS = (
    *("run", "rank", "score", "parts", "shared_terms", "related_terms", "aligned_sentences", "facts"),
    *("probability", "level", "effects"),
)
"""Fields of an existing match that a later run overwrites."""


def write_proposals(proposed: ProposedRows) -> int:
    """Write matches and results in the caller's transaction; returns the number of matches.

    A match that exists keeps its review and gets the new score and reasons. An immediate run replaces
    the results of earlier immediate runs for the same demands.
    """
    if any(result.run.is_immediate for result in proposed.results):
        earlier = DemandResult.objects.filter(run__kind=MatchRun.Kind.IMMEDIATE)
        earlier.filter(demand__in=[result.demand_id for result in proposed.results]).delete()
    DemandResult.objects.bulk_create(proposed.results, batch_size=500)
    StoredRanking.objects.bulk_create(proposed.rankings, batch_size=500)
    # All runs lock rows in the same order, so that two runs wait for each other and do not deadlock.
    matches = sorted(proposed.matches, key=lambda match: (match.demand_id, match.achievement_id))
    Match.objects.bulk_create(
        matches,
        update_conflicts=True,
        unique_fields=["achievement", "demand"],
        update_fields=REFRESHED_FIELDS,
        batch_size=500,
    )
    return len(matches)
