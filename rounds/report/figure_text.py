"""Figures as text: number and unit, shares."""

from decimal import Decimal

from rounds.report.counting import number_text
from rounds.report.figures import FIGURES


class FigureText:
    """The totals formatted as number and unit."""

    def __init__(self, totals: dict) -> None:
        self.totals = totals

    def __call__(self, name: str) -> str:
        """受邀企业 120 家"""
        return f"{FIGURES[name].label} {self.number(name)}"

    def number(self, name: str) -> str:
        """120 家"""
        return f"{number_text(self.totals[name], name)} {FIGURES[name].unit}"

    def has(self, *names: str) -> bool:
        return any(Decimal(self.totals[name]) for name in names)

    def share(self, part: str, whole: str) -> str:
        """Return a percentage such as 91.7%; empty if the whole is zero."""
        of = Decimal(self.totals[whole])
        return f"{Decimal(self.totals[part]) / of * 100:.1f}%" if of else ""
