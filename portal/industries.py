"""What the public page of an industry shows: its chain link by link, who works on it, what supports it.

The links come from the city package (`industry_chains.csv`). A title or keyword with one of a link's words puts an item
there, the last such link of the chain counts. It is a grouping to browse by, not an assessment, and the page says so.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Case, F, Func, IntegerField, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import IRegex

from accounts.models import Organisation
from achievements.models import Achievement
from achievements.public_orders import OFFER_FIRST
from cities import ChainLinkRow
from core.facets import Facet, count_facets
from demands.models import Demand
from demands.public_facts import NEWEST_DAYS, SAYS_BRANCH, SAYS_INDUSTRY
from mechanism.models import Base, Policy
from mechanism.policy_hints import current_policies
from portal.drawings.skyline import NEEDED, OFFERED, Column, Skyline, draw_skyline
from portal.institutions import listed_institutions
from portal.public_pictures import in_order, needed_kind, offered_kind
from taxonomy.models import Industry

READ_ROWS = 120
"""Newest rows of the industry among which each link finds its own."""
SHOWN, INSTITUTIONS_SHOWN, POLICIES_SHOWN, BASES_SHOWN = 4, 12, 4, 8
NO_LINK = "其他"


@dataclass
class ChainLink:
    """A link with its newest items. `number` from 1 on; 0 for what no word puts anywhere."""

    number: int
    name: str
    offered: Counter[str] = field(default_factory=Counter)
    needed: Counter[str] = field(default_factory=Counter)
    achievements: list[Achievement] = field(default_factory=list)
    demands: list[Demand] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not self.offered and not self.needed

    @property
    def offered_count(self) -> int:
        return self.offered.total()

    @property
    def needed_count(self) -> int:
        return self.needed.total()


@dataclass(frozen=True)
class IndustryChain:
    """`institutions`: (institution, its published achievements here), the fullest first."""

    links: list[ChainLink]
    achievement_count: int
    demand_count: int
    institutions: list[tuple[Organisation, int]]

    @property
    def skyline(self) -> Skyline:
        return draw_skyline(
            Column(
                name=link.name,
                url="" if link.is_empty else f"#link-{link.number}",
                offered=in_order(link.offered, OFFERED),
                needed=in_order(link.needed, NEEDED),
            )
            for link in self.links
        )


def industry_chain(keys: Sequence[int], slug: str) -> IndustryChain:
    """The chain of an industry of the first level; `keys`: it and its subdivisions. Five queries."""
    rows = [row for row in settings.CITY.chain_links if row.industry == slug]
    links = {number: ChainLink(number, row.name) for number, row in enumerate(rows, 1)}
    links[0] = ChainLink(0, NO_LINK if rows else "")
    place = _link_number(rows)
    achievements = Achievement.objects.published().filter(industry__in=keys)
    demands = Demand.objects.published().filter(SAYS_INDUSTRY | SAYS_BRANCH, industry__in=keys)
    kinds = {"offered": (achievements, offered_kind()), "needed": (demands, needed_kind())}
    counted = {}
    for name, (queryset, kind) in kinds.items():
        cell = Concat(Cast(place, TextField()), Value(" "), kind, output_field=TextField())
        facets = [Facet("cell", "", cell, ())]
        if name == "offered":
            facets.append(Facet("institution", "", F("institution_id"), ()))
        counted[name] = counts = count_facets(queryset, facets, {facet.name: () for facet in facets})
        for (facet, key), number in counts.items():
            if facet == "cell" and key:
                link, _blank, style = key.partition(" ")
                getattr(links[int(link)], name)[style] += number
    _add_newest(links, achievements, demands, place)
    ordered = [links[number] for number in (*range(1, len(rows) + 1), 0) if number or not links[0].is_empty]
    return IndustryChain(
        ordered, counted["offered"]["", None], counted["needed"]["", None], _institutions(counted["offered"])
    )


def industry_policies(name: str) -> list[Policy]:
    """Policies in force that name the industry in a condition, then those that name none. One query."""
    named, general = [], []
    for policy in current_policies():
        values = [
            re.split("[、,，;；]", row.value) for row in policy.loaded_conditions if row.field == "industry"
        ]  # fmt: skip
        if any(name in words for words in values):
            named.append(policy)
        elif not values:
            general.append(policy)
    return [*named, *general][:POLICIES_SHOWN]


def industry_bases(keys: Sequence[int]) -> QuerySet[Base]:
    rows = Base.objects.listed().filter(fields__in=keys).distinct()
    return rows.order_by("name")[:BASES_SHOWN]


def industry_keys(industry: Industry) -> list[int]:
    """The industry and its subdivisions. One query."""
    return [industry.pk, *industry.children.values_list("pk", flat=True)]


def _link_number(rows: Sequence[ChainLinkRow]) -> Case:
    """The number of the last link of which a row's title or keywords have a word; else 0."""
    keywords = Func(F("keywords"), Value("、"), function="array_to_string", output_field=TextField())
    text = Concat(F("title"), Value("、"), keywords, output_field=TextField())
    whens = [
        When(IRegex(text, "|".join(map(re.escape, row.words))), then=Value(number))
        for number, row in enumerate(rows, 1)
    ]
    return Case(*reversed(whens), default=Value(0), output_field=IntegerField())


def _add_newest(
    links: dict[int, ChainLink], achievements: QuerySet[Achievement], demands: QuerySet[Demand], place: Case
) -> None:
    offered = achievements.select_related("institution").order_by(*OFFER_FIRST).annotate(chain_link=place)
    for achievement in offered[:READ_ROWS]:
        shown = links[achievement.chain_link].achievements
        if len(shown) < SHOWN:
            shown.append(achievement)
    for demand in demands.select_related("firm").order_by(*NEWEST_DAYS).annotate(chain_link=place)[:READ_ROWS]:
        needs = links[demand.chain_link].demands
        if len(needs) < SHOWN:
            needs.append(demand)


def _institutions(counts: Counter) -> list[tuple[Organisation, int]]:
    numbers = {int(key): rows for (name, key), rows in counts.items() if name == "institution" and key}
    rows = listed_institutions().in_bulk(sorted(numbers, key=lambda pk: (-numbers[pk], pk))[:INSTITUTIONS_SHOWN])
    return sorted(((row, numbers[pk]) for pk, row in rows.items()), key=lambda line: (-line[1], line[0].name))
