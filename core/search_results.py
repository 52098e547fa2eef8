"""Search results of a public list: query, facets, order and page as the URL states them, and links to other results."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, IntegerField, Model, QuerySet, Value, When
from django.db.models.expressions import OrderBy
from django.http import QueryDict

from core.facets import Facet, FacetedQuery, FacetView
from core.pagination import PAGE_SIZE
from search.bigrams import is_searchable, query_words

SORT_ALL_LIMIT = 200
"""Up to this number of rows sorting all of them is faster than a separate query for the best ones."""
LONGEST_QUERY = 100
NEWEST = ("-updated_at", "-pk")


@dataclass(frozen=True)
class Order:
    name: str
    label: str
    terms: Sequence[OrderBy | str]


def relevance(q: str, newest: Sequence[OrderBy | str] = NEWEST) -> Order:
    """Matches in the title first, then in the keywords, then in the text; the newest first within each."""
    lookup = "icontains" if q.lower() != q.upper() else "contains"  # case folding of many rows is slow
    place = Case(
        When(**{f"title__{lookup}": q}, then=Value(0)),
        When(keywords__icontains=q, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return Order("relevance", "相关度", (place.asc(), *newest))


def clean_query(text: str) -> str:
    """The typed query as one line of at most 100 characters, without invisible characters."""
    visible = "".join(" " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    return " ".join(visible.split())[:LONGEST_QUERY].strip()


class KeysetSlice:
    """Slices of a queryset in an order: primary keys are sorted and sliced first, then only these rows are read.

    `readable` reads the rows (with joins and prefetches), `matching` has the same rows without them. `first`, if given,
    contains the rows of `matching` that come first in the order. A frequent word has enough of them for the first
    pages, so that the remaining rows need no sorting by relevance, only by `newest`.
    """

    def __init__(
        self,
        readable: QuerySet,
        matching: QuerySet,
        order: Order,
        first: QuerySet | None = None,
        newest: Sequence[OrderBy | str] = NEWEST,
    ) -> None:
        self.newest = newest
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
        others = self._keys(self.matching.exclude(pk__in=first), self.newest)
        return first[part] + list(others[max(0, part.start - len(first)) : missing])

    @staticmethod
    def _keys(queryset: QuerySet, terms: Sequence[OrderBy | str]) -> QuerySet:
        return queryset.order_by(*terms).values_list("pk", flat=True)


class Ranked(Protocol):
    """The answer to the query, found and ordered elsewhere. `keys`: primary keys of the rows; `terms`: to highlight."""

    @property
    def keys(self) -> list[int]: ...

    @property
    def order(self) -> Order: ...

    @property
    def terms(self) -> list[str]: ...

    def explain(self, rows: Iterable[Model]) -> None:
        """Set `why` of each row."""


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    count: int = 0


class SearchResults:
    """A queryset searched, filtered, ordered and paginated by the URL parameters `q`, facet names, `sort` and `page`.

    `answer(q, queryset)` ranks the rows that answer a query; where it gives None, the rows that contain the query are
    listed. Unknown values are ignored, never an error. Costs two queries besides those for the facets' choices: counts
    and the rows of the page. `newest` is the order within equal relevance. A search by relevance costs up to three
    more, for names of organisations and the keys of the page.
    """

    def __init__(
        self,
        queryset: QuerySet,
        *,
        facets: Sequence[Facet],
        orders: Sequence[Order],
        params: QueryDict,
        newest: Sequence[OrderBy | str] = NEWEST,
        answer: Callable[[str, QuerySet], Ranked | None] | None = None,
    ) -> None:
        self.newest = newest
        self.q = clean_query(params.get("q", "")) if hasattr(queryset, "search") else ""
        self.is_search = is_searchable(self.q)
        self.is_too_short = bool(self.q) and not self.is_search
        self.is_cut = len(params.get("q", "")) > LONGEST_QUERY
        self.readable = queryset
        self.ranked = answer(self.q, queryset) if answer and self.is_search else None
        if self.ranked:
            matching, by_relevance = queryset.filter(pk__in=self.ranked.keys), self.ranked.order
        else:
            matching, by_relevance = queryset.search(self.q) if self.is_search else queryset, relevance(self.q, newest)
        self.faceted = FacetedQuery(matching, facets, params)
        self.orders = [by_relevance, *orders] if self.is_search else list(orders)
        self.order = next((order for order in self.orders if order.name == params.get("sort")), self.orders[0])
        self._requested_page = params.get("page", "")

    @property
    def total(self) -> int:
        return self.faceted.total

    @cached_property
    def facets(self) -> list[FacetView]:
        return self.faceted.views

    @cached_property
    def terms(self) -> list[str]:
        """The terms to highlight in titles and texts."""
        if self.ranked:
            return [self.q, *self.ranked.terms]
        return [self.q, *query_words(self.q)] if self.is_search else []

    @cached_property
    def page(self) -> Page:
        """The requested page; the first for an invalid number, the last for a number too high."""
        first = None
        if self.is_search and not self.ranked and self.order is self.orders[0] and self.total > SORT_ALL_LIMIT:
            first = self.faceted.filter(self.readable.search_headline(self.q))
        paginator: Paginator[Any] = Paginator(
            KeysetSlice(self.readable, self.faceted.rows, self.order, first, self.newest), PAGE_SIZE
        )
        paginator.count = self.total  # counted with the facets; saves a query
        try:
            number = int(self._requested_page)
        except ValueError:
            number = 1
        page = paginator.page(min(max(number, 1), paginator.num_pages))
        for row in page.object_list:
            row.why = ""  # a template that asks for an attribute that is missing takes half a millisecond
        if self.ranked:
            self.ranked.explain(page.object_list)
        return page

    @property
    def page_links(self) -> list[Link]:
        """Page numbers of the pager; an ellipsis has no URL."""
        paginator = self.page.paginator
        numbers = paginator.get_elided_page_range(self.page.number, on_each_side=2, on_ends=1)
        return [Link(str(n), self.url(page=n) if isinstance(n, int) else "") for n in numbers]

    @property
    def previous_url(self) -> str:
        return self.url(page=self.page.number - 1) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self.url(page=self.page.number + 1) if self.page.has_next() else ""

    @property
    def chosen_links(self) -> list[Link]:
        """A link for each chosen value, to the results without it."""
        return [
            Link(option.choice.label, self.url(without=(view.facet.name, option.choice.value)))
            for view in self.facets
            for option in view.chosen
        ]

    @property
    def broader_links(self) -> list[Link]:
        """For an empty list: links that drop one facet and have results, the most results first."""
        links = [
            Link("、".join(option.choice.label for option in view.chosen), self.url(drop=view.facet.name), view.without)
            for view in self.facets
            if view.chosen and view.without
        ]
        return sorted(links, key=lambda link: -link.count)

    @property
    def clear_url(self) -> str:
        """The results for the query alone."""
        return "?" + urlencode({"q": self.q} if self.q else {})

    def url(self, *, page: int = 1, without: tuple[str, str] = ("", ""), drop: str = "") -> str:
        """The query string of these results at `page`, `without` one (facet, value), or with one facet dropped."""
        pairs = [("q", self.q)] if self.q else []
        pairs += [
            (name, choice.value)
            for name, chosen in self.faceted.chosen.items()
            for choice in chosen
            if name != drop and (name, choice.value) != without
        ]
        if self.order is not self.orders[0]:
            pairs.append(("sort", self.order.name))
        if page > 1:
            pairs.append(("page", str(page)))
        return "?" + urlencode(pairs)
