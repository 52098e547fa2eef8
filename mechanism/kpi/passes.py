"""Rows summed in the database: all that is asked of the same rows, in one pass over them.

A figure says of which money its rows are, what they may lack and by what they are split; which rows is settled before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet

from mechanism.kpi.figure import Figure
from mechanism.kpi.tally import Tally


@dataclass(frozen=True)
class Summed:
    """What one figure comes to: `tallies` by the value of the way, all under None where it was not split. `gaps`: how
    many rows lack what, in the figure's order; only of what was not split."""

    tallies: dict[object, Tally] = field(default_factory=dict)
    gaps: tuple[int, ...] = ()

    @property
    def whole(self) -> Tally:
        return self.tallies.get(None, Tally())


def sum_rows(rows: QuerySet, asked: Sequence[tuple[Figure, object]]) -> list[Summed]:
    """One question: of these rows each (figure, way), `way` the expression to split by or None for all together.

    Every way is a grouping set of its own, so the rows are read once; what several figures add up is added up once.
    """
    reading = _Pass()
    for figure, way in asked:
        reading.add(figure, way)
    try:
        found = reading.read(rows)
    except EmptyResultSet:
        found = []
    return [reading.summed(found, figure, way) for figure, way in asked]


class _Pass:
    """The columns read of a row, the ways rows are grouped by, and the sums: each once, at its place in an answer.

    An answered line is (which grouping set it is of, the value of each way, each sum).
    """

    def __init__(self):
        self._columns: dict[object, str] = {}
        self._ways: list[str] = []
        self._sums: list[str] = []
        self._has_whole = False

    def add(self, figure: Figure, way) -> None:
        if way is None:
            self._has_whole = True
        elif (column := self._column(way)) not in self._ways:
            self._ways.append(column)
        for one in (*self._of(figure).values(), *(self._gaps(figure) if way is None else ())):
            if one not in self._sums:
                self._sums.append(one)

    def read(self, rows: QuerySet) -> list[tuple]:
        """Raises EmptyResultSet where Django knows that there are none."""
        named = {name: expression for expression, name in self._columns.items()}
        read, values = rows.order_by().annotate(**named).values_list(*named or ["pk"]).query.sql_with_params()
        ways, sums = ", ".join(self._ways), ", ".join(self._sums)
        sets = ", ".join([*(f"({way})" for way in self._ways), *(["()"] if self._has_whole else [])])
        what = f"grouping({ways}), {ways}, {sums}" if ways else f"0, {sums}"
        # The names are our own, the values are parameters.
        statement = f"SELECT {what} FROM ({read}) AS base" + (f" GROUP BY GROUPING SETS ({sets})" if ways else "")  # noqa: S608
        with connections[rows.db].cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def summed(self, found: list[tuple], figure: Figure, way) -> Summed:
        number = None if way is None else self._ways.index(self._column(way))
        # `grouping` has a bit for each way, the first one's the highest, set where the line is not of that way.
        mask = 2 ** len(self._ways) - 1
        mask -= 0 if number is None else 2 ** (len(self._ways) - 1 - number)
        own = [line for line in found if line[0] == mask]
        at = {name: self._place(one) for name, one in self._of(figure).items()}
        tallies = {
            None if number is None else line[1 + number]: Tally(
                line[at["rows"]],
                *(line[at[name]] or zero if name in at else zero for name, zero in REST.items()),
            )
            for line in own
        }
        gaps = [self._place(one) for one in self._gaps(figure)] if way is None else []
        return Summed(tallies, tuple(own[0][place] if own else 0 for place in gaps))

    def _column(self, expression) -> str:
        if isinstance(expression, Q):
            expression = ExpressionWrapper(expression, output_field=BooleanField())
        return self._columns.setdefault(expression, f"kpi_{len(self._columns)}")

    def _of(self, figure: Figure) -> dict[str, str]:
        """The sums that make a tally of it."""
        found = {"rows": "count(*)"}
        if figure.amount:
            found["total"] = f"sum({self._column(F(figure.amount))})"
        if figure.part is not None:
            only = f" FILTER (WHERE {self._column(figure.part)})"
            found |= {"part_rows": f"count(*){only}", "part": f"{found['total']}{only}"}
        return found

    def _gaps(self, figure: Figure) -> list[str]:
        return [f"count(*) FILTER (WHERE {self._column(lacking)})" for _label, lacking in figure.gaps]

    def _place(self, one: str) -> int:
        return 1 + len(self._ways) + self._sums.index(one)


REST = {"total": Decimal(0), "part_rows": 0, "part": Decimal(0)}
"""What a tally has beside its rows, where a figure has none of it."""
