"""Formats numbers for display."""

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
