"""Narrowing a list down: OR within a facet, AND across facets, and a true count beside every choice."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, F, Q, QuerySet
from django.http import QueryDict

LARGE = 1000
"""Rows counted through, from which counts may be a little old: one more or less is no news there, and counting takes
time, also where the facets ticked leave few."""
LARGE_IS_RECOUNTED_AFTER = 10  # seconds


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how the address writes it, what the database holds (any of `keys`), what people read."""

    value: str
    keys: tuple
    label: str


@dataclass(frozen=True)
class Facet:
    """A question the list can be asked, named as its GET parameter.

    `source`: the expression whose value is one of a choice's keys, or an array of keys when `is_array`.
    `hides_zero`: leave out what nothing has (long lists such as institutions, sorted by count then).
    """

    name: str
    label: str
    source: Expression | F
    choices: Sequence[Choice]
    is_array: bool = False
    hides_zero: bool = False
    is_open: bool = True

    @property
    def column(self) -> str:
        return f"facet_{self.name}"

    def chosen(self, params: QueryDict) -> list[Choice]:
        """The choices ticked in the address, in the facet's order; values nobody knows are ignored."""
        values = set(params.getlist(self.name))
        return [choice for choice in self.choices if choice.value in values]

    def condition(self, chosen: Sequence[Choice]) -> Q:
        lookup = "overlap" if self.is_array else "in"
        return Q(**{f"{self.column}__{lookup}": _keys(chosen)})


@dataclass
class Option:
    """A choice as the page shows it. `count`: rows it has under everything ticked in the other facets."""

    choice: Choice
    count: int
    is_chosen: bool


@dataclass
class FacetView:
    facet: Facet
    options: list[Option]
    without: int
    """How many rows there would be if nothing were ticked in this facet."""

    @property
    def chosen(self) -> list[Option]:
        return [option for option in self.options if option.is_chosen]

    @property
    def is_open(self) -> bool:
        return self.facet.is_open or bool(self.chosen)


@dataclass
class Narrowing:
    """A queryset under the facets of one request. Reading `views` and `total` costs one query together."""

    queryset: QuerySet
    facets: Sequence[Facet]
    params: QueryDict
    chosen: dict[str, list[Choice]] = field(init=False)

    def __post_init__(self):
        self.chosen = {facet.name: facet.chosen(self.params) for facet in self.facets}

    @property
    def rows(self) -> QuerySet:
        """The rows that pass every facet."""
        return self.of(self.queryset)

    def of(self, queryset: QuerySet) -> QuerySet:
        """Those of `queryset` that pass every facet."""
        asked = [facet for facet in self.facets if self.chosen[facet.name]]
        passed = Q()
        for facet in asked:
            passed &= facet.condition(self.chosen[facet.name])
        return queryset.alias(**{facet.column: facet.source for facet in asked}).filter(passed)

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
            if facet.hides_zero:
                options = [option for option in options if option.count or option.is_chosen]
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
    """Count every facet under the choices of the others, in one statement.

    Returns {(facet, key as text): rows}, {(ticked facet, None): rows without it}, {("", None): rows in all}. Facets in
    which nothing is ticked are counted under the same rows, so one pass with GROUPING SETS does for all of them; each
    ticked one needs a pass of its own. Small lists are counted every time; a large one at most every ten seconds.
    """
    columns = {facet.column: facet.source for facet in facets}
    try:
        base = queryset.order_by().annotate(**columns).values_list(*columns).query.sql_with_params()
    except EmptyResultSet:
        return Counter()
    ticked = [facet for facet in facets if chosen[facet.name]]
    passes = [_pass("", [facet for facet in facets if facet not in ticked], ticked, chosen)]
    passes += [_pass(one.name, [one], [other for other in ticked if other is not one], chosen) for one in ticked]
    statement = f"WITH base AS ({base[0]}) " + " UNION ALL ".join(sql for sql, _values in passes)
    parameters = [*base[1], *(value for _sql, values in passes for value in values)]
    remembered = "facets:" + sha256(repr((statement, parameters)).encode()).hexdigest()
    if (counts := cache.get(remembered)) is not None:
        return counts
    counts, arrays = Counter(), {facet.name for facet in facets if facet.is_array}
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(statement, parameters)
        for name, key, rows in cursor:
            for one_key in json.loads(key) if key and name in arrays else [key]:
                counts[name, one_key] += rows
    if max(rows for (_name, key), rows in counts.items() if key is None) >= LARGE:
        cache.set(remembered, counts, LARGE_IS_RECOUNTED_AFTER)
    return counts


def _pass(name: str, grouped: Sequence[Facet], under: Sequence[Facet], chosen: Mapping) -> tuple[str, list]:
    """One reading of `base`: (facet, key as text, rows) for each of `grouped`, and (`name`, NULL, rows) in all."""
    where = [f"{f.column}::text[] && %s::text[]" if f.is_array else f"{f.column} = ANY(%s)" for f in under]
    sets = "".join(f"({facet.column}), " for facet in grouped)
    names, keys = "", ""
    for facet in grouped:
        key = f"to_json({facet.column}::text[])::text" if facet.is_array else f"{facet.column}::text"
        nothing = "[]" if facet.is_array else "null"
        names += f"WHEN grouping({facet.column}) = 0 THEN '{facet.name}' "
        keys += f"WHEN grouping({facet.column}) = 0 THEN coalesce({key}, '{nothing}') "
    label = f"CASE {names}ELSE %s END" if grouped else "%s"
    key = f"CASE {keys}END" if grouped else "NULL"
    sql = f"SELECT {label}, {key}, count(*) FROM base"  # noqa: S608 the names are our own, the values are parameters
    sql += f" WHERE {' AND '.join(where)}" if where else ""
    return f"{sql} GROUP BY GROUPING SETS ({sets}())", [name, *(_keys(chosen[facet.name]) for facet in under)]


def _keys(choices: Sequence[Choice]) -> list:
    return [key for choice in choices for key in choice.keys]
