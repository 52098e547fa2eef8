"""The search page: one query over all kinds, the best few of each, and where the rest is."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Model, QuerySet, Window
from django.urls import reverse

from accounts.models import User
from achievements.models import Achievement
from demands.models import Demand
from mechanism.models import Base, Policy
from portal.districts import demands_of_district
from portal.institutions import listed_institutions
from portal.search import sounds
from portal.search.collection import Collection
from portal.search.districts import NamedDistricts, named_districts
from portal.search.folding import fold
from portal.search.index import SEARCH_INDEX, SearchIndex
from portal.search.query import Query, understand
from portal.search.ranking import WEAK, rank
from portal.search.reasons import explain
from portal.search.results import Kind, are_too_many, find, highlighted_terms, literal_only

SHOWN = 5
"""Rows of a section; the lists have the rest."""


@dataclass
class Entry:
    """A line of a section of a small kind."""

    title: str
    url: str
    why: str
    detail: str = ""


@dataclass
class Section:
    """The hits of one kind. `rows`: records of the two large kinds; `entries`: lines of the small ones.

    `url`: the list with all hits, or "".
    """

    name: str
    label: str
    total: int
    rows: list[Any] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    url: str = ""


@dataclass
class Everywhere:
    """What one query gives. `note`: how it was understood; `terms`: to highlight; `is_weak` as in `Answer`."""

    sections: list[Section]
    note: str = ""
    terms: list[str] = field(default_factory=list)
    is_weak: bool = False

    @property
    def total(self) -> int:
        return sum(section.total for section in self.sections)


def find_everywhere(q: str, user: User | AnonymousUser) -> Everywhere:
    """Search all kinds for `q` (cleaned, two characters or more).

    The name of a district is looked for as it stands: no technical word is guessed behind it.
    """
    named = named_districts(q)
    achievements = Achievement.objects.visible_to(user).published().select_related("institution", "industry")
    demands = Demand.objects.visible_to(user).published().select_related("firm__stat_region", "industry__parent")
    offers = achievements.prefetch_related("intellectual_property")
    large = [
        _large("achievements", "成果", "achievement_list", q, offers, as_written=named.is_whole),
        _large("demands", "需求", "demand_list", q, demands, as_written=named.is_whole),
    ]
    districts = _districts(named, demands)
    everywhere = Everywhere([section for section in (districts, *(row for row, _answer in large)) if section.total])
    answers = [answer for _section, answer in large if answer]
    if answers:
        everywhere.note, everywhere.terms = answers[0].note, answers[0].terms
        # A kind without an answer was looked for literally: its rows contain the query.
        is_literal = any(section.total and not answer for section, answer in large)
        everywhere.is_weak = not is_literal and all(answer.is_weak or not answer.hits for answer in answers)
    index = None if literal_only(q) else SEARCH_INDEX.current_or_none()
    if index is not None:
        query = Query(q, fold(q), fold(q)) if named.is_whole else understand(q, index)
        small = _small_sections(query, index)
        everywhere.sections += [section for section in small if section.total]
        everywhere.is_weak = everywhere.is_weak and not any(section.total for section in small)
        everywhere.terms = everywhere.terms or highlighted_terms(query)
    everywhere.is_weak = everywhere.is_weak and everywhere.total > 0 and not districts.total
    return everywhere


def _districts(named: NamedDistricts, demands: QuerySet[Demand]) -> Section:
    """One query for each district that is shown."""
    entries = [
        Entry(
            region.name,
            reverse("district_detail", args=[region.code]),
            why,
            f"公开的需求 {demands_of_district(demands, region).count()} 项",
        )
        for region, why in named.rows[:SHOWN]
    ]
    return Section("districts", "区市县", len(named.rows), entries=entries, url=reverse("district_list"))


def _large(kind: Kind, label: str, list_name: str, q: str, rows: QuerySet, *, as_written: bool) -> tuple[Section, Any]:
    url = f"{reverse(list_name)}?{urlencode({'q': q})}"
    literal = rows.search(q)
    total, keys = _first_of(literal)
    answer = None if as_written or are_too_many(q, total) else find(kind, q, rows, literal)
    if answer is None:
        shown = list(rows.filter(pk__in=keys))
    else:
        matching = rows.filter(pk__in=answer.keys)
        shown = list(matching.order_by(*answer.order.terms)[:SHOWN])
        total = matching.count() if len(shown) == SHOWN else len(shown)
    for row in shown:  # a template that asks for an attribute that is missing takes half a millisecond
        row.why, row.comparison = "", None
    if answer:
        answer.explain(shown)
    return Section(kind, label, total, rows=shown, url=url), answer


def _first_of(rows: QuerySet) -> tuple[int, list[int]]:
    """How many rows there are, and the primary keys of the first ones; they are searched once for both."""
    first = list(rows.values_list("pk", Window(Count("pk")))[:SHOWN])
    return (first[0][1] if first else 0), [key for key, _total in first]


def _small_sections(query: Query, index: SearchIndex) -> list[Section]:
    institutions, people = _institutions(query, index), _people(query, index)
    bases = _entries(query, index.bases, Base.objects.visible_to(AnonymousUser()).listed(), "base_detail")
    policies = _entries(query, index.policies, Policy.objects.visible_to(AnonymousUser()), "policy_detail")
    return [
        Section("institutions", "高校院所", len(institutions), entries=institutions[:SHOWN]),
        Section("people", "负责人和完成人", len(people), entries=people[:SHOWN]),
        Section("bases", "中试基地", len(bases), entries=bases[:SHOWN], url=reverse("base_list")),
        Section("policies", "政策", len(policies), entries=policies[:SHOWN], url=reverse("policy_list")),
    ]


def _institutions(query: Query, index: SearchIndex) -> list[Entry]:
    keys = [query.institution] if query.institution is not None else []
    if not keys and len(query.folded) > 1:
        keys = list(dict.fromkeys(key for name, key in index.institution_names.items() if query.folded in name))
    rows = listed_institutions().in_bulk(keys)
    name = query.institution_name or query.written
    return [
        Entry(
            rows[key].name,
            reverse("institution_detail", args=[rows[key].public_id]),
            f"“{name}”是它的名称或简称",
            f"公开成果 {len(index.achievements.owned.get(key, ()))} 项",
        )
        for key in keys
        if key in rows
    ]


def _people(query: Query, index: SearchIndex) -> list[Entry]:
    """Leads and completers by name, also by its sound."""
    sound = sounds.typed_letters(query.folded) if query.folded.isascii() else ""
    wanted = query.person or query.folded.replace(" ", "")
    entries = []
    for name, count in index.people:
        folded = fold(name)
        is_alike = bool(sound) and len(sound) > 4 and (folded, 1.0) in index.vocabulary.by_sound(sound)
        if folded == wanted or is_alike:
            why = f"名字是“{name}”" if folded == wanted else f"按拼音读作“{name}”"
            url = f"{reverse('achievement_list')}?{urlencode({'q': name})}"
            entries.append(Entry(name, url, why, f"参加的公开成果 {count} 项"))
    return entries


def _entries(query: Query, collection: Collection, rows: QuerySet, url_name: str) -> list[Entry]:
    literal = {collection.documents[row].pk for row in collection.rows_with(query.folded)}
    hits = [hit for hit in rank(query, collection, literal) if hit.how != "meaning" or hit.score >= WEAK]
    records: dict[int, Model] = rows.in_bulk([hit.pk for hit in hits])
    return [
        Entry(
            str(records[hit.pk]),
            reverse(url_name, args=[records[hit.pk].public_id]),  # type: ignore[attr-defined]
            explain(hit, query, collection),
        )
        for hit in hits
        if hit.pk in records
    ]
