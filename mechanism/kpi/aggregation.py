"""Sums rows in the database: everything that is requested of the same rows in one SQL statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.expressions import Combinable

from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.totals import PartTotals, Totals
from open_work.sources import as_day


@dataclass(frozen=True)
class AggregatedTotals:
    """Totals of one figure.

    totals_by_value: value of the split expression → totals; the only key is None without a split.
    gaps: number of incomplete rows in the order of `FigureDefinition.gaps`; empty for a split.
    latest_on: day of the latest row; None for a split or without rows.
    """

    totals_by_value: dict[object, Totals] = field(default_factory=dict)
    gaps: tuple[int, ...] = ()
    latest_on: date | None = None

    @property
    def whole(self) -> Totals:
        return self.totals_by_value.get(None, Totals())


@dataclass(frozen=True)
class AggregationRequest:
    """A figure as a whole (`split` None) or split by an expression or condition, with or without its parts."""

    figure: FigureDefinition
    split: Combinable | Q | None = None
    with_parts: bool = True


def aggregate_rows(rows: QuerySet, requests: Sequence[AggregationRequest]) -> list[AggregatedTotals]:
    """Totals of `rows` for each request, in one SQL statement.

    Every split expression is a grouping set, so the rows are read once. Equal sums are computed once.
    """
    return CompiledAggregation.of(rows, requests).totals()


@dataclass(frozen=True)
class CompiledAggregation:
    """The SQL statement for these requests; empty if Django knows that there are no rows. It can run many times."""

    requests: Sequence[AggregationRequest]
    query: "_AggregationQuery"
    sql: str
    params: tuple
    database: str

    @classmethod
    def of(cls, rows: QuerySet, requests: Sequence[AggregationRequest]) -> "CompiledAggregation":
        query = _AggregationQuery()
        for request in requests:
            query.add(request)
        try:
            sql, params = query.statement(rows)
        except EmptyResultSet:
            sql, params = "", ()
        return cls(requests, query, sql, params, rows.db)

    def totals(self) -> list[AggregatedTotals]:
        """Totals for each request. One query."""
        result: list[tuple] = []
        if self.sql:
            with connections[self.database].cursor() as cursor:
                cursor.execute(self.sql, self.params)
                result = cursor.fetchall()
        return [self.query.totals(result, request) for request in self.requests]


class _AggregationQuery:
    """Collects the columns, grouping columns and aggregates of a statement, each once.

    A result row is (grouping mask, value of each grouping column, value of each aggregate).
    """

    def __init__(self) -> None:
        self._columns: dict[object, str] = {}
        self._groupings: list[str] = []
        self._aggregates: list[str] = []
        self._has_whole = False

    def add(self, request: AggregationRequest) -> None:
        if request.split is None:
            self._has_whole = True
        elif (column := self._column(request.split)) not in self._groupings:
            self._groupings.append(column)
        for aggregate in self._all_aggregates(request):
            if aggregate not in self._aggregates:
                self._aggregates.append(aggregate)

    def statement(self, rows: QuerySet) -> tuple[str, tuple]:
        """SQL and parameters. Raises EmptyResultSet if Django knows without a query that there are no rows."""
        annotations = {name: expression for expression, name in self._columns.items()}
        source = rows.order_by().annotate(**annotations).values_list(*annotations or ["pk"])
        base, params = source.query.sql_with_params()
        groupings, aggregates = ", ".join(self._groupings), ", ".join(self._aggregates)
        sets = ", ".join([*(f"({column})" for column in self._groupings), *(["()"] if self._has_whole else [])])
        columns = f"grouping({groupings}), {groupings}, {aggregates}" if groupings else f"0, {aggregates}"
        grouping = f" GROUP BY GROUPING SETS ({sets})" if groupings else ""
        # OFFSET 0 keeps PostgreSQL from merging the two queries: it would compute a column again for each aggregate
        # that reads it. All names are generated here; the values are passed as parameters.
        statement = f"SELECT {columns} FROM ({base} OFFSET 0) AS base{grouping}"  # noqa: S608
        return statement, tuple(params)

    def totals(self, result: list[tuple], request: AggregationRequest) -> AggregatedTotals:
        figure = request.figure
        index = None if request.split is None else self._groupings.index(self._column(request.split))
        # grouping() sets a bit for each column that is not in the grouping set; the first column has the highest bit.
        mask = 2 ** len(self._groupings) - 1
        mask -= 0 if index is None else 2 ** (len(self._groupings) - 1 - index)
        rows = [row for row in result if row[0] == mask]
        sums, parts = self._sums(figure), self._part_sums(request)

        def number(row: tuple, aggregate: str) -> Any:
            return row[self._position(aggregate)] or 0

        totals_by_value = {
            None if index is None else row[1 + index]: Totals(
                **{name: OPTIONAL_TOTALS.get(name, 0) + number(row, aggregate) for name, aggregate in sums.items()},
                parts={
                    key: PartTotals(number(row, count), Decimal(0) + (number(row, total) if total else 0))
                    for key, (count, total) in parts.items()
                    if number(row, count)
                },
            )
            for row in rows
        }
        if request.split is not None or not rows:
            return AggregatedTotals(totals_by_value, () if request.split is not None else (0,) * len(figure.gaps))
        gaps = tuple(number(rows[0], aggregate) for aggregate in self._gap_counts(figure))
        return AggregatedTotals(totals_by_value, gaps, as_day(rows[0][self._position(self._latest(figure))]))

    def _column(self, expression: object) -> str:
        if isinstance(expression, Q):
            expression = ExpressionWrapper(expression, output_field=BooleanField())
        return self._columns.setdefault(expression, f"kpi_{len(self._columns)}")

    def _sums(self, figure: FigureDefinition) -> dict[str, str]:
        """{field of Totals: SQL aggregate}."""
        sums = {"rows": "count(*)"}
        if figure.amount_field:
            sums["total"] = f"sum({self._column(F(figure.amount_field))})"
        if figure.numerator is not None:
            numerator_only = f" FILTER (WHERE {self._column(figure.numerator)})"
            sums |= {"part_rows": f"count(*){numerator_only}", "part": f"{sums['total']}{numerator_only}"}
        return sums

    def _part_sums(self, request: AggregationRequest) -> dict[str, tuple[str, str]]:
        """{key of a part: (SQL count of its rows, SQL sum of its amount or "")}."""
        figure = request.figure
        sums = {}
        for part in figure.parts if request.with_parts else ():
            amount = part.amount if part.amount is not None else F(figure.amount_field) if figure.amount_field else None
            condition = f"{self._column(part.amount)} > 0" if part.amount is not None else ""
            if part.condition is not None:
                condition = " AND ".join(filter(None, (self._column(part.condition), condition)))
            only = f" FILTER (WHERE {condition})"
            total = f"sum({self._column(amount)}){only}" if amount is not None and figure.amount_field else ""
            sums[part.key] = (f"count(*){only}", total)
        return sums

    def _gap_counts(self, figure: FigureDefinition) -> list[str]:
        return [f"count(*) FILTER (WHERE {self._column(lacking)})" for _label, lacking in figure.gaps]

    def _latest(self, figure: FigureDefinition) -> str:
        return f"max({self._column(F(figure.date_field))})"

    def _all_aggregates(self, request: AggregationRequest) -> list[str]:
        aggregates = list(self._sums(request.figure).values())
        for count, total in self._part_sums(request).values():
            aggregates += [count, total] if total else [count]
        if request.split is None:
            aggregates += [*self._gap_counts(request.figure), self._latest(request.figure)]
        return aggregates

    def _position(self, aggregate: str) -> int:
        return 1 + len(self._groupings) + self._aggregates.index(aggregate)


OPTIONAL_TOTALS = {"total": Decimal(0), "part_rows": 0, "part": Decimal(0)}
"""Fields of `Totals` after `rows`, with the value of a figure that does not define them."""
