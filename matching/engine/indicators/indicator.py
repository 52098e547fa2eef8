"""The parsed form of an indicator."""

import math
import re
from dataclasses import dataclass
from typing import Literal

from matching.engine.indicators.units import Unit, parse_unit

Change = Literal["", "up", "down"]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator.

    `comparison`: ge le gt lt eq about between list words. `values` in `unit`: one; two for between; several for list;
    none for words. `change`: up or down if the values state a change (提高30%). `before`: the present value (3 in
    由3%降至1%). `place` and `quote`: the text field and the sentence, of an indicator found in running text.
    """

    name: str
    original: str
    comparison: str = "words"
    values: tuple[float, ...] = ()
    unit: str = ""
    condition: str = ""
    change: str = ""
    before: float | None = None
    place: str = ""
    quote: str = ""

    @property
    def measure(self) -> Unit:
        """The unit in comparable form. 度 is a temperature, an energy or an angle, depending on the name."""
        if self.unit == "度" and re.search("温|热", self.name):
            return parse_unit("℃")
        if self.unit.startswith("度") and re.search("电|能耗", self.name + self.unit):
            return parse_unit("kWh" + self.unit[1:])
        return parse_unit(self.unit)

    @property
    def is_relative_change(self) -> bool:
        """Whether the change is a share of the present value (提高30%), not a difference (提高20 MPa)."""
        return bool(self.change) and self.measure.dimension == "" and "百分点" not in self.unit


def bounds(indicator: Indicator) -> tuple[float, float]:
    """Return the lowest and the highest value in `unit`; infinite where there is no bound."""
    if not indicator.values:
        return -math.inf, math.inf
    if indicator.comparison in {"ge", "gt"}:
        return indicator.values[0], math.inf
    if indicator.comparison in {"le", "lt"}:
        return -math.inf, indicator.values[0]
    return min(indicator.values), max(indicator.values)


def base_bounds(indicator: Indicator) -> tuple[float, float]:
    """Return the bounds in base units. A difference of temperatures is converted without offset."""
    unit = indicator.measure
    is_difference = (
        bool(indicator.change)
        or unit.offset == 0
        or any(word in indicator.name for word in ("差", "波动", "精度", "变化", "升"))
    )
    low, high = (
        value if math.isinf(value) else unit.in_base(value, difference=is_difference) for value in bounds(indicator)
    )
    return low, high
