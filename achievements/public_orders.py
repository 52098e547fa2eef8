"""The orders of public pages with achievements, and an index for each: no page sorts all of them."""

from django.db.models import Case, F, Index, IntegerField, Q, Value, When
from django.db.models.expressions import BaseExpression, Combinable
from django.db.models.functions import Coalesce, TruncDate

from taxonomy.models import MaturityBucket

NEWEST = (F("updated_at").desc(), F("id").desc())


def maturity_rank() -> Case:
    """The stage of maturity as a number, the lowest first; 0 if it is not stated."""
    ranks = (When(maturity_bucket=bucket, then=Value(number)) for number, bucket in enumerate(MaturityBucket.values, 1))
    return Case(*ranks, default=Value(0), output_field=IntegerField())


def lowest_price() -> Coalesce:
    return Coalesce("price_min_wan", "price_max_wan")


TERMS: dict[str, tuple[BaseExpression | Combinable, ...]] = {
    "maturity": (maturity_rank().desc(), *NEWEST),
    "price": (lowest_price().asc(), *NEWEST),
    "institution": (F("institution"), *NEWEST),
    "publication": (F("published_at").desc(), F("id").desc()),
    "published_day": (TruncDate("published_at").desc(), F("public_id")),
    "changed_day": (TruncDate("updated_at").desc(), F("public_id")),
}
"""Lists by maturity and price, the page of an institution, home page, feed, sitemap."""
PUBLIC_ORDERS = [
    Index(*terms, condition=Q(published_at__isnull=False), name=f"achievement_by_{name}")
    for name, terms in TERMS.items()
]
