"""Amounts in 万元 as text."""

from decimal import Decimal


def wan_text(amount: Decimal) -> str:
    """The amount without trailing zeros: 150, 12.5."""
    return f"{amount:.2f}".rstrip("0").rstrip(".")


def wan_range_text(low: Decimal | None, high: Decimal | None) -> str:
    """150 万元, 50–100 万元, 100 万元以内, 20 万元起; 面议 if both are None."""
    if low is None and high is None:
        return "面议"
    if low is None:
        return f"{wan_text(high)} 万元以内"
    if high is None:
        return f"{wan_text(low)} 万元起"
    return f"{wan_text(low)} 万元" if low == high else f"{wan_text(low)}–{wan_text(high)} 万元"
