"""How far a figure is from its target, and what would be needed each month to reach it."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from mechanism.kpi.period import year_of
from mechanism.kpi.tally import Counted
from mechanism.kpi.wording import plain, shown
from mechanism.models import RateRule, Target

TENTH, HUNDREDTH = Decimal("0.1"), Decimal("0.01")


@dataclass(frozen=True)
class Progress:
    """`value`, `wanted` and `gap` in the figure's unit; `needed` the same per month, for a rate the percent of what is
    still to be registered; None where nothing is needed or no month is left. `share`: value ÷ wanted, in percent."""

    wanted: Decimal
    is_over: bool
    value: Decimal | int | None
    months_left: Decimal
    needed: Decimal | None
    target: Target | None = None

    @property
    def is_reached(self) -> bool:
        value = self.value or 0
        return value > self.wanted if self.is_over else value >= self.wanted

    @property
    def gap(self) -> Decimal:
        return max(self.wanted - Decimal(self.value or 0), Decimal(0))

    @property
    def share(self) -> Decimal:
        return (Decimal(self.value or 0) * 100 / self.wanted).quantize(TENTH)

    @property
    def width(self) -> int:
        """Of a bar, in percent."""
        return min(100, int(self.share))


def months_left(year: int, today: date) -> Decimal:
    """From tomorrow to the year's end, in months with one place; 12 before it began, 0 after its end."""
    if today.year != year:
        return Decimal(12) if today.year < year else Decimal(0)
    days = monthrange(year, today.month)[1]
    return (Decimal(12 - today.month) + Decimal(days - today.day) / days).quantize(TENTH)


def progress(counted: Counted, target: Target | None, *, wanted: Decimal | None = None, today: date | None = None):
    """How far a year's figure is, or None where there is no target. `wanted` asks "what if it were this much?"."""
    if (target is None and wanted is None) or not counted.where.period.is_year:
        return None
    aim = wanted if wanted is not None else target.value
    is_over = target.is_over if target is not None and wanted is None else False
    left = months_left(counted.where.period.year, today or timezone.localdate())
    found = Progress(aim, is_over, counted.value, left, None, target)
    if found.is_reached or not left:
        return found
    needed = _needed_share(counted, aim, left) if counted.figure.is_rate else found.gap / left
    step = HUNDREDTH if counted.figure.amount else Decimal(1)
    return Progress(aim, is_over, counted.value, left, needed and needed.quantize(step, ROUND_UP), target)


def _needed_share(counted: Counted, aim: Decimal, left: Decimal) -> Decimal | None:
    """The percent that has to stay here of what comes until the year's end, if it comes at the pace so far."""
    by_number = counted.rule is not None and counted.rule.basis == RateRule.Basis.NUMBER
    tally = counted.tally
    whole = Decimal(tally.rows if by_number else tally.total)
    part = Decimal(tally.part_rows if by_number else tally.part)
    gone = 12 - left
    if not whole or not gone:
        return aim
    to_come = whole / gone * left
    return (aim * (whole + to_come) / 100 - part) * 100 / to_come


def in_words(found: Progress, counted: Counted) -> str:
    """One sentence for the page, the workbook and the command."""
    unit, gap = counted.figure.unit.label, shown(found.gap, counted.figure).removesuffix(".00")
    year = year_of(counted.where.period.year).label
    if found.is_reached:
        return _("已达到目标。")
    if not found.months_left:
        return _("%(year)s已结束，差 %(gap)s %(unit)s。") % {"year": year, "gap": gap, "unit": unit}
    given = {
        "gap": gap,
        "unit": unit,
        "left": plain(found.months_left),
        "needed": plain(found.needed or 0),
    }
    if not counted.figure.is_rate:
        return _("差 %(gap)s %(unit)s；余下 %(left)s 个月每月需 %(needed)s %(unit)s。") % given
    if found.needed is not None and found.needed > 100:
        return _("差 %(gap)s 个百分点；按今年的登记速度，余下的合同全部在连也达不到。") % given
    return _("差 %(gap)s 个百分点；按今年的登记速度，余下 %(left)s 个月的合同须有 %(needed)s%% 在连。") % given
