"""The version of a figure's definition: a hash of the SQL by which the figure is counted."""

from __future__ import annotations

import re
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from django.core.exceptions import EmptyResultSet
from django.db.models import BooleanField, ExpressionWrapper, F, Model, Q, QuerySet

from mechanism.kpi.period import Period

if TYPE_CHECKING:
    from mechanism.kpi.definitions import FigureDefinition

ANY_PERIOD = Period("2000", date(2000, 1, 1), date(2000, 12, 31))
LENGTH = 8


def version_of(figure: FigureDefinition) -> str:
    """Hexadecimal digits that change with which rows count, by what they are summed, split and dated, and the parts.

    Days and primary keys are left out, so that the version is the same each day and in each database. Texts such as
    label and formula are left out too: better words are no other definition.
    """
    rows = figure.select_rows(figure.visible_rows(None), ANY_PERIOD)
    facts = [
        figure.date_field,
        figure.end_date_field,
        str(figure.is_datetime),
        str(figure.is_snapshot),
        str(figure.unit.per),
        _statement(rows),
        *([_expression(rows, F(figure.amount_field))] if figure.amount_field else []),
        *([_expression(rows, figure.numerator)] if figure.numerator is not None else []),
        *(f"{name} {_expression(rows, figure.dimension_expression(name))}" for name in sorted(figure.dimensions)),
    ]
    for part in figure.parts:
        facts += [part.key, *(_expression(rows, given) for given in (part.condition, part.amount) if given is not None)]
    return sha256("\n".join(facts).encode()).hexdigest()[:LENGTH]


def _expression(rows: QuerySet, expression: object) -> str:
    if isinstance(expression, Q):
        expression = ExpressionWrapper(expression, output_field=BooleanField())
    return _statement(rows.annotate(kpi_version_of=expression), "kpi_version_of")


def _statement(rows: QuerySet, column: str = "pk") -> str:
    try:
        sql, params = rows.order_by().values(column).query.sql_with_params()
    except EmptyResultSet:
        return "no rows"
    # Aliases of joins depend on the order in which conditions were added, not on what they mean.
    return re.sub(r"\s+", " ", sql) + repr([_fact(param) for param in params])


def _fact(param: object) -> object:
    return "day" if isinstance(param, date | datetime) else param.pk if isinstance(param, Model) else param
