"""Pictures and videos of an achievement on its public page."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import template

from portfolio.models import Picture, Video

register = template.Library()


@register.inclusion_tag("portfolio/public/_media.html")
def achievement_media(pictures: Sequence[Picture], videos: Iterable[Video]) -> dict[str, Any]:
    """The first of the ready pictures is the cover, which the page shows above.

    The caller has checked that the reader may see the achievement.
    """
    return {"pictures": pictures[1:], "videos": videos}
