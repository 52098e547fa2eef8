"""What the cockpit shows, ready for its templates."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from accounts.models import Organisation, Region
from mechanism.kpi.charts import Bullet, TrendChart, bullet
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.forecast import Forecast
from mechanism.kpi.lights import Light, LightState
from mechanism.kpi.movement import Movement
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.totals import FigureValue, PartValue, SplitLine, Totals, parts_of
from mechanism.models import AllocatedTarget, Target

BY_INSTITUTION = ("turnover", "local_rate", "items")
MAX_INSTITUTIONS = 9


@dataclass(frozen=True)
class CockpitFigure:
    """One figure with its target, range, light and movement.

    value: what is shown, of a closed period the signed one; `counted`: as of now. goal: in the unit of the figure; None
    without a target. signed: the totals of a closed period. allocated: the target that the city gave to the district or
    institution of the scope; None for the whole city.
    """

    counted: FigureValue
    value: Decimal | int | None
    goal: Decimal | None
    must_exceed: bool
    forecast: Forecast
    light: Light
    movement: Movement | None
    target: Target | None = None
    allocated: AllocatedTarget | None = None
    signed: Totals | None = None

    @property
    def parts(self) -> list[PartValue]:
        return self.counted.parts if self.signed is None else parts_of(self.figure, self.signed)

    @property
    def figure(self) -> FigureDefinition:
        return self.counted.figure

    @property
    def key(self) -> str:
        return self.figure.key

    @property
    def bullet(self) -> Bullet:
        return bullet(as_float(self.value), self.goal, self.forecast, self.figure)


@dataclass(frozen=True)
class PartyFigure:
    """One figure of a district or institution with the target that the city gave it."""

    line: SplitLine
    allocated: AllocatedTarget | None
    light: Light
    key: str

    @property
    def share(self) -> int | None:
        """Value in percent of the target."""
        if self.allocated is None or self.line.value is None:
            return None
        return int(Decimal(self.line.value) * 100 / self.allocated.value)

    @property
    def short(self) -> str:
        """For a narrow column."""
        local = settings.CITY.in_city
        return {"turnover": "成交", "local_rate": local, "items": "入库", "agencies": "机构"}[self.key]


@dataclass(frozen=True)
class PartyRow:
    """A district or institution. `assignee` is None for the rows without one."""

    assignee: Region | Organisation | None
    label: str
    name: str
    figures: dict[str, PartyFigure]

    @property
    def with_targets(self) -> list[PartyFigure]:
        return [figure for figure in self.figures.values() if figure.allocated]


@dataclass(frozen=True)
class InstitutionBar:
    """An institution as a bar: turnover in 亿元, local rate, items; widths in percent of the largest turnover.

    `row` is None for the line that adds up the smaller ones.
    """

    row: PartyRow | None
    label: str
    turnover: Decimal
    rate: Decimal | None
    items: int
    width: str
    local_width: str
    current: SplitLine | None = None


@dataclass(frozen=True)
class Cockpit:
    """Everything the cockpit shows. `read_at` is the data date."""

    scope: FigureScope
    read_at: datetime
    figures: list[CockpitFigure]
    trend: TrendChart | None
    regions: list[PartyRow] = field(default_factory=list)
    institutions: list[PartyRow] = field(default_factory=list)

    @property
    def turnover(self) -> CockpitFigure | None:
        return next((figure for figure in self.figures if figure.key == "turnover"), None)

    @property
    def institution_bars(self) -> list[InstitutionBar]:
        """By turnover, in which an institution without contracts comes last; the smaller ones in one line."""
        return _institution_bars([row for row in self.institutions if row.assignee is not None])

    @property
    def region_reasons(self) -> list[tuple[str, list[str]]]:
        """(reason, labels of the districts) of those whose light is not green."""
        reasons: dict[str, list[str]] = {}
        for row in self.regions:
            figure = row.figures.get("turnover")
            if row.assignee and figure and figure.allocated and figure.light.shape != "g":
                reason = "区间上沿也够不着目标" if figure.light.state is LightState.UNLIKELY else figure.light.reason
                reason = "区间上沿才够得着目标" if figure.light.state is LightState.AT_RISK else reason
                reasons.setdefault(reason, []).append(row.label)
        return list(reasons.items())

    @property
    def verdict(self) -> list[tuple[Light, int]]:
        """(light, number of figures with it), the good ones first."""
        counts = {state: 0 for state in LightState}
        for figure in self.figures:
            counts[figure.light.state] += 1
        return [(Light(state), number) for state, number in counts.items() if number]


def _institution_bars(rows: list[PartyRow]) -> list[InstitutionBar]:
    shown, others = rows[:MAX_INSTITUTIONS], rows[MAX_INSTITUTIONS:]
    if len(others) == 1:
        shown, others = rows, []
    lines = [(row, row.label, [row]) for row in shown]
    if others:
        lines.append((None, f"其他 {len(others)} 家", others))
    totals = [[_sum_of(rows, key) for key in BY_INSTITUTION] for _row, _label, rows in lines]
    longest = max((turnover.total for turnover, _rate, _items in totals), default=Decimal(0)) or Decimal(1)
    bars = []
    for (row, label, _rows), (turnover, rate, items) in zip(lines, totals, strict=True):
        width = turnover.total * 100 / longest
        local = width * (rate.by_amount or 0) / 100
        yi = turnover.total / FIGURES["turnover"].unit.per
        current = row.figures["turnover"].line.current if row and "turnover" in row.figures else None
        bars.append(InstitutionBar(row, label, yi, rate.by_amount, items.rows, f"{width:.1f}", f"{local:.1f}", current))
    return bars


def _sum_of(rows: list[PartyRow], key: str) -> Totals:
    return sum((row.figures[key].line.totals for row in rows if key in row.figures), start=Totals())


def as_float(value: Decimal | int | None) -> float | None:
    return None if value is None else float(value)
