"""Technical indicators: parsed from sheets (`parsing`), with comparable units (`units`), matched by name
(`quantity_names`), compared with their conditions (`comparison`, `conditions`) and found in running text
(`text_values`). Any text is accepted."""

from matching.engine.indicators.comparison import (
    IndicatorComparison,
    Result,
    compare_indicator,
    compare_indicator_lists,
)
from matching.engine.indicators.indicator import Indicator
from matching.engine.indicators.parsing import indicator_from_row, parse_indicator, parse_indicators
from matching.engine.indicators.requirements import requirements_in_text
from matching.engine.indicators.text_values import values_in_text

__all__ = [
    "Indicator",
    "IndicatorComparison",
    "Result",
    "compare_indicator",
    "compare_indicator_lists",
    "indicator_from_row",
    "parse_indicator",
    "parse_indicators",
    "requirements_in_text",
    "values_in_text",
]
