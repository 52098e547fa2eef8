"""The item that a posted form names."""

from achievements.models import Achievement
from core.public_id import is_public_id
from demands.models import Demand
from favourites.public_facts import Item

PENDING = "favourite_after_sign_in"
"""Session key of [kind, public id]: what a visitor wanted to mark before signing in."""
MODELS: dict[str, type[Item]] = {"achievement": Achievement, "demand": Demand}


def item_of(kind: str, public_id: str) -> Item | None:
    """The published item, or None."""
    model = MODELS.get(kind)
    if model is None or not is_public_id(public_id):
        return None
    rows = model.objects.published()
    return rows.select_related("firm" if model is Demand else "institution").filter(public_id=public_id).first()
