"""Narrowing a list down: OR within a facet, AND across facets, and a true count beside every choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Expression, F, Q, QuerySet
from django.http import QueryDict


@dataclass(frozen=True)
class Choice:
    """One value of a facet: how the address writes it, what the database holds, what people read."""

    value: str
    key: object
    label: str


@dataclass(frozen=True)
class Facet:
    """A question the list can be asked, named as its GET parameter.

    `source`: the expression whose value is compared with a choice's key; an array of keys when `is_array`.
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
        return Q(**{f"{self.column}__{lookup}": [choice.key for choice in chosen]})


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
        self.queryset = self.queryset.annotate(**{facet.column: facet.source for facet in self.facets})
        self.chosen = {facet.name: facet.chosen(self.params) for facet in self.facets}
        self._counts = None

    @property
    def rows(self) -> QuerySet:
        """The rows that pass every facet."""
        passed = Q()
        for facet in self.facets:
            if self.chosen[facet.name]:
                passed &= facet.condition(self.chosen[facet.name])
        return self.queryset.filter(passed)

    @property
    def total(self) -> int:
        return self._read()["", None]

    @property
    def views(self) -> list[FacetView]:
        counts = self._read()
        views = []
        for facet in self.facets:
            options = [
                Option(choice, counts.get((facet.name, str(choice.key)), 0), choice in self.chosen[facet.name])
                for choice in facet.choices
            ]
            if facet.hides_zero:
                options = [option for option in options if option.count or option.is_chosen]
                options.sort(key=lambda option: -option.count)
            views.append(FacetView(facet, options, counts[facet.name, None]))
        return views

    def _read(self) -> Mapping[tuple[str, str | None], int]:
        """{(facet, key as text): count}, {(facet, None): count without that facet}, {("", None): total}."""
        if self._counts is None:
            self._counts = count_facets(self.queryset, self.facets, self.chosen)
        return self._counts


def count_facets(
    queryset: QuerySet, facets: Sequence[Facet], chosen: Mapping[str, Sequence[Choice]]
) -> dict[tuple[str, str | None], int]:
    """Count every facet under the choices of the others in one statement that reads the table once.

    The narrow columns of all candidate rows are materialised, then grouped once per facet.
    """
    empty = {(name, None): 0 for name in ["", *(facet.name for facet in facets)]}
    try:
        base, parameters = queryset.order_by().values_list(*(facet.column for facet in facets)).query.sql_with_params()
    except EmptyResultSet:
        return empty
    branches, arguments = [], list(parameters)
    for name, _none in empty:
        where, values = _where([f for f in facets if f.name != name and chosen[f.name]], chosen)
        branches.append(f"SELECT %s, NULL, count(*) FROM base WHERE {where}")  # noqa: S608 the names are our own
        arguments += [name, *values]
    for facet in facets:
        where, values = _where([f for f in facets if f is not facet and chosen[f.name]], chosen)
        key = f"unnest({facet.column})" if facet.is_array else facet.column
        where = f"{facet.column} IS NOT NULL AND {where}"
        branches.append(f"SELECT %s, {key}::text, count(*) FROM base WHERE {where} GROUP BY 2")  # noqa: S608
        arguments += [facet.name, *values]
    statement = f"WITH base AS MATERIALIZED ({base}) " + " UNION ALL ".join(branches)
    with connections[queryset.db].cursor() as cursor:
        cursor.execute(statement, arguments)
        return empty | {(name, key): count for name, key, count in cursor}


def _where(facets: Sequence[Facet], chosen: Mapping[str, Sequence[Choice]]) -> tuple[str, list]:
    tests = [f"{f.column}::text[] && %s::text[]" if f.is_array else f"{f.column} = ANY(%s)" for f in facets]
    return " AND ".join(tests) or "true", [[choice.key for choice in chosen[f.name]] for f in facets]
