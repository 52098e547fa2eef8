"""The item that a posted form names."""

from achievements.models import Achievement
from core.public_id import is_public_id
from demands.models import Demand
from favourites.public_facts import Item

MODELS: dict[str, type[Item]] = {"achievement": Achievement, "demand": Demand}


def item_of(kind: str, public_id: str) -> Item | None:
    """The published item, or None."""
    model = MODELS.get(kind)
    if model is None or not is_public_id(public_id):
        return None
    rows = model.objects.published()
    return rows.select_related("firm" if model is Demand else "institution").filter(public_id=public_id).first()
