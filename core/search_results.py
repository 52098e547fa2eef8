"""One reading of a public list: what was asked, what was found, and the addresses that lead on from there."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.db.models.expressions import OrderBy
from django.http import QueryDict
from django.utils.translation import gettext as _

from core.facets import Facet, FacetView, Narrowing
from core.pagination import PAGE_SIZE
from search.bigrams import is_searchable, query_words

FEW = 200
"""Rows that are sorted sooner than those of them that come first are found on their own."""
LONGEST_QUERY = 100
NEWEST = ("-updated_at", "-pk")


@dataclass(frozen=True)
class Order:
    name: str
    label: str
    terms: Sequence[OrderBy | str]


def relevance(q: str) -> Order:
    """Found in the title before the keywords before the text; the newest first among equals."""
    lookup = "icontains" if q.lower() != q.upper() else "contains"  # folding the case of many hits takes its time
    place = Case(
        When(**{f"title__{lookup}": q}, then=Value(0)),
        When(keywords__icontains=q, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return Order("relevance", _("相关度"), (place.asc(), *NEWEST))


def clean_query(text: str) -> str:
    """What somebody typed as one line of at most 100 characters, without what cannot be seen."""
    seen = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(seen.split())[:LONGEST_QUERY].strip()


class CutByKey:
    """The slices of `matching` in an order, sorted and cut by keys alone before `readable`'s wide rows are read.

    `first`, when given, are those rows of `matching` that the order puts before all others, found on their own: a
    common word has enough of them for the first pages, and the many others are not sorted.
    """

    def __init__(self, readable: QuerySet, matching: QuerySet, order: Order, first: QuerySet | None = None):
        self.readable, self.matching, self.order, self.first = readable, matching, order, first

    def __getitem__(self, part: slice) -> list:
        if self.first is None:
            keys = self._keys(self.matching, self.order.terms)[part]
            return list(self.readable.filter(pk__in=keys).order_by(*self.order.terms))
        keys = self._first_keys(part)
        rows = self.readable.in_bulk(keys)
        return [rows[key] for key in keys if key in rows]

    def _first_keys(self, part: slice) -> list[int]:
        first = list(self._keys(self.first, self.order.terms)[: part.stop])
        missing = part.stop - len(first)
        if not missing:
            return first[part]
        others = self._keys(self.matching.exclude(pk__in=first), NEWEST)
        return first[part] + list(others[max(0, part.start - len(first)) : missing])

    @staticmethod
    def _keys(queryset: QuerySet, terms: Sequence) -> QuerySet:
        return queryset.order_by(*terms).values_list("pk", flat=True)


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    count: int = 0


class DemandResult:
    """A queryset read as the address asks: `q`, one parameter per facet, `sort`, `page`. Nothing asked is an error.

    Costs two queries beside those of the facets' own choices: the counts, and the rows of the page; a search by
    relevance up to three more, for names of organisations and for the keys of the page.
    """

    def __init__(self, queryset: QuerySet, *, facets: Sequence[Facet], orders: Sequence[Order], params: QueryDict):
        self.q = clean_query(params.get("q", "")) if hasattr(queryset, "search") else ""
        self.is_search = is_searchable(self.q)
        self.is_too_short = bool(self.q) and not self.is_search
        self.readable = queryset
        self.narrowing = Narrowing(queryset.search(self.q) if self.is_search else queryset, facets, params)
        self.orders = [relevance(self.q), *orders] if self.is_search else list(orders)
        self.order = next((one for one in self.orders if one.name == params.get("sort")), self.orders[0])
        self._page_asked = params.get("page", "")

    @property
    def total(self) -> int:
        return self.narrowing.total

    @cached_property
    def facets(self) -> list[FacetView]:
        return self.narrowing.views

    @cached_property
    def terms(self) -> list[str]:
        """What to mark in titles and texts."""
        return [self.q, *query_words(self.q)] if self.is_search else []

    @cached_property
    def page(self) -> Page:
        """The page asked for; the first for nonsense, the last for a number too high."""
        first = None
        if self.is_search and self.order is self.orders[0] and self.total > FEW:
            first = self.narrowing.of(self.readable.search_headline(self.q))
        paginator = Paginator(CutByKey(self.readable, self.narrowing.rows, self.order, first), PAGE_SIZE)
        paginator.count = self.total  # known from the facets: no query of its own
        try:
            number = int(self._page_asked)
        except ValueError:
            number = 1
        return paginator.page(min(max(number, 1), paginator.num_pages))

    @property
    def pages(self) -> list[Link]:
        """The numbers of the pager; a gap has no address."""
        paginator = self.page.paginator
        shown = paginator.get_elided_page_range(self.page.number, on_each_side=2, on_ends=1)
        return [Link(str(n), self.url(page=n) if isinstance(n, int) else "") for n in shown]

    @property
    def previous_url(self) -> str:
        return self.url(page=self.page.number - 1) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self.url(page=self.page.number + 1) if self.page.has_next() else ""

    @property
    def chips(self) -> list[Link]:
        """One link for each ticked choice: it leads to the list without it."""
        return [
            Link(option.choice.label, self.url(without=(view.facet.name, option.choice.value)))
            for view in self.facets
            for option in view.chosen
        ]

    @property
    def ways_out(self) -> list[Link]:
        """When nothing was found: the facets without which something would be, the most first."""
        links = [
            Link("、".join(option.choice.label for option in view.chosen), self.url(drop=view.facet.name), view.without)
            for view in self.facets
            if view.chosen and view.without
        ]
        return sorted(links, key=lambda link: -link.count)

    @property
    def clear_url(self) -> str:
        """The list with the search word only."""
        return "?" + urlencode({"q": self.q} if self.q else {})

    def url(self, *, page: int = 1, without: tuple[str, str] = ("", ""), drop: str = "") -> str:
        """The address of this finding as a query string, at another page or with less ticked."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [
            (name, choice.value)
            for name, chosen in self.narrowing.chosen.items()
            for choice in chosen
            if name != drop and (name, choice.value) != without
        ]
        if self.order is not self.orders[0]:
            pairs.append(("sort", self.order.name))
        if page > 1:
            pairs.append(("page", str(page)))
        return "?" + urlencode(pairs)
