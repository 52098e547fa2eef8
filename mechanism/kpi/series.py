"""Monthly totals of a figure over several years, in one SQL statement, for forecasts and charts."""

from datetime import date
from decimal import Decimal

from django.db.models.expressions import Combinable
from django.db.models.functions import ExtractMonth, ExtractYear

from mechanism.kpi.aggregation import AggregationRequest, aggregate_rows
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.totals import Totals

Month = tuple[int, int]
"""(year, month)."""


def monthly_totals(figure: FigureDefinition, scope: FigureScope, *, years: int) -> dict[Month, Totals]:
    """{month: totals} of the year of the scope and of those before it, `years` in all; months without rows are left
    out. Not for snapshot figures. Rules that depend on a day are those of the scope's period.
    """
    last = scope.period.year
    year = f"{figure.date_field}__year"
    rows = scope.rows_of_all_periods(figure).filter(**{f"{year}__gt": last - years, f"{year}__lte": last})
    return _by_month(figure, rows, figure.date_field)


def monthly_arrivals(figure: FigureDefinition, scope: FigureScope) -> dict[Month, Decimal]:
    """{month: what of a snapshot figure began in it, 万元 for amounts}."""
    begun = _by_month(figure, scope.rows_of_all_periods(figure), figure.date_field)
    return {month: totals.total if figure.amount_field else Decimal(totals.rows) for month, totals in begun.items()}


def arrived_in(figure: FigureDefinition, scope: FigureScope) -> Totals:
    """Rows of a snapshot figure that began in the period of the scope."""
    period, field = scope.period, figure.date_field
    if figure.is_datetime:
        dates: dict[str, object] = {f"{field}__gte": period.starts_at, f"{field}__lt": period.ends_at}
    else:
        dates = {f"{field}__gte": period.first, f"{field}__lte": period.last}
    rows = scope.rows_of_all_periods(figure).filter(**dates)
    return aggregate_rows(rows, [AggregationRequest(figure, with_parts=False)])[0].whole


def ending_until(figure: FigureDefinition, scope: FigureScope, today: date, last: date) -> Totals:
    """Rows of a snapshot figure that count today and whose last day is before `last`."""
    if not figure.end_date_field:
        return Totals()
    field = figure.end_date_field
    rows = scope.rows(figure).filter(**{f"{field}__gte": today, f"{field}__lt": last})
    return aggregate_rows(rows, [AggregationRequest(figure, with_parts=False)])[0].whole


def _by_month(figure: FigureDefinition, rows, field: str) -> dict[Month, Totals]:
    number: Combinable = ExtractYear(field) * 12 + ExtractMonth(field) - 1
    request = AggregationRequest(figure, number, with_parts=False)
    by_value = aggregate_rows(rows.filter(**{f"{field}__isnull": False}), [request])[0].totals_by_value
    return {_month(value): totals for value, totals in by_value.items()}


def _month(number: object) -> Month:
    year, month = divmod(int(str(number)), 12)
    return year, month + 1


def months_before(today: date, number: int) -> list[Month]:
    """The last `number` complete months, the earliest first; the running month counts if today is its last day."""
    end = last_complete_month(today)
    first = end[0] * 12 + end[1] - 1 - number + 1
    return [_month(first + offset) for offset in range(number)]


def last_complete_month(today: date) -> Month:
    tomorrow = date.fromordinal(today.toordinal() + 1)
    index = tomorrow.year * 12 + tomorrow.month - 2
    return _month(index)
