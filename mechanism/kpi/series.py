"""Monthly totals of a figure over several years, for forecasts and charts; what is new and what ends."""

from datetime import date

from mechanism.kpi.aggregation import AggregationRequest, aggregate_rows
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.figure_query import ENDING, NEW, SERIES
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.totals import Totals

Month = tuple[int, int]
"""(year, month)."""


def monthly_totals(results: FigureResults, figure: FigureDefinition, scope: FigureScope) -> dict[Month, Totals]:
    """{month: totals} of a result by SERIES; months without rows are left out.

    Of the year of the scope and the four before it; of a snapshot figure what began in each month ever. Rules that
    depend on a day are those of the scope's period.
    """
    by_value = results.split_totals(series_of(figure, scope))
    return {(int(str(day)[:4]), int(str(day)[5:7])): totals for day, totals in by_value.items()}


def series_of(figure: FigureDefinition, scope: FigureScope) -> FigureQuery:
    return FigureQuery(figure, scope, SERIES, with_parts=False)


def new_since(figure: FigureDefinition, scope: FigureScope, day: date) -> FigureQuery:
    """Tells the rows dated after the day; `split_totals` has them at True."""
    return FigureQuery(figure, scope, NEW, with_parts=False, day=day)


def ending_from(figure: FigureDefinition, scope: FigureScope, today: date) -> FigureQuery:
    """Tells the rows of a snapshot figure that count today and end within the year; `split_totals` has them at True."""
    return FigureQuery(figure, scope, ENDING, with_parts=False, day=today)


def arrived_in(figure: FigureDefinition, scope: FigureScope) -> Totals:
    """Rows of a snapshot figure that began in the period of the scope."""
    period, field = scope.period, figure.date_field
    if figure.is_datetime:
        dates: dict[str, object] = {f"{field}__gte": period.starts_at, f"{field}__lt": period.ends_at}
    else:
        dates = {f"{field}__gte": period.first, f"{field}__lte": period.last}
    rows = scope.rows_of_all_periods(figure).filter(**dates)
    return aggregate_rows(rows, [AggregationRequest(figure, with_parts=False)])[0].whole


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
