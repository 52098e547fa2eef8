"""The orders of public pages with demands, and an index for each: no page sorts all of them."""

from django.db.models import F, Index, Q
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.functions import Coalesce, TruncDate

CHANGED_DAY = (TruncDate("updated_at").desc(), F("public_id"))


def highest_budget() -> Coalesce:
    return Coalesce("budget_max_wan", "budget_min_wan")


TERMS: dict[str, tuple[BaseExpression | Combinable, ...]] = {
    "changed_day": CHANGED_DAY,
    "published_day": (TruncDate("published_at").desc(), F("public_id")),
    "budget": (highest_budget().desc(nulls_last=True), *CHANGED_DAY),
}
"""List and sitemap, home page and feed, list by budget."""
PUBLIC_ORDERS = [
    Index(*terms, condition=Q(published_at__isnull=False), name=f"demand_by_{name}") for name, terms in TERMS.items()
]
