"""What the public may know of a demand's firm, as database expressions: for facets, filters and orders.

An anonymous demand shows its district and industry only as far as `Demand.public_detail` says.
"""

from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Coalesce

from demands.models import Demand

NEWEST_DAYS = ("-updated_at__date", "public_id")
"""The newest day first, within a day in no order: what a district publishes at once would stand together."""
SAYS_REGION = Q(is_anonymous=False) | Q(public_detail=Demand.Detail.DISTRICT)
SAYS_INDUSTRY = Q(is_anonymous=False) | Q(public_detail__in=Demand.EXACT_INDUSTRY)
SAYS_BRANCH = Q(public_detail=Demand.Detail.BRANCH)


def public_region() -> Case:
    """The id of the region that the demand shows, or NULL."""
    return Case(When(SAYS_REGION, then=F("firm__stat_region_id")), default=Value(None), output_field=IntegerField())


def public_industry() -> Case:
    """The id of the industry that the demand shows: its own, the parent, or NULL."""
    return Case(
        When(SAYS_INDUSTRY, then=F("industry_id")),
        When(SAYS_BRANCH, then=Coalesce(F("industry__parent_id"), F("industry_id"))),
        default=Value(None),
        output_field=IntegerField(),
    )
