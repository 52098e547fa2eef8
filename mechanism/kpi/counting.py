"""Counts figures and splits them by dimension or time. Value and rows come from the same queryset.

`FigureResults` answers many queries together: queries over the same rows share one SQL statement.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Protocol

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Organisation, Region
from brokers.models import Agency
from mechanism.kpi.aggregation import AggregationRequest, aggregate_rows
from mechanism.kpi.definitions import DIMENSIONS, FigureDefinition
from mechanism.kpi.figure_query import TIME_EXTRACTS, FigureQuery
from mechanism.kpi.query_scope import FigureScope, value_name
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.row_counting import count_anew, count_or_take
from mechanism.kpi.totals import FigureValue, SplitLine, Totals, parts_of, value_of
from mechanism.models import RateRule
from rounds.models import DockingRound
from taxonomy.models import Industry


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
        self._totals = count_or_take(expanded) if may_be_kept else count_anew(expanded)
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
