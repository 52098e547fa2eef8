"""What the public pages of the districts show: what firms look for, what there is for them, who helps, whom to ask.

Of anonymous demands only those that say their district, as in the list of demands filtered by the district.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts.models import Organisation, Region
from achievements.models import Achievement
from achievements.public_orders import NEWEST
from brokers.models import Agency, Broker
from demands.models import Demand
from demands.public_facts import SAYS_REGION
from portal.drawings.cells import CellDrawing, Counts
from portal.drawings.skyline import LABELS, NEEDED, draw_lying_bars
from portal.public_pictures import NeedCounts, OfferCounts, in_order
from taxonomy.models import Industry

INDUSTRIES_SERVED, OFFERS_EACH = 3, 2
"""The most wanted industries of which achievements are named, and how many of each."""
INDUSTRIES_NAMED = 2
"""The most wanted industries that the table of the districts names."""


@dataclass(frozen=True)
class WantedIndustry:
    """`words`: the drawing in words; `offered`: achievements of the whole city that can be had."""

    industry: Industry
    needed: int
    needed_url: str
    drawing: CellDrawing
    words: str
    offered: int
    offered_url: str


@dataclass(frozen=True)
class WantedIndustries:
    rows: list[WantedIndustry]
    legend: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class DistrictRow:
    """A line of the table. `words`: the drawing in words; `wanted`: (industry, its demands, the list of these)."""

    region: Region
    needed: int
    needed_url: str
    drawing: CellDrawing
    words: str
    wanted: list[tuple[Industry, int, str]]


@dataclass(frozen=True)
class DistrictRows:
    rows: list[DistrictRow]
    legend: Sequence[tuple[str, str]]


def district_rows(
    regions: Sequence[Region], tops: Sequence[Industry], needs: NeedCounts, wanted: Mapping[int, Counter[int]]
) -> DistrictRows:
    """One line for each region. `wanted`: {region: {industry of the first level: demands}}."""
    lines = [in_order(needs.by_region.get(region.pk, {}), NEEDED) for region in regions]
    bars = draw_lying_bars(lines)
    by_key, demand_list = {top.pk: top for top in tops}, reverse("demand_list")
    rows = []
    for region, line, drawing in zip(regions, lines, bars.drawings, strict=True):
        most = [(by_key[key], count) for key, count in wanted.get(region.pk, Counter()).most_common() if key in by_key]
        rows.append(
            DistrictRow(
                region=region,
                needed=sum(count for _kind, count in line),
                needed_url=f"{demand_list}?region={region.code}",
                drawing=drawing,
                words=_in_words(line),
                wanted=[
                    (top, count, f"{demand_list}?region={region.code}&industry={top.slug}")
                    for top, count in most[:INDUSTRIES_NAMED]
                ],
            )
        )
    return DistrictRows(rows, bars.legend)


def with_agency_count(regions: QuerySet[Region], agencies: QuerySet[Agency]) -> QuerySet[Region]:
    """Each with `agency_count`: as many as `agencies_of_district` has."""
    serving = Region.agencies.through.objects.filter(region=OuterRef(OuterRef("pk"))).values("agency")
    here = agencies.filter(Q(organisation__stat_region=OuterRef("pk")) | Q(pk__in=serving)).order_by()
    count = here.annotate(group=Value(1)).values("group").annotate(n=Count("pk", distinct=True)).values("n")
    return regions.annotate(agency_count=Coalesce(Subquery(count), 0))


def with_demand_count(regions: QuerySet[Region], demands: QuerySet[Demand]) -> QuerySet[Region]:
    """Each with `demand_count`: as many as `demands_of_district` has."""
    here = demands.filter(SAYS_REGION, firm__stat_region=OuterRef("pk")).order_by()
    count = here.values("firm__stat_region").annotate(n=Count("pk")).values("n")
    return regions.annotate(demand_count=Coalesce(Subquery(count), 0))


def _in_words(line: Counts) -> str:
    return "，".join(f"{LABELS[kind].removeprefix('需求，')} {count} 项" for kind, count in line)


def demands_of_district(demands: QuerySet[Demand], region: Region) -> QuerySet[Demand]:
    return demands.filter(SAYS_REGION, firm__stat_region=region)


def wanted_industries(
    region: Region, tops: Sequence[Industry], needs: NeedCounts, offers: OfferCounts
) -> WantedIndustries:
    """The industries of the district's demands, the most wanted first; `offers`: those of the whole city."""
    wanted = [top for top in tops if needs.by_industry.get(top.pk)]
    wanted.sort(key=lambda top: -needs.by_industry[top.pk].total())
    lines = [in_order(needs.by_industry[top.pk], NEEDED) for top in wanted]
    bars = draw_lying_bars(lines)
    rows = [
        WantedIndustry(
            industry=top,
            needed=needs.by_industry[top.pk].total(),
            needed_url=f"{reverse('demand_list')}?region={region.code}&industry={top.slug}",
            drawing=drawing,
            words=_in_words(line),
            offered=offers.by_industry[top.pk].total() if top.pk in offers.by_industry else 0,
            offered_url=f"{reverse('achievement_list')}?state=open&industry={top.slug}",
        )
        for top, line, drawing in zip(wanted, lines, bars.drawings, strict=True)
    ]
    return WantedIndustries(rows, bars.legend)


def wanted_achievements(
    available: QuerySet[Achievement], wanted: Sequence[WantedIndustry], top_of: Mapping[int, int]
) -> list[Achievement]:
    """The newest achievements of the most wanted industries that have any, by turns. A query for each of these."""
    served = [row.industry.pk for row in wanted if row.offered][:INDUSTRIES_SERVED]
    rows: list[Achievement] = []
    for top in served:
        keys = [pk for pk, its_top in top_of.items() if its_top == top]
        newest = available.filter(industry__in=keys).select_related("institution", "industry").order_by(*NEWEST)
        rows += newest[:OFFERS_EACH]
    return rows


def agencies_of_district(agencies: QuerySet[Agency], region: Region) -> QuerySet[Agency]:
    """Those in the district and those that name it among the districts they serve."""
    serving = region.agencies.order_by().values("pk")
    return agencies.filter(Q(organisation__stat_region=region) | Q(pk__in=serving))


def brokers_of_district(brokers: QuerySet[Broker], region: Region) -> QuerySet[Broker]:
    return brokers.filter(regions=region)


def offices_of_district(region: Region) -> QuerySet[Organisation]:
    """The departments of the district that answer firms."""
    offices = Organisation.objects.filter(kind=Organisation.Kind.DISTRICT, stat_region=region, is_active=True)
    return offices.order_by("name")
