"""Counts figures and splits them by dimension or time. Value and rows come from the same queryset.

`FigureResults` answers many queries together: queries over the same rows share one SQL statement.
"""

from collections.abc import Callable, Iterable
from dataclasses import astuple, dataclass, replace
from datetime import date
from functools import cache
from hashlib import sha256
from typing import Protocol

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import ExtractMonth, ExtractQuarter, ExtractYear, TruncMonth
from django.utils import timezone

from accounts.models import Organisation, Region, User
from brokers.models import Agency
from core.scope import scope_of
from mechanism.kpi.aggregation import (
    AggregatedTotals,
    AggregationRequest,
    aggregate_rows,
    aggregate_with_statement,
)
from mechanism.kpi.definition_versions import ANY_PERIOD
from mechanism.kpi.definitions import DIMENSIONS, FigureDefinition
from mechanism.kpi.kept_totals import KeptTotals, Statement, key_of
from mechanism.kpi.period import Period, parse_period, year_period
from mechanism.kpi.query_scope import FigureScope, value_name
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.totals import FigureValue, SplitLine, Totals, parts_of, value_of
from mechanism.models import RateRule
from rounds.models import DockingRound
from taxonomy.models import Industry

USER_DIMENSIONS = ("region", "institution")
"""By which the rows of a user are limited."""
SERIES, NEW, ENDING = "series", "new", "ending"
TIME_EXTRACTS = {"year": ExtractYear, "quarter": ExtractQuarter, "month": ExtractMonth}


@dataclass(frozen=True)
class FigureQuery:
    """A figure as a whole, or split `by` a dimension or "year", "quarter", "month"; `with_parts` counts its parts.

    For forecasts it is split by SERIES, the months of several years. By NEW the rows dated after `day` are told from
    the others, by ENDING those of a snapshot figure that count at `day` and whose last day is in the year of the scope.
    """

    figure: FigureDefinition
    scope: FigureScope
    by: str = ""
    with_parts: bool = True
    day: date | None = None

    @property
    def periods(self) -> list[Period]:
        """The periods of a split by time: the last five years, or the quarters or months that have begun."""
        year = self.scope.period.year
        if self.by == "year":
            return [year_period(year - back) for back in range(4, -1, -1)]
        parts = year_period(year).quarters() if self.by == "quarter" else year_period(year).months()
        today = parse_period("").as_of
        return [part for part in parts if part.first <= today]

    @property
    def period_queries(self) -> list["FigureQuery"]:
        """One query for each period: a snapshot figure is counted at the end of each."""
        return [replace(self, scope=self.scope.with_period(part), by="") for part in self.periods]

    @property
    def is_counted_per_period(self) -> bool:
        return self.figure.is_snapshot and self.by in TIME_EXTRACTS

    @property
    def source(self) -> tuple[FigureDefinition, FigureScope, bool]:
        """(figure, scope, whether rows of several years are read). Splits by time read the whole year."""
        scope = self.scope
        if self.by in ("quarter", "month"):
            scope = scope.with_period(year_period(scope.period.year))
        return self.figure, scope, self.by in ("year", SERIES)

    @property
    def split_expression(self) -> Combinable | Q | None:
        """What rows are grouped by; None for no split."""
        field = self.figure.date_field
        if self.by == SERIES:
            return TruncMonth(field)
        if self.by == NEW:
            return Q(**{f"{field}__date__gt" if self.figure.is_datetime else f"{field}__gt": self.day})
        if self.by == ENDING:
            ends = self.figure.end_date_field
            return Q(**{f"{ends}__gte": self.day, f"{ends}__lt": date(self.scope.period.year, 12, 31)})
        if self.by in TIME_EXTRACTS:
            return TIME_EXTRACTS[self.by](field)
        return self.figure.dimension_expression(self.by) if self.by else None

    @property
    def key(self) -> str:
        """Under which its totals are kept; empty for a figure that is made for the occasion."""
        figure = FIGURES.get(self.figure.key)
        if figure is not self.figure and not (figure and self.figure.state):
            return ""
        period, gaps = self.scope.period, [repr(lacking) for _label, lacking in self.figure.gaps]
        filters = [(name, getattr(value, "pk", value)) for name, value in self.scope.filters]
        version = (self.figure.key, self.figure.state, self.figure.version, sha256("".join(gaps).encode()).hexdigest())
        return key_of(version, period, filters, _seen_by(self.scope.user), self.by, self.with_parts, self.day)


class SignedNumbers(Protocol):
    """What was signed of closed periods (`mechanism.closing.signed_values`)."""

    @property
    def is_closed(self) -> bool:
        """Whether the period of the scope is closed."""

    def whole(self, counted: FigureValue) -> Totals | None:
        """The signed totals of a figure; None where nothing is signed."""

    def text(self, counted: FigureValue) -> str:
        """The signed value with its version, and the difference from the current one; empty where nothing is signed."""

    def lines(self, query: FigureQuery, lines: list[SplitLine], rule: RateRule | None) -> list[SplitLine]:
        """The lines of a split as they were signed; as they are where nothing is signed."""


class FigureResults:
    """Results of many queries. One SQL statement for each set of rows, one for the names of each dimension.

    What was counted before and has not changed since is not counted again (`kept_totals`), unless `may_be_kept` is
    False. With `signed` the lines of closed periods are those that were signed.
    """

    def __init__(
        self, queries: Iterable[FigureQuery], *, may_be_kept: bool = True, signed: "SignedNumbers | None" = None
    ):
        expanded = {
            part for query in queries for part in (query.period_queries if query.is_counted_per_period else [query])
        }
        self.read_at = timezone.now()
        self._totals = _count_or_take(expanded) if may_be_kept else _count(expanded)[0]
        self._signed = signed
        self._rules: dict[date, RateRule | None] = {}
        self._objects: dict[str, list] = {}

    def count(self, query: FigureQuery) -> FigureValue:
        """The figure as a whole."""
        result, figure, scope = self._totals[query], query.figure, query.scope
        gaps = tuple((str(label), number) for (label, _lacking), number in zip(figure.gaps, result.gaps, strict=True))
        value = FigureValue(figure, scope, result.whole, scope.period.as_of, gaps, self._rule(query))
        return replace(value, read_at=self.read_at, latest_on=result.latest_on, with_parts=query.with_parts)

    def split_totals(self, query: FigureQuery) -> dict[object, Totals]:
        """{value of the split, None for rows without one or without a split: totals}, only values that have rows."""
        totals: dict[object, Totals] = {}
        for value, counted in self._totals[query].totals_by_value.items():
            key = None if value == "" else value
            totals[key] = totals.get(key, Totals()) + counted
        return totals

    def split(self, query: FigureQuery) -> list[SplitLine]:
        """The lines of a split; rows without a value form the last line.

        Lines add up to the figure, except for a snapshot figure by time, whose lines are the values at each end.
        """
        lines = self._split_by_time(query) if query.by in TIME_EXTRACTS else self._split_by_dimension(query)
        return self._signed.lines(query, lines, self._rule(query)) if self._signed else lines

    def _split_by_dimension(self, query: FigureQuery) -> list[SplitLine]:
        by_value, rule = self._totals[query].totals_by_value, self._rule(query)

        def line(key: object, label: str, totals: Totals) -> SplitLine:
            return _line(query, value_name(query.by, key), label, totals, rule, key)

        lines = [line(key, label, by_value.get(pk, Totals())) for pk, key, label in self._keys(query, by_value)]
        if None in by_value or "" in by_value:
            rest = by_value.get(None, Totals()) + by_value.get("", Totals())
            lines.append(line(None, str(DIMENSIONS[query.by].unknown), rest))
        return lines

    def _split_by_time(self, query: FigureQuery) -> list[SplitLine]:
        if query.is_counted_per_period:
            values = [(part.scope.period, self.count(part)) for part in query.period_queries]
            return [
                SplitLine(period.name, period.label, counted.totals, counted.value, period, counted.parts)
                for period, counted in values
            ]
        lines, rule = [], self._rule(query)
        for period in query.periods:
            month = period.first.month
            key = {"year": period.year, "quarter": (month + 2) // 3, "month": month}[query.by]
            totals = self._totals[query].totals_by_value.get(key, Totals())
            lines.append(_line(query, period.name, period.label, totals, rule, period))
        return lines

    def _rule(self, query: FigureQuery) -> RateRule | None:
        if not query.figure.is_rate:
            return None
        day = query.scope.period.as_of
        if day not in self._rules:
            self._rules[day] = RateRule.objects.in_force(day)
        return self._rules[day]

    def _keys(self, query: FigureQuery, by_value: dict) -> Iterable[tuple]:
        """(pk, object or kind, label) of the lines. All districts are listed, in their official order."""
        if query.by == "kind":
            return [(kind, kind, str(label)) for kind, label in query.figure.kind_labels.items()]
        objects = [
            row
            for row in self._objects_of(query.by)
            if row.pk in by_value or (query.by == "region" and row.is_reporting)
        ]
        keys = [(row.pk, row, str(row)) for row in objects]
        if query.by in ("institution", "agency"):
            keys.sort(key=lambda key: (by_value[key[0]].total, by_value[key[0]].rows), reverse=True)
        return keys

    def _objects_of(self, by: str) -> list:
        """The objects behind the values of a dimension, loaded once for all figures that are split by it."""
        if by not in self._objects:
            pks = {
                pk for query, result in self._totals.items() if query.by == by for pk in result.totals_by_value if pk
            }
            self._objects[by] = list(_dimension_objects(by, pks))
        return self._objects[by]


def _line(query: FigureQuery, name: str, label: str, totals: Totals, rule: RateRule | None, key: object) -> SplitLine:
    parts = parts_of(query.figure, totals) if query.with_parts else []
    return SplitLine(name, label, totals, value_of(query.figure, totals, rule), key, parts)


def _count_or_take(queries: set[FigureQuery]) -> dict[FigureQuery, AggregatedTotals]:
    keys = {query: key for query in queries if (key := query.key)}
    kept = KeptTotals.read(keys.values())
    totals = {query: kept.totals[key] for query, key in keys.items() if key in kept.totals}
    counted, sources = _count(queries - totals.keys())
    kept.keep(
        {keys[query]: (counted[query], sources[query]) for query in counted if query in keys and query in sources}
    )
    return totals | counted


def _count(
    queries: set[FigureQuery],
) -> tuple[dict[FigureQuery, AggregatedTotals], dict[FigureQuery, frozenset[str]]]:
    """(totals; the source tables of those that stay the same until a source changes)."""
    totals: dict[FigureQuery, AggregatedTotals] = {}
    sources: dict[FigureQuery, frozenset[str]] = {}
    reads: list[str] = []

    def noting(execute: Callable, sql: str, *rest: object) -> object:
        reads.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(noting):  # a queryset that reads while it is made depends on more than its SQL
        groups = _group_by_rows(queries)
    for rows, group in groups:
        requests = [AggregationRequest(query.figure, query.split_expression, query.with_parts) for query in group]
        results, (sql, params) = aggregate_with_statement(rows, requests)
        totals |= zip(group, results, strict=True)
        statement = Statement(sql, params)
        if sql and not reads and statement.is_repeatable:
            sources |= dict.fromkeys(group, statement.sources)
    return totals, sources


def _seen_by(user: User | None) -> object:
    """On what it depends which rows a user sees."""
    if user is None:
        return None
    scope = scope_of(user)
    return [sorted(value) if isinstance(value, frozenset) else value for value in astuple(scope)]


def _group_by_rows(queries: Iterable[FigureQuery]) -> list[tuple[QuerySet, list[FigureQuery]]]:
    """Group the queries whose rows are selected by the same SQL statement."""
    groups: dict[object, tuple[QuerySet, list[FigureQuery]]] = {}
    for query in queries:
        key = _group_of(*query.source)
        if key not in groups:
            groups[key] = _source_rows(*query.source), []
        groups[key][1].append(query)
    return list(groups.values())


def _group_of(figure: FigureDefinition, scope: FigureScope, is_several_years: bool) -> tuple:
    """Equal for figures that count the same rows of a scope. Compiling their SQL to compare it would cost more."""
    limiting = [name for name, _value in scope.filters]
    if scope.user is not None and not scope_of(scope.user).sees_all:
        limiting += USER_DIMENSIONS
    lookups = tuple(repr(figure.dimensions.get(name)) for name in limiting)
    seen = figure.visible_rows if scope.user is not None else None
    return _row_group(figure), seen, scope, is_several_years, lookups


@cache
def _row_group(figure: FigureDefinition) -> str:
    """The SQL of all rows that count, with what dates them. Compiled once per process."""
    rows = figure.select_rows(figure.visible_rows(None), ANY_PERIOD)
    dated = (figure.date_field, figure.end_date_field, figure.is_datetime, figure.is_snapshot)
    return repr((figure.model._meta.label, _statement(rows) or id(figure), *dated))


def _source_rows(figure: FigureDefinition, scope: FigureScope, is_several_years: bool) -> QuerySet:
    if not is_several_years:
        return scope.rows(figure)
    if figure.is_snapshot:
        return scope.rows_of_all_periods(figure).filter(**{f"{figure.date_field}__isnull": False})
    last, year = scope.period.year, f"{figure.date_field}__year"
    return scope.rows_of_all_periods(figure).filter(Q(**{f"{year}__gte": last - 4, f"{year}__lte": last}))


def _statement(rows: QuerySet) -> str:
    """Identifies the rows of a queryset: SQL, parameters and annotations. Empty for a queryset without rows."""
    try:
        return repr((rows.order_by().values("pk").query.sql_with_params(), sorted(rows.query.annotations)))
    except EmptyResultSet:
        return ""


def _dimension_objects(by: str, pks: set) -> QuerySet:
    if by == "region":
        return Region.objects.filter(Q(is_reporting=True) | Q(pk__in=pks))
    return {
        "industry": Industry.objects.all(),
        "institution": Organisation.objects.all(),
        "agency": Agency.objects.select_related("organisation"),
        "round": DockingRound.objects.order_by("starts_at"),
    }[by].filter(pk__in=pks)


def count_figure(figure: FigureDefinition, scope: FigureScope) -> FigureValue:
    query = FigureQuery(figure, scope)
    return FigureResults([query]).count(query)


def count_visible_figures(scope: FigureScope, keys: Iterable[str] = tuple(FIGURES)) -> dict[str, FigureValue]:
    """{key: value} of those of the figures whose rows the user of the scope may see."""
    queries = {key: FigureQuery(FIGURES[key], scope) for key in keys if scope.may_see(FIGURES[key])}
    results = FigureResults(queries.values())
    return {key: results.count(query) for key, query in queries.items()}


def split_figure(
    figure: FigureDefinition, scope: FigureScope, by: str, signed: SignedNumbers | None = None
) -> list[SplitLine]:
    """Split by a dimension or by "year", "quarter", "month"."""
    query = FigureQuery(figure, scope, by)
    return FigureResults([query], signed=signed).split(query)


def compute_totals(figure: FigureDefinition, rows: QuerySet) -> Totals:
    return aggregate_rows(rows, [AggregationRequest(figure)])[0].whole
