"""The figures that a decision about contracts and payments can change, for the page of an integrity case."""

from datetime import date

from deals.models import Contract
from mechanism.kpi.counting import count_visible_figures
from mechanism.kpi.formatting import value_text
from mechanism.kpi.period import year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES

KEYS = ("turnover", "local_rate", "absorbed", "contracts", "tech_turnover", "paid")


def count_case_figures(day: date) -> list[tuple[str, str]]:
    """[(label, value with its unit)] of the whole city in the year of `day`."""
    scope = FigureScope(year_period(day.year))
    values = count_visible_figures(scope, KEYS)
    lines = [(f"{day.year}年{values[key].figure.label}", value_text(values[key])) for key in KEYS]
    return [*lines, (f"{day.year}年成交额其中关联", _related_turnover(scope))]
