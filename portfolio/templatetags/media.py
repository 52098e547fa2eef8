"""Pictures and videos of an achievement on its public page."""

from collections.abc import Sequence
from typing import Any

from django import template

from achievements.models import Achievement
from portfolio.models import Picture

register = template.Library()


@register.inclusion_tag("portfolio/public/_media.html")
def achievement_media(achievement: Achievement, pictures: Sequence[Picture]) -> dict[str, Any]:
    """The first of the ready pictures is the cover, which the page shows above. One query.

    The caller has checked that the reader may see the achievement.
    """
    return {
        "pictures": pictures[1:],
        "videos": achievement.videos.filter(removed_at=None),
    }
