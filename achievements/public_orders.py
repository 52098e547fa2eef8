"""The orders of public pages with achievements, and an index for each: no page sorts all of them."""

from django.db.models import Case, F, Index, IntegerField, Q, Value, When
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.functions import Coalesce, TruncDate

from taxonomy.models import MaturityBucket

NEWEST = (F("updated_at").desc(), F("id").desc())


def transferred_last() -> Case:
    """What nobody can take up any more stands after everything that is on offer."""
    return Case(When(status="transferred", then=Value(1)), default=Value(0), output_field=IntegerField())


def maturity_rank() -> Case:
    """The stage of maturity as a number, the lowest first; 0 if it is not stated."""
    ranks = (When(maturity_bucket=bucket, then=Value(number)) for number, bucket in enumerate(MaturityBucket.values, 1))
    return Case(*ranks, default=Value(0), output_field=IntegerField())


def lowest_price() -> Coalesce:
    return Coalesce("price_min_wan", "price_max_wan")


OFFER_FIRST = (transferred_last().asc(), *NEWEST)
TERMS: dict[str, tuple[BaseExpression | Combinable, ...]] = {
    "offer": OFFER_FIRST,
    "offer_maturity": (transferred_last().asc(), maturity_rank().desc(), *NEWEST),
    "offer_price": (transferred_last().asc(), lowest_price().asc(), *NEWEST),
    "owner_offer": (F("institution"), *OFFER_FIRST),
    "institution": (F("institution"), *NEWEST),
    "publication": (F("published_at").desc(), F("id").desc()),
    "published_day": (TruncDate("published_at").desc(), F("public_id")),
    "changed_day": (TruncDate("updated_at").desc(), F("public_id")),
}
"""The list, by maturity, by price and of one institution; the page of an institution, home page, feed, sitemap."""
PUBLIC_ORDERS = [
    Index(*terms, condition=Q(published_at__isnull=False), name=f"achievement_by_{name}")
    for name, terms in TERMS.items()
]
