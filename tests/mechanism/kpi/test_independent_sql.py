"""Every figure, each of its parts and splits, recomputed by SQL that does not use the engine."""

from decimal import Decimal

import pytest
from django.db import connection

from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.definitions import TIMES, FigureDefinition
from mechanism.kpi.period import Period, parse_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.totals import Totals
from tests.mechanism.kpi.independent_sql import FIGURE_SQL
from tests.mechanism.kpi.seeded_city import seed_city

pytestmark = pytest.mark.long
PERIODS = ("2025", "2026", "2025Q2", "2024-07")


@pytest.fixture(scope="module")
def city(django_db_setup, django_db_blocker):
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield seed_city()
        transaction.set_rollback(True)


def in_sql(figure: FigureDefinition, period: Period, by: str = "") -> dict:
    """{value of the dimension or None: (rows, total, rows and amount of the numerator, {part: (rows, amount)})}."""
    key = {"": "NULL::int", "quarter": "extract(quarter FROM day)::int", "month": "extract(month FROM day)::int"}.get(
        by, by
    )
    within = "day BETWEEN %(first)s AND %(last)s"
    if figure.is_snapshot:
        end = "%(last)s" if figure.is_datetime else "%(as_of)s"
        within = f"day <= {end} AND (ends IS NULL OR ends >= %(as_of)s)"
    columns = ["count(*)", "sum(amount::numeric)"]
    columns += (
        ["count(*) FILTER (WHERE numerator)", "sum(amount::numeric) FILTER (WHERE numerator)"] if figure.is_rate else []
    )
    for part in figure.parts:
        columns += [f"count(part_{part.key})", f"sum(part_{part.key})"]
    statement = f"SELECT {key}, {', '.join(columns)} FROM ({FIGURE_SQL[figure.key]}) r WHERE {within} GROUP BY 1"
    with connection.cursor() as cursor:
        cursor.execute(statement, {"first": period.first, "last": period.last, "as_of": period.as_of})
        lines = cursor.fetchall()
    return {line[0]: _as_totals(figure, line[1:]) for line in lines}


def _as_totals(figure: FigureDefinition, numbers: tuple) -> tuple:
    rows, total, *rest = (number or 0 for number in numbers)
    part_rows, part = (rest.pop(0), rest.pop(0)) if figure.is_rate else (0, 0)
    pairs = zip(figure.parts, rest[::2], rest[1::2], strict=True)
    parts = {entry.key: (number, Decimal(amount)) for entry, number, amount in pairs if number}
    return rows, Decimal(total), part_rows, Decimal(part), parts


def by_engine(totals: Totals) -> tuple:
    parts = {key: (part.rows, part.total) for key, part in totals.parts.items()}
    return totals.rows, totals.total, totals.part_rows, totals.part, parts


NOTHING = (0, Decimal(0), 0, Decimal(0), {})


def test_sql_recomputes_every_figure_part_and_split(city):
    assert set(FIGURE_SQL) == set(FIGURES), "each figure needs its statement in independent_sql.py"
    differences, seen, seen_parts = [], set(), set()
    for name in PERIODS:
        scope = FigureScope(parse_period(name))
        queries = [FigureQuery(figure, scope) for figure in FIGURES.values()]
        queries += [FigureQuery(figure, scope, by) for figure in FIGURES.values() for by in figure.dimensions]
        if scope.period.is_year:
            times = [by for by in TIMES if by != "year"]
            queries += [
                FigureQuery(figure, scope, by) for figure in FIGURES.values() if not figure.is_snapshot for by in times
            ]
        results = FigureResults(queries)
        for query in queries:
            expected = in_sql(query.figure, scope.period, query.by)
            counted = results.split_totals(query)
            for key in sorted({*expected, *counted}, key=str):
                here, there = by_engine(counted.get(key, Totals())), expected.get(key, NOTHING)
                if here != there:
                    differences.append(f"{query.figure.key} {name} {query.by}={key}: engine {here}, SQL {there}")
                if there[0]:
                    seen.add(query.figure.key)
                    seen_parts |= {(query.figure.key, part) for part in there[4]}
    assert not differences, "\n".join(differences)
    assert not set(FIGURES) - seen, f"the seeded city has no row of {sorted(set(FIGURES) - seen)}: nothing was compared"
    parts = {(key, part.key) for key, figure in FIGURES.items() for part in figure.parts}
    assert not parts - seen_parts, f"the seeded city has no row of these parts: {sorted(parts - seen_parts)}"


def test_rows_of_a_part_are_its_rows(city):
    """Every part opens to its rows."""
    scope = FigureScope(parse_period("2025"))
    for figure in FIGURES.values():
        counted = FigureResults([query := FigureQuery(figure, scope)]).count(query)
        for value in counted.parts:
            rows = list(scope.rows_of_part(figure, value.part))
            assert len(rows) == value.totals.rows, (figure.key, value.part.key)
            if value.part.amount is not None and figure.amount_field:
                assert sum(row.part_wan for row in rows) == value.totals.total
