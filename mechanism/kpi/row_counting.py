"""Counts queries: takes what is kept, counts the rest with one SQL statement for each set of rows, and keeps it.

A statement is compiled once per process and day. Of several years only those are counted again that a change has
touched.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.scope import scope_of
from deals.models.figure_effect import is_assuming
from mechanism.kpi.aggregation import AggregatedTotals, AggregationRequest, CompiledAggregation
from mechanism.kpi.compiled_statements import CompiledStatements, noted_reads
from mechanism.kpi.definition_versions import ANY_PERIOD
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.figure_query import FigureQuery
from mechanism.kpi.kept_totals import Dependence, KeptTotals, Statement
from mechanism.kpi.query_scope import FigureScope

USER_DIMENSIONS = ("region", "institution")
"""By which the rows of a user are limited."""
COMPILED_STATEMENTS = 512
"""How many are kept in a process: about ten for each scope that is looked at."""

Counted = dict[FigureQuery, AggregatedTotals]


def count_or_take(queries: set[FigureQuery]) -> Counted:
    """Totals of each query; what is kept of it and has not changed is not counted."""
    parts = {query: query.yearly for query in queries}
    keys = {part: key for yearly in parts.values() for part in yearly if (key := part.key)}
    kept = KeptTotals.read(keys.values())
    totals = {part: kept.totals[key] for part, key in keys.items() if key in kept.totals}
    joined = _join_years({part for yearly in parts.values() for part in yearly} - totals.keys())
    counted, sources = _count(set(joined))
    to_keep = {}
    for query, result in counted.items():
        for part in joined[query]:
            totals[part] = _of_year(result, part) if part != query else result
            if part in keys and query in sources:
                to_keep[keys[part]] = totals[part], Dependence(sources[query], part.days)
    kept.keep(to_keep)
    return {query: _sum_of(yearly, totals) for query, yearly in parts.items()}


def count_anew(queries: set[FigureQuery]) -> Counted:
    """Totals of each query, counted from the rows."""
    return _count(queries)[0]


def _join_years(parts: set[FigureQuery]) -> dict[FigureQuery, list[FigureQuery]]:
    """{query to count: the parts that it answers}. Years of one query are counted by one statement, except the year of
    the period, which is counted with the other totals of the period."""
    joined: dict[FigureQuery, list[FigureQuery]] = {}
    by_query: dict[FigureQuery, list[FigureQuery]] = {}
    for part in parts:
        if part.years is None or part.is_of_its_period:
            joined[part] = [part]
        else:
            by_query.setdefault(replace(part, years=None), []).append(part)
    for query, yearly in by_query.items():
        years = [year for part in yearly for year in part.years or ()]
        joined[replace(query, years=(min(years), max(years)))] = yearly
    return joined


def _of_year(result: AggregatedTotals, part: FigureQuery) -> AggregatedTotals:
    year = str(part.years[0]) if part.years else ""
    return AggregatedTotals(
        {value: totals for value, totals in result.totals_by_value.items() if str(value)[:4] == year}
    )


def _sum_of(parts: list[FigureQuery], totals: Counted) -> AggregatedTotals:
    if len(parts) == 1:
        return totals[parts[0]]
    return AggregatedTotals(
        {value: counted for part in parts for value, counted in totals[part].totals_by_value.items()}
    )


@dataclass(frozen=True)
class _Compiled:
    """A statement and its source tables; None if its totals may change without a change of those."""

    aggregation: CompiledAggregation
    sources: frozenset[str] | None


compiled_before: CompiledStatements[_Compiled] = CompiledStatements(COMPILED_STATEMENTS)


def _count(queries: set[FigureQuery]) -> tuple[Counted, dict[FigureQuery, frozenset[str]]]:
    """(totals; the source tables of those that stay the same until a source changes)."""
    totals: Counted = {}
    sources: dict[FigureQuery, frozenset[str]] = {}
    today = timezone.localdate()
    for group in _group_by_rows(queries):
        key = None if is_assuming() else (today, *(query.statement_key for query in group))
        compiled = compiled_before.get(key) or _compile(group)
        if key is not None and compiled.sources is not None:
            compiled_before.remember(key, compiled)
        totals |= zip(group, compiled.aggregation.totals(), strict=True)
        if compiled.sources is not None:
            sources |= dict.fromkeys(group, compiled.sources)
    return totals, sources


def _compile(group: list[FigureQuery]) -> _Compiled:
    with noted_reads() as reads:
        rows = _source_rows(*group[0].source)
    requests = [AggregationRequest(query.figure, query.split_expression, query.with_parts) for query in group]
    aggregation = CompiledAggregation.of(rows, requests)
    statement = Statement(aggregation.sql, aggregation.params)
    is_repeatable = bool(aggregation.sql) and not reads and statement.is_repeatable
    return _Compiled(aggregation, statement.sources if is_repeatable else None)


def _group_by_rows(queries: Iterable[FigureQuery]) -> list[list[FigureQuery]]:
    """Group the queries whose rows are selected by the same SQL statement, in an order that is always the same."""
    groups: dict[object, list[FigureQuery]] = {}
    for query in queries:
        groups.setdefault(_group_of(*query.source), []).append(query)
    return [sorted(group, key=_place) for group in groups.values()]


def _place(query: FigureQuery) -> tuple:
    return query.figure.key, query.figure.state, query.by, query.with_parts, str(query.day), str(query.years)


def _group_of(figure: FigureDefinition, scope: FigureScope, years: tuple[int, int] | None) -> tuple:
    """Equal for figures that count the same rows of a scope. Compiling their SQL to compare it would cost more."""
    limiting = [name for name, _value in scope.filters]
    if scope.user is not None and not scope_of(scope.user).sees_all:
        limiting += USER_DIMENSIONS
    lookups = tuple(repr(figure.dimensions.get(name)) for name in limiting)
    seen = figure.visible_rows if scope.user is not None else None
    return _row_group(figure), seen, scope, years, lookups


@cache
def _row_group(figure: FigureDefinition) -> str:
    """The SQL of all rows that count, with what dates them. Compiled once per process."""
    rows = figure.select_rows(figure.visible_rows(None), ANY_PERIOD)
    dated = (figure.date_field, figure.end_date_field, figure.is_datetime, figure.is_snapshot)
    return repr((figure.model._meta.label, _statement(rows) or id(figure), *dated))


def _source_rows(figure: FigureDefinition, scope: FigureScope, years: tuple[int, int] | None) -> QuerySet:
    if years is None:
        return scope.rows(figure)
    if figure.is_snapshot:
        return scope.rows_of_all_periods(figure).filter(**{f"{figure.date_field}__isnull": False})
    year = f"{figure.date_field}__year"
    return scope.rows_of_all_periods(figure).filter(Q(**{f"{year}__gte": years[0], f"{year}__lte": years[1]}))


def _statement(rows: QuerySet) -> str:
    """Identifies the rows of a queryset: SQL, parameters and annotations. Empty for a queryset without rows."""
    try:
        return repr((rows.order_by().values("pk").query.sql_with_params(), sorted(rows.query.annotations)))
    except EmptyResultSet:
        return ""
