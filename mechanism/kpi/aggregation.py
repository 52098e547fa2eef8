"""Sums rows in the database: everything that is requested of the same rows in one SQL statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.expressions import Combinable

from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.totals import Totals


@dataclass(frozen=True)
class AggregatedTotals:
    """Totals of one figure.

    totals_by_value: value of the split expression → totals; the only key is None without a split.
    gaps: number of incomplete rows in the order of `FigureDefinition.gaps`; empty for a split.
    """

    totals_by_value: dict[object, Totals] = field(default_factory=dict)
    gaps: tuple[int, ...] = ()

    @property
    def whole(self) -> Totals:
        return self.totals_by_value.get(None, Totals())


def aggregate_rows(
    rows: QuerySet, requests: Sequence[tuple[FigureDefinition, Combinable | None]]
) -> list[AggregatedTotals]:
    """Totals of `rows` for each (figure, split expression or None), in one SQL statement.

    Every split expression is a grouping set, so the rows are read once. Equal sums are computed once.
    """
    query = _AggregationQuery()
    for figure, expression in requests:
        query.add(figure, expression)
    try:
        result = query.execute(rows)
    except EmptyResultSet:
        result = []
    return [query.totals(result, figure, expression) for figure, expression in requests]


class _AggregationQuery:
    """Collects the columns, grouping columns and aggregates of a statement, each once.

    A result row is (grouping mask, value of each grouping column, value of each aggregate).
    """

    def __init__(self) -> None:
        self._columns: dict[object, str] = {}
        self._groupings: list[str] = []
        self._aggregates: list[str] = []
        self._has_whole = False

    def add(self, figure: FigureDefinition, expression: Combinable | None) -> None:
        if expression is None:
            self._has_whole = True
        elif (column := self._column(expression)) not in self._groupings:
            self._groupings.append(column)
        gaps = self._gap_counts(figure) if expression is None else []
        for aggregate in (*self._sums(figure).values(), *gaps):
            if aggregate not in self._aggregates:
                self._aggregates.append(aggregate)

    def execute(self, rows: QuerySet) -> list[tuple]:
        """Raises EmptyResultSet if Django knows without a query that there are no rows."""
        annotations = {name: expression for expression, name in self._columns.items()}
        source = rows.order_by().annotate(**annotations).values_list(*annotations or ["pk"])
        base, params = source.query.sql_with_params()
        groupings, aggregates = ", ".join(self._groupings), ", ".join(self._aggregates)
        sets = ", ".join([*(f"({column})" for column in self._groupings), *(["()"] if self._has_whole else [])])
        columns = f"grouping({groupings}), {groupings}, {aggregates}" if groupings else f"0, {aggregates}"
        grouping = f" GROUP BY GROUPING SETS ({sets})" if groupings else ""
        # All names are generated here; the values are passed as parameters.
        statement = f"SELECT {columns} FROM ({base}) AS base{grouping}"  # noqa: S608
        with connections[rows.db].cursor() as cursor:
            cursor.execute(statement, params)
            return cursor.fetchall()

    def totals(self, result: list[tuple], figure: FigureDefinition, expression: Combinable | None) -> AggregatedTotals:
        index = None if expression is None else self._groupings.index(self._column(expression))
        # grouping() sets a bit for each column that is not in the grouping set; the first column has the highest bit.
        mask = 2 ** len(self._groupings) - 1
        mask -= 0 if index is None else 2 ** (len(self._groupings) - 1 - index)
        rows = [row for row in result if row[0] == mask]
        positions = {name: self._position(aggregate) for name, aggregate in self._sums(figure).items()}
        totals_by_value = {
            None if index is None else row[1 + index]: Totals(
                row[positions["rows"]],
                *(
                    row[positions[name]] or zero if name in positions else zero
                    for name, zero in OPTIONAL_TOTALS.items()
                ),
            )
            for row in rows
        }
        gaps = [self._position(aggregate) for aggregate in self._gap_counts(figure)] if expression is None else []
        return AggregatedTotals(totals_by_value, tuple(rows[0][position] if rows else 0 for position in gaps))

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

    def _gap_counts(self, figure: FigureDefinition) -> list[str]:
        return [f"count(*) FILTER (WHERE {self._column(lacking)})" for _label, lacking in figure.gaps]

    def _position(self, aggregate: str) -> int:
        return 1 + len(self._groupings) + self._aggregates.index(aggregate)


OPTIONAL_TOTALS = {"total": Decimal(0), "part_rows": 0, "part": Decimal(0)}
"""Fields of `Totals` after `rows`, with the value of a figure that does not define them."""
