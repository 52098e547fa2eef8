"""Progress of a figure towards its target, and what each remaining month has to contribute."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal

from django.conf import settings
from django.utils import timezone

from mechanism.kpi.formatting import format_number, format_value
from mechanism.kpi.period import year_period
from mechanism.kpi.totals import FigureValue
from mechanism.models import RateRule, Target

TENTH, HUNDREDTH = Decimal("0.1"), Decimal("0.01")


@dataclass(frozen=True)
class TargetProgress:
    """Progress towards a target; `value`, `goal` and `gap` in the unit of the figure.

    needed: per remaining month, in the unit of the figure; for a rate the percentage required of the contracts still
        to be registered. None if the goal is reached or no time is left.
    """

    goal: Decimal
    must_exceed: bool
    value: Decimal | int | None
    months_left: Decimal
    needed: Decimal | None
    target: Target | None = None

    @property
    def is_reached(self) -> bool:
        value = self.value or 0
        return value > self.goal if self.must_exceed else value >= self.goal

    @property
    def gap(self) -> Decimal:
        return max(self.goal - Decimal(self.value or 0), Decimal(0))

    @property
    def share(self) -> Decimal:
        """Value divided by goal, in percent."""
        return (Decimal(self.value or 0) * 100 / self.goal).quantize(TENTH)

    @property
    def bar_width(self) -> int:
        """Of a progress bar, in percent."""
        return min(100, int(self.share))


def months_left(year: int, today: date) -> Decimal:
    """Months from tomorrow to the end of the year, one decimal place; 12 before the year, 0 after it."""
    if today.year != year:
        return Decimal(12) if today.year < year else Decimal(0)
    days = monthrange(year, today.month)[1]
    return (Decimal(12 - today.month) + Decimal(days - today.day) / days).quantize(TENTH)


def target_progress(
    counted: FigureValue, target: Target | None, *, goal: Decimal | None = None, today: date | None = None
) -> TargetProgress | None:
    """Progress of a whole year's figure; None without a target. `goal` replaces the target's value (what if)."""
    if not counted.scope.period.is_year:
        return None
    if goal is None:
        if target is None:
            return None
        goal, must_exceed = target.value, target.is_over
    else:
        must_exceed = False
    left = months_left(counted.scope.period.year, today or timezone.localdate())
    progress = TargetProgress(goal, must_exceed, counted.value, left, None, target)
    if progress.is_reached or not left:
        return progress
    needed = _needed_share(counted, goal, left) if counted.figure.is_rate else progress.gap / left
    precision = HUNDREDTH if counted.figure.amount_field else Decimal(1)
    return TargetProgress(
        goal, must_exceed, counted.value, left, needed and needed.quantize(precision, ROUND_UP), target
    )


def _needed_share(counted: FigureValue, goal: Decimal, left: Decimal) -> Decimal:
    """Percentage that must stay in the city of what is registered until the end of the year at the present pace."""
    by_number = counted.rule is not None and counted.rule.basis == RateRule.Basis.NUMBER
    totals = counted.totals
    whole = Decimal(totals.rows if by_number else totals.total)
    part = Decimal(totals.part_rows if by_number else totals.part)
    elapsed = 12 - left
    if not whole or not elapsed:
        return goal
    to_come = whole / elapsed * left
    return (goal * (whole + to_come) / 100 - part) * 100 / to_come


def progress_text(progress: TargetProgress, counted: FigureValue) -> str:
    """One sentence for the page, the workbook and the command."""
    unit, gap = counted.figure.unit.label, format_value(progress.gap, counted.figure).removesuffix(".00")
    year = year_period(counted.scope.period.year).label
    if progress.is_reached:
        return "已达到目标。"
    if not progress.months_left:
        return "%(year)s已结束，差 %(gap)s %(unit)s。" % {"year": year, "gap": gap, "unit": unit}
    values = {
        "in_city": settings.CITY.in_city,
        "gap": gap,
        "unit": unit,
        "left": format_number(progress.months_left),
        "needed": format_number(progress.needed or 0),
    }
    if not counted.figure.is_rate:
        return "差 %(gap)s %(unit)s；余下 %(left)s 个月每月需 %(needed)s %(unit)s。" % values
    if progress.needed is not None and progress.needed > 100:
        return "差 %(gap)s 个百分点；按今年的登记速度，余下的合同全部%(in_city)s也达不到。" % values
    return "差 %(gap)s 个百分点；按今年的登记速度，余下 %(left)s 个月的合同须有 %(needed)s%% %(in_city)s。" % values
