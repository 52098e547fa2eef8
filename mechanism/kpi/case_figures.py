"""The figures that a decision about contracts and payments can change, for the page of an integrity case."""

from datetime import date

from deals.models.figure_effect import related_contracts
from mechanism.kpi.aggregation import AggregationRequest, aggregate_rows
from mechanism.kpi.contract_parts import of_related_parties
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.formatting import format_value
from mechanism.kpi.period import year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES

KEYS = ("turnover", "local_rate", "absorbed", "contracts", "tech_turnover", "paid")


def count_case_figures(day: date) -> list[tuple[str, str]]:
    """[(label, value with its unit)] of the whole city in the year of `day`."""
    scope = FigureScope(year_period(day.year))
    queries = [FigureQuery(FIGURES[key], scope, with_parts=False) for key in KEYS]
    results = FigureResults(queries)
    figures = [(query.figure, query.figure.label, results.count(query).value) for query in queries]
    turnover = FIGURES["turnover"]
    # The part of the figure is declared once for the process; here it has to follow an assumed decision.
    related = of_related_parties("seller", "buyer", "registered_on") | related_contracts()
    rows = scope.rows(turnover).filter(related)
    [part] = aggregate_rows(rows, [AggregationRequest(turnover, with_parts=False)])
    figures.insert(1, (turnover, "成交额其中关联", turnover.in_unit(part.whole.total)))
    return [(f"{day.year}年{label}", _text(figure, value)) for figure, label, value in figures]


def _text(figure: FigureDefinition, value) -> str:
    # All places of the unit: a decision about one contract would not show in two.
    number = f"{value:,}" if value is not None and figure.is_money else format_value(value, figure)
    return f"{number} {figure.unit.label}"
