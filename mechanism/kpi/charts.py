"""Coordinates of the charts that templates draw as SVG. A missing value is a gap, never bridged by a line."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.forecast import Forecast
from mechanism.kpi.formatting import format_ends, format_number, format_value

BULLET_WIDTH, BULLET_LEFT = 232, 4
type Scale = Callable[[float], float]


@dataclass(frozen=True)
class Bullet:
    """A bar with the value, the range at the end of the year and the target, in an SVG of 240 × 32."""

    now: str
    range_x: str
    range_width: str
    goal_x: str
    label: str


def bullet(value: float | None, goal: Decimal | None, forecast: Forecast, figure: FigureDefinition) -> Bullet:
    target = None if goal is None else float(goal)
    numbers = [number for number in (value, target, forecast.high) if number]
    largest = max(numbers, default=0) * 1.08 or 1
    texts = [f"现在 {format_value(None if value is None else Decimal(str(value)), figure)} {figure.unit.label}"]
    range_x = range_width = goal_x = ""
    if forecast.low is not None and forecast.high is not None:
        range_x = _at(forecast.low, largest)
        range_width = f"{max(forecast.high - forecast.low, largest / 120) / largest * BULLET_WIDTH:.1f}"
        texts.append("年底 %s %s" % (format_ends(forecast.low, forecast.high), figure.unit.label))
    if goal is not None:
        goal_x = _at(float(goal), largest)
        texts.append(f"目标 {format_number(goal)} {figure.unit.label}")
    return Bullet(f"{(value or 0) / largest * BULLET_WIDTH:.1f}", range_x, range_width, goal_x, "，".join(texts))


def _at(number: float, largest: float) -> str:
    return f"{BULLET_LEFT + number / largest * BULLET_WIDTH:.1f}"


@dataclass(frozen=True)
class TrendDrawing:
    """One size of the chart. Paths are values of the attribute `d`; empty if there is nothing to draw."""

    width: int
    height: int
    right: str
    bottom: str
    ticks: list[tuple[str, str, str]]
    months: list[tuple[str, str]]
    goal_y: str
    this_year: str
    last_year: str
    wedge: str
    point: tuple[str, str] | None
    last_y: str
    wedge_y: str


@dataclass(frozen=True)
class TrendMonth:
    """`cumulated`: since January; `before`: in the year before."""

    month: int
    amount: float | None
    cumulated: float | None
    before: float | None


@dataclass(frozen=True)
class TrendChart:
    """Cumulated amounts of the months in 亿元, of the year and of the year before. None: not known or to come."""

    year: int
    this_year: list[float | None]
    last_year: list[float | None]
    months: list[float | None]
    wide: TrendDrawing
    narrow: TrendDrawing
    label: str
    range_text: str

    @property
    def table(self) -> list["TrendMonth"]:
        rows = zip(range(1, 13), self.months, self.this_year, self.last_year, strict=True)
        return [TrendMonth(*row) for row in rows]

    @property
    def now(self) -> float | None:
        return next((value for value in reversed(self.this_year) if value is not None), None)

    @property
    def last(self) -> float | None:
        return self.last_year[-1]


def trend_chart(
    amounts: Mapping[int, float],
    last_year: Mapping[int, float] | None,
    until: int,
    passed: float,
    goal: Decimal | None,
    forecast: Forecast,
    year: int,
) -> TrendChart:
    """amounts: {month: amount}; `until`: the last month that has begun, of which `passed` (0–1) is over; last_year:
    None if nothing is known of it."""
    months: list[float | None] = [amounts.get(month, 0.0) if month <= until else None for month in range(1, 13)]
    first = min(last_year, default=1) if last_year is not None else 13
    before: list[float | None] = [
        None if last_year is None or month < first else last_year.get(month, 0.0) for month in range(1, 13)
    ]
    this, last = _cumulate(months), _cumulate(before)
    ends = format_ends(forecast.low, forecast.high) if forecast.low is not None and forecast.high is not None else ""
    sizes = [_draw(this, last, passed, goal, forecast, width, right) for width, right in ((600, 508), (330, 262))]
    texts = [f"{year} 年到 {until} 月 {_yi(this[until - 1])}" if until else f"{year} 年还没有数"]
    texts += [f"上年同期 {_yi(last[until - 1])}"] if until and last[until - 1] is not None else []
    texts += [f"年底预计 {ends}"] if ends else []
    label = "技术合同成交额逐月累计（亿元）：" + "，".join(texts)
    return TrendChart(year, this, last, months, sizes[0], sizes[1], label, ends)


def _yi(value: float | None) -> str:
    return "—" if value is None else f"{value:,.2f}"


def _cumulate(values: Sequence[float | None]) -> list[float | None]:
    total, sums = 0.0, []
    for value in values:
        total += value or 0
        sums.append(None if value is None else total)
    return sums


def _draw(
    this: Sequence[float | None],
    last: Sequence[float | None],
    passed: float,
    goal: Decimal | None,
    forecast: Forecast,
    width: int,
    right: int,
) -> TrendDrawing:
    left, top, bottom = 44, 16, 186
    known = [value for value in (*this, *last, forecast.high, None if goal is None else float(goal)) if value]
    largest = max(known, default=1) * 1.05

    def x(month: float) -> float:
        return left + max(month - 1, 0) * (right - left) / 11

    def y(value: float) -> float:
        return bottom - value / largest * (bottom - top)

    step = _step(largest)
    ticks = [
        (f"{y(number * step):.1f}", f"{y(number * step) + 4:.1f}", format_number(_plain(number * step)))
        for number in range(int(largest / step) + 1)
        if goal is None or abs(y(number * step) - y(float(goal))) > 12
    ]
    shown = (1, 3, 6, 9, 12) if width > 400 else (1, 6, 12)
    point, wedge = None, ""
    done = [month for month, value in enumerate(this, 1) if value is not None]
    points = [(float(month), value) for month, value in enumerate(this, 1)]
    if done:
        points[done[-1] - 1] = (done[-1] - 1 + passed, this[done[-1] - 1])
        at, value = done[-1] - 1 + passed, this[done[-1] - 1] or 0
        point = (f"{x(at):.1f}", f"{y(value):.1f}")
        if at < 12 and forecast.low is not None and forecast.high is not None:
            wedge = f"M{point[0]} {point[1]}L{x(12):.1f} {y(forecast.high):.1f}V{y(forecast.low):.1f}Z"
    last_y = "" if last[-1] is None else y(last[-1])
    wedge_y = y((forecast.low + forecast.high) / 2) if wedge and forecast.low is not None and forecast.high else ""
    if last_y != "" and wedge_y != "" and abs(float(last_y) - float(wedge_y)) < 17:
        below = float(last_y) >= float(wedge_y)
        wedge_y, last_y = (
            (float(wedge_y) - 6, float(wedge_y) + 12) if below else (float(last_y) + 12, float(last_y) - 6)
        )
    return TrendDrawing(
        width,
        212,
        str(right),
        str(bottom),
        ticks,
        [(f"{x(month):.1f}", f"{month}月") for month in shown],
        "" if goal is None else f"{y(float(goal)):.1f}",
        _path(points, x, y),
        _path([(float(month), value) for month, value in enumerate(last, 1)], x, y),
        wedge,
        point,
        "" if last_y == "" else f"{float(last_y) + 4:.1f}",
        "" if wedge_y == "" else f"{float(wedge_y) + 4:.1f}",
    )


def _path(points: Sequence[tuple[float, float | None]], x: Scale, y: Scale) -> str:
    """A line through the known values, interrupted where one is missing."""
    parts, is_drawing = [], False
    for at, value in points:
        if value is not None:
            parts.append(f"{'L' if is_drawing else 'M'}{x(at):.1f} {y(value):.1f}")
        is_drawing = value is not None
    return "".join(parts)


def _step(largest: float) -> float:
    """A round distance of about five grid lines."""
    base = 10.0 ** math.floor(math.log10(largest))
    return next((base * factor for factor in (0.1, 0.2, 0.5, 1, 2) if largest / (base * factor) <= 6), base * 5)


def _plain(number: float) -> Decimal:
    return Decimal(f"{number:.4f}").normalize() if number != int(number) else Decimal(int(number))


@dataclass(frozen=True)
class Bar:
    """A bar of a table: its width in percent of the longest; None is a gap, shown as a word in its place."""

    width: str | None


def bars(values: Sequence[float | None]) -> list[Bar]:
    longest = max((value for value in values if value is not None), default=0) or 1
    return [Bar(None if value is None else f"{value / longest * 100:.1f}") for value in values]
