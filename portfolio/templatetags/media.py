"""Pictures and videos of an achievement on its public page."""

from typing import Any

from django import template

from achievements.models import Achievement
from portfolio.models import Picture

register = template.Library()


@register.inclusion_tag("portfolio/public/_media.html")
def achievement_media(achievement: Achievement) -> dict[str, Any]:
    """The caller has checked that the reader may see the achievement. Two queries."""
    return {
        "pictures": achievement.pictures.filter(removed_at=None, status=Picture.Status.READY),
        "videos": achievement.videos.filter(removed_at=None),
    }
