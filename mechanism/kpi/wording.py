"""Numbers as people read them."""

from decimal import Decimal

from mechanism.kpi.figure import Figure

TENTH = Decimal("0.1")


def plain(number: Decimal | int) -> str:
    """With separators, without needless zeros: 1,234.5."""
    text = f"{number:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(value: Decimal | int | None, figure: Figure) -> str:
    """A value of a figure, without its unit: 12.35; a dash where there is nothing to divide by."""
    if value is None:
        return "—"
    if isinstance(value, Decimal) and figure.unit.places == 4 and abs(value) >= TENTH:
        return f"{value:,.2f}"
    return plain(value)
