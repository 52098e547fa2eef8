"""Technical indicators: parsed from sheets (`parsing`), with comparable units (`units`), matched by name
(`quantity_names`) and compared (`comparison`). Any text is accepted."""

from matching.engine.indicators.comparison import (
    IndicatorComparison,
    Result,
    compare_indicator,
    compare_indicator_lists,
)
from matching.engine.indicators.indicator import Indicator
from matching.engine.indicators.parsing import indicator_from_row, parse_indicator, parse_indicators

__all__ = [
    "Indicator",
    "IndicatorComparison",
    "Result",
    "compare_indicator",
    "compare_indicator_lists",
    "indicator_from_row",
    "parse_indicator",
    "parse_indicators",
]
