"""Formats numbers for display."""

import math
from decimal import Decimal

from mechanism.kpi.definitions import FigureDefinition

TENTH = Decimal("0.1")


def format_number(number: Decimal | int) -> str:
    """With thousands separators and without trailing zeros: 1,234.5."""
    text = f"{number:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_value(value: Decimal | int | None, figure: FigureDefinition) -> str:
    """The value of a figure without its unit: 12.35; a dash for None."""
    if value is None:
        return "—"
    if isinstance(value, Decimal) and figure.unit.places == 4 and abs(value) >= TENTH:
        return f"{value:,.2f}"
    return format_number(value)


def format_ends(low: float, high: float) -> str:
    """A range, rounded outwards to as many places as its width allows: 486–508, 54.3–57.1; one number if equal."""
    width = high - low
    places = 0 if width >= 10 or (low == int(low) and high == int(high)) else 1 if width >= 1 else 2
    factor = 10**places
    ends = [math.floor(round(low * factor, 6)) / factor, math.ceil(round(high * factor, 6)) / factor]
    texts = [format_number(Decimal(f"{end:.{places}f}")) for end in ends]
    return texts[0] if texts[0] == texts[1] else "–".join(texts)
