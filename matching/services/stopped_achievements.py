"""An achievement was paused or withdrawn: those who are asked or in talks about it hear of it."""

from collections.abc import Collection

from achievements.models import Achievement
from matching.models import FollowUp
from matching.services.notifications import notify_achievement_stopped


def tell_sides(achievement_ids: Collection[int]) -> None:
    """Tell the firm and the owner of each running follow-up. Registered in settings.ACHIEVEMENT_STOP_LISTENERS.

    Proposals that wait for a review are left out of the review desk by their queryset while the achievement is stopped.
    """
    follow_ups = FollowUp.objects.running().filter(
        match__achievement__in=achievement_ids,
        match__achievement__status__in=[Achievement.Status.PAUSED, Achievement.Status.WITHDRAWN],
    )
    notify_achievement_stopped(list(follow_ups.select_related("match__achievement", "match__demand__firm")))
