"""Faceted filtering of a queryset: OR within a facet, AND across facets, with a count for every choice."""

import json
import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.core.cache import caches
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, F, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

CACHE_COUNTS_FROM = 1000
"""Counts of at least this many rows are cached: counting them is slow, and being off by one does not matter there."""
CACHE_SECONDS = 10
ROWS_A_SECOND = 1000
"""The more rows are counted, the longer the count is kept: a second for each thousand. Its error stays as small."""

SHOWN_AT_ONCE, FEW_MORE = 8, 6
"""Of a list longer than both together the page shows the beginning; the rest is unfolded. So 产业链 (12) and 区市县
(13) stand whole."""

counts_end: ContextVar[float] = ContextVar("counts_end", default=math.inf)
"""When the first of the kept counts ends that were used since this was set; what shows them is not kept for longer."""


@dataclass(frozen=True)
class Choice:
    """One choice of a facet: `value` in the URL, the database values `keys` (any of them matches), the label."""

    value: str
    keys: tuple
    label: str


@dataclass(frozen=True)
class Facet:
    """A filter of a list. `name` is its GET parameter.

    `source`: the expression whose value is one of a choice's keys, or an array of keys if `is_array`.
    `by_count`: the choice with the most rows first, for long lists such as institutions. Choices without rows are left
    out everywhere.
    `is_open`: whether the page shows the choices unfolded. `list_name`, `list_label`: URL name and text of a link to a
    page about the choices.
    """

    name: str
    label: str
    source: Expression | F
    choices: Sequence[Choice]
    is_array: bool = False
    by_count: bool = False
    is_open: bool = True
    list_name: str = ""
    list_label: str = ""

    @property
    def column(self) -> str:
        return f"facet_{self.name}"

    def chosen(self, params: QueryDict) -> list[Choice]:
        """The choices named in the URL, in the facet's order; unknown values are ignored."""
        values = set(params.getlist(self.name))
        return [choice for choice in self.choices if choice.value in values]

    def condition(self, chosen: Sequence[Choice]) -> Q:
        lookup = "overlap" if self.is_array else "in"
        return Q(**{f"{self.column}__{lookup}": _keys(chosen)})


@dataclass
class Option:
    """A choice as the page shows it. `count`: the rows it has under the chosen values of the other facets."""

    choice: Choice
    count: int
    is_chosen: bool


@dataclass
class FacetView:
    facet: Facet
    options: list[Option]
    without: int
    """The number of rows if nothing were chosen in this facet."""

    @property
    def chosen(self) -> list[Option]:
        return [option for option in self.options if option.is_chosen]

    @property
    def is_open(self) -> bool:
        return self.facet.is_open or bool(self.chosen)

    @property
    def first(self) -> list[Option]:
        """What a long list shows at once: its beginning, and what is chosen further down."""
        if len(self.options) <= SHOWN_AT_ONCE + FEW_MORE:
            return self.options
        return [option for place, option in enumerate(self.options) if place < SHOWN_AT_ONCE or option.is_chosen]

    @property
    def rest(self) -> list[Option]:
        """What stands behind 显示全部."""
        shown = {option.choice.value for option in self.first}
        return [option for option in self.options if option.choice.value not in shown]


@dataclass
class FacetedQuery:
    """A queryset filtered by the facets of a request. `views` and `total` cost one query together."""

    queryset: QuerySet
    facets: Sequence[Facet]
    params: QueryDict
    chosen: dict[str, list[Choice]] = field(init=False)

    def __post_init__(self) -> None:
        self.chosen = {facet.name: facet.chosen(self.params) for facet in self.facets}

    @property
    def rows(self) -> QuerySet:
        """The rows that satisfy all facets."""
        return self.filter(self.queryset)

    def filter(self, queryset: QuerySet) -> QuerySet:
        """Another queryset of the same model, filtered by the chosen values of all facets."""
        active = [facet for facet in self.facets if self.chosen[facet.name]]
        condition = Q()
        for facet in active:
            condition &= facet.condition(self.chosen[facet.name])
        return queryset.alias(**{facet.column: facet.source for facet in active}).filter(condition)

    @property
    def total(self) -> int:
        return self._counts["", None]

    @cached_property
    def views(self) -> list[FacetView]:
        views = []
        for facet in self.facets:
            options = [
                Option(choice, self._count(facet, choice), choice in self.chosen[facet.name])
                for choice in facet.choices
            ]
            options = [option for option in options if option.count or option.is_chosen]
            if facet.by_count:
                options.sort(key=lambda option: -option.count)
            without = self._counts[facet.name, None] if self.chosen[facet.name] else self.total
            views.append(FacetView(facet, options, without))
        return views

    def _count(self, facet: Facet, choice: Choice) -> int:
        return sum(self._counts[facet.name, str(key)] for key in choice.keys)

    @cached_property
    def _counts(self) -> Counter:
        return count_facets(self.queryset, self.facets, self.chosen)


def count_facets(queryset: QuerySet, facets: Sequence[Facet], chosen: Mapping[str, Sequence[Choice]]) -> Counter:
    """Count the choices of every facet under the chosen values of the other facets, in one statement.

    Returns a Counter with the keys (facet, key as text): rows; (active facet, None): rows without this facet;
    ("", None): all rows. Facets without chosen values are counted under the same rows, so one SELECT with GROUPING SETS
    counts all of them; each active facet needs a SELECT of its own. Large counts are cached, the larger the longer.
    """
    columns = {facet.column: facet.source for facet in facets}
    try:
        base = queryset.order_by().annotate(**columns).values_list(*columns).query.sql_with_params()
    except EmptyResultSet:
        return Counter()
    active = [facet for facet in facets if chosen[facet.name]]
    selects = [_counting_select("", [facet for facet in facets if facet not in active], active, chosen)]
    selects += [
        _counting_select(facet.name, [facet], [other for other in active if other is not facet], chosen)
        for facet in active
    ]
    statement = f"WITH base AS ({base[0]}) " + " UNION ALL ".join(sql for sql, _values in selects)
    parameters = [*base[1], *(value for _sql, values in selects for value in values)]
    cache_key = "facets:" + sha256(repr((statement, parameters)).encode()).hexdigest()
    if (kept := _kept_count(cache_key)) is not None:
        return kept
    counts: Counter = Counter()
    arrays = {facet.name for facet in facets if facet.is_array}
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(statement, parameters)
        for name, key, rows in cursor:
            for element in json.loads(key) if key and name in arrays else [key]:
                counts[name, element] += rows
    _keep_count(cache_key, counts, max(rows for (_name, key), rows in counts.items() if key is None))
    return counts


def count_rows(queryset: QuerySet) -> int:
    """The number of rows; a large one may be as old as the counts of facets."""
    try:
        statement = queryset.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    cache_key = "rows:" + sha256(repr((queryset.db, statement)).encode()).hexdigest()
    rows: int | None = _kept_count(cache_key)
    if rows is None:
        rows = queryset.count()
        _keep_count(cache_key, rows, rows)
    return rows


def end_with(moment: datetime | None) -> None:
    """A kept copy of this answer ends at this moment, when something on it closes."""
    if moment and (seconds := (moment - timezone.now()).total_seconds()) > 0:
        counts_end.set(min(counts_end.get(), time.monotonic() + seconds))


def _keep_count(cache_key: str, counted: Counter | int, rows: int) -> None:
    if rows >= CACHE_COUNTS_FROM:
        seconds = max(CACHE_SECONDS, rows // ROWS_A_SECOND)
        caches["process"].set(cache_key, (counted, time.monotonic() + seconds), seconds)


def _kept_count(cache_key: str) -> Any:
    counted, ends_at = caches["process"].get(cache_key) or (None, math.inf)
    counts_end.set(min(counts_end.get(), ends_at))
    return counted


def _counting_select(
    name: str, grouped: Sequence[Facet], under: Sequence[Facet], chosen: Mapping[str, Sequence[Choice]]
) -> tuple[str, list]:
    """A SELECT on `base`, filtered by the facets `under`, and its parameters.

    Its rows are (facet, key as text, count) for each of `grouped`, and (`name`, NULL, count of all).
    """
    where = [f"{f.column}::text[] && %s::text[]" if f.is_array else f"{f.column} = ANY(%s)" for f in under]
    sets = "".join(f"({facet.column}), " for facet in grouped)
    names, keys = "", ""
    for facet in grouped:
        key = f"to_json({facet.column}::text[])::text" if facet.is_array else f"{facet.column}::text"
        empty = "[]" if facet.is_array else "null"
        names += f"WHEN grouping({facet.column}) = 0 THEN '{facet.name}' "
        keys += f"WHEN grouping({facet.column}) = 0 THEN coalesce({key}, '{empty}') "
    label = f"CASE {names}ELSE %s END" if grouped else "%s"
    key = f"CASE {keys}END" if grouped else "NULL"
    sql = f"SELECT {label}, {key}, count(*) FROM base"  # noqa: S608 names come from the code, values are parameters
    sql += f" WHERE {' AND '.join(where)}" if where else ""
    return f"{sql} GROUP BY GROUPING SETS ({sets}())", [name, *(_keys(chosen[facet.name]) for facet in under)]


def _keys(choices: Sequence[Choice]) -> list:
    return [key for choice in choices for key in choice.keys]
