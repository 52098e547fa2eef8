"""Indicators: read as sheets write them (`reading`), in comparable units (`units`), paired by name (`naming`), compared
(`comparing`). Pure, and any text gives a defined result."""

from matching.engine.indicators.comparing import Result, Row, compare, compare_all
from matching.engine.indicators.reading import Indicator, of_row, read, read_one

__all__ = ["Indicator", "Result", "Row", "compare", "compare_all", "of_row", "read", "read_one"]
