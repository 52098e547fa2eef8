"""What the pictures of public pages count: achievements by industry and stage, demands by industry, district and state.

Counts are those of the facets of the public lists, to which the pictures link: of published rows, and of an anonymous
demand only what it shows of its industry and district.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Case, Expression, F, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from accounts.models import Region
from achievements.models import Achievement
from core.facets import Facet, count_facets
from demands.models import Demand
from demands.public_facts import public_industry, public_region
from portal.drawings.cells import Counts
from portal.drawings.skyline import (
    CHALLENGE,
    NEEDED,
    OFFERED,
    OPEN,
    SOLVED,
    TRANSFERRED,
    UNSTATED,
    Column,
    Skyline,
    draw_skyline,
)
from portal.drawings.tiles import District, TileMap, draw_tiles
from taxonomy.models import Industry, MaturityBucket

ByKind = dict[int, Counter[str]]


@dataclass(frozen=True)
class OfferCounts:
    """`by_industry`: {industry of the first level: {kind: rows}}; `by_institution`: {institution: rows}."""

    total: int
    by_industry: ByKind
    by_institution: Counter[int]


@dataclass(frozen=True)
class NeedCounts:
    """`by_industry`, `by_region`: rows by kind; what a demand does not show of itself is in `total` alone."""

    total: int
    by_industry: ByKind
    by_region: ByKind = field(default_factory=dict)


def offered_kind() -> Case:
    """The kind of a published achievement in a drawing."""
    stages = [When(maturity_bucket=bucket, then=Value(f"sq-{bucket}")) for bucket in MaturityBucket.values]
    transferred = When(status=Achievement.Status.TRANSFERRED, then=Value(TRANSFERRED))
    return Case(transferred, *stages, default=Value(UNSTATED), output_field=TextField())


def needed_kind() -> Case:
    """The kind of a published demand in a drawing."""
    return Case(
        When(status=Demand.Status.SOLVED, then=Value(SOLVED)),
        When(status=Demand.Status.CHALLENGE, then=Value(CHALLENGE)),
        default=Value(OPEN),
        output_field=TextField(),
    )


def top_industries(industries: Iterable[Industry]) -> tuple[list[Industry], dict[int, int]]:
    """The industries in use of the first level, and {any industry: its first level}."""
    industries = list(industries)
    tops = [row for row in industries if row.is_active and row.parent_id is None]
    return tops, {row.pk: row.parent_id or row.pk for row in industries}


def count_offers(achievements: QuerySet[Achievement], top_of: Mapping[int, int]) -> OfferCounts:
    """One statement, whose result is kept if the rows are many."""
    facets = [_facet("cell", F("industry_id"), offered_kind()), Facet("institution", "", F("institution_id"), ())]
    counts = count_facets(achievements, facets, {"cell": (), "institution": ()})
    institutions: Counter[int] = Counter()
    for (name, key), rows in counts.items():
        if name == "institution" and key:
            institutions[int(key)] += rows
    return OfferCounts(counts["", None], _by_kind(counts, "cell", top_of), institutions)


def count_needs(demands: QuerySet[Demand], top_of: Mapping[int, int]) -> NeedCounts:
    """One statement, whose result is kept if the rows are many."""
    kind = needed_kind()
    facets = [_facet("cell", public_industry(), kind), _facet("region", public_region(), kind)]
    counts = count_facets(demands, facets, {"cell": (), "region": ()})
    return NeedCounts(counts["", None], _by_kind(counts, "cell", top_of), _by_kind(counts, "region"))


def count_wanted(demands: QuerySet[Demand], top_of: Mapping[int, int]) -> dict[int, Counter[int]]:
    """{district: {industry of the first level: demands}}. One statement, whose result is kept if the rows are many."""
    pair = _facet("pair", public_region(), Cast(public_industry(), TextField()))
    wanted: dict[int, Counter[int]] = {}
    for region, industries in _by_kind(count_facets(demands, [pair], {"pair": ()}), "pair").items():
        wanted[region] = Counter()
        for industry, rows in industries.items():
            if industry:  # a demand may show none
                wanted[region][top_of[int(industry)]] += rows
    return wanted


def count_of_institutions(institutions: Iterable[int]) -> ByKind:
    """The published achievements of each institution by kind. One statement, whose result is kept if they are many."""
    rows = Achievement.objects.published().filter(institution__in=list(institutions))
    counts = count_facets(rows, [_facet("cell", F("institution_id"), offered_kind())], {"cell": ()})
    return _by_kind(counts, "cell")


def in_order(counter: Mapping[str, int], kinds: Iterable[str]) -> Counts:
    return tuple((kind, counter[kind]) for kind in kinds if counter.get(kind))


def industry_skyline(tops: Iterable[Industry], offers: OfferCounts, needs: NeedCounts) -> Skyline:
    """One column for each industry, linked to its page and to both lists."""
    columns = [
        Column(
            name=top.name,
            url=reverse("industry_detail", args=[top.slug]),
            offered=in_order(offers.by_industry.get(top.pk, {}), OFFERED),
            needed=in_order(needs.by_industry.get(top.pk, {}), NEEDED),
            offered_url=f"{reverse('achievement_list')}?industry={top.slug}",
            needed_url=f"{reverse('demand_list')}?industry={top.slug}",
        )
        for top in tops
    ]
    return draw_skyline(columns)


def district_map(regions: Iterable[Region], needs: NeedCounts) -> TileMap:
    """The city's districts with the demands that show them; places come from the city package, by code."""
    places = {row.code: row for row in settings.CITY.regions}
    districts = []
    for region in regions:
        place = places.get(region.code)
        districts.append(
            District(
                name=(place.map_name if place else "") or region.name,
                full_name=region.name,
                url=reverse("district_detail", args=[region.code]),
                counts=in_order(needs.by_region.get(region.pk, {}), NEEDED),
                row=place.map_row if place else 0,
                column=place.map_column if place else 0,
            )
        )
    return draw_tiles(districts)


def _facet(name: str, source: Expression | F, kind: Expression) -> Facet:
    """Counts each pair of a key and a kind."""
    pair = Concat(Cast(source, TextField()), Value(" "), kind, output_field=TextField())
    return Facet(name, "", pair, ())


def _by_kind(counts: Counter, facet: str, top_of: Mapping[int, int] | None = None) -> ByKind:
    rows_of: ByKind = {}
    for (name, key), rows in counts.items():
        pk, _blank, kind = key.partition(" ") if name == facet and key else ("", "", "")
        if pk:
            top = int(pk) if top_of is None else top_of[int(pk)]
            rows_of.setdefault(top, Counter())[kind] += rows
    return rows_of
