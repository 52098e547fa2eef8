"""The cockpit: where the figures with targets stand, where they will end, what moved, who has to bring what."""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from accounts.models import Organisation, Region, User
from core.scope import scope_of
from mechanism.kpi.charts import TrendChart, trend_chart
from mechanism.kpi.cockpit_content import BY_INSTITUTION, Cockpit, CockpitFigure, PartyFigure, PartyRow, as_float
from mechanism.kpi.counting import FigureQuery, FigureResults, SignedNumbers
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.figure_changes import edits_since
from mechanism.kpi.forecast import Forecast, RateParts, forecast_rate, forecast_stock, forecast_sum
from mechanism.kpi.lights import light_of, light_of_part
from mechanism.kpi.movement import Movement, movement_of, recent_rows
from mechanism.kpi.period import year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.records import RecordDescription, describe_records
from mechanism.kpi.registry import FIGURES, TARGETS
from mechanism.kpi.series import (
    Month,
    ending_from,
    last_complete_month,
    monthly_totals,
    months_before,
    new_since,
    series_of,
)
from mechanism.kpi.totals import FigureValue, SplitLine, Totals, value_of
from mechanism.models import AllocatedTarget, RateRule, Target

STOCK_MONTHS = 24
BY_REGION = ("turnover", "items", "agencies")
PARTY_DIMENSIONS = ("region", "institution")


def party_of(scope: FigureScope) -> tuple[str, Region | Organisation] | None:
    """(dimension, district or institution) whose numbers a scope shows, if it is a single one."""
    chosen = [(name, value) for name, value in scope.filters if name in PARTY_DIMENSIONS]
    if len(chosen) == 1 and len(scope.filters) == 1:
        name, value = chosen[0]
        return (name, value) if isinstance(value, Region | Organisation) else None
    if scope.filters or scope.is_whole_city:
        return None
    user_scope = scope_of(scope.user)
    if len(user_scope.region_ids) == 1:
        return "region", Region.objects.get(pk__in=user_scope.region_ids)
    if len(user_scope.institution_ids) == 1:
        return "institution", Organisation.objects.get(pk__in=user_scope.institution_ids)
    return None


def has_cockpit(scope: FigureScope) -> bool:
    """The whole city, a district or an institution, in a whole year."""
    return scope.period.is_year and (scope.is_whole_city or party_of(scope) is not None)


def build_cockpit(scope: FigureScope, *, today: date | None = None, signed: SignedNumbers | None = None) -> Cockpit:
    """With `signed` a closed year is shown and judged by what was signed.

    Raises nothing for a scope of `has_cockpit`. About 20 SQL queries, independent of the number of rows.
    """
    return _CockpitBuilder(scope, today or timezone.localdate(), signed).build()


@dataclass(frozen=True)
class MovedRecords:
    """`came`: descriptions of the largest rows that came in time."""

    movement: Movement
    came: list[RecordDescription]


def moved_records(cockpit: Cockpit, user: User) -> list[MovedRecords]:
    """The movements of the figures that moved, with the rows behind them."""
    movements = [item.movement for item in cockpit.figures if item.movement and not item.movement.is_still]
    return [
        MovedRecords(movement, describe_records(movement.figure, recent_rows(movement, cockpit.scope), user))
        for movement in movements
    ]


class _CockpitBuilder:
    def __init__(self, scope: FigureScope, today: date, signed: SignedNumbers | None):
        self.scope, self.today, self.signed = scope, today, signed
        self.year, self.is_over = scope.period.year, scope.period.year < today.year
        self.last_month = _last_month(self.year, today)
        self.assignee = party_of(scope)
        self.keys = [key for key in TARGETS if scope.has_rows(FIGURES[key])]
        self.targets = Target.objects.for_year(self.year) if scope.is_whole_city else {}
        self.allocated = _allocated(self.year, scope.user)
        self.since = timezone.now() - timedelta(days=7)
        self.is_running = self.year == today.year

    def build(self) -> Cockpit:
        compared = [key for key, _by in self._splits()]  # of districts and institutions, also without a target
        whole = {key: FigureQuery(FIGURES[key], self.scope) for key in dict.fromkeys([*self.keys, *compared])}
        splits = {(key, by): FigureQuery(FIGURES[key], self.scope, by, False) for key, by in self._splits()}
        self.results = FigureResults([*whole.values(), *splits.values(), *self._history(whole)], signed=self.signed)
        self.edits = edits_since(map(FIGURES.__getitem__, whole), self.since) if self.is_running else {}
        by_key = {key: self._figure(self.results.count(query)) for key, query in whole.items()}
        figures = [by_key[key] for key in self.keys]
        lines = {key: self.results.split(query) for key, query in splits.items()}
        return Cockpit(
            self.scope,
            timezone.now(),
            figures,
            self._trend(by_key.get("turnover")),
            self._parties("region", BY_REGION, lines, by_key),
            self._parties("institution", BY_INSTITUTION, lines, by_key),
        )

    def _history(self, keys: Iterable[str]) -> Iterable[FigureQuery]:
        """What forecasts, the chart and the movements need; of a past year only the chart."""
        for key in keys:
            figure = FIGURES[key]
            if self.is_running:
                yield series_of(figure, self.scope)
            if key == "turnover":
                yield from self._chart_queries(figure)
            if self.is_running:
                yield new_since(figure, self.scope, timezone.localdate(self.since))
                if figure.is_snapshot and figure.end_date_field:
                    yield ending_from(figure, self.scope, self.today)

    def _chart_queries(self, figure: FigureDefinition) -> list[FigureQuery]:
        """The months of the year and of the year before."""
        scopes = (self.scope, self.scope.with_period(year_period(self.year - 1)))
        return [FigureQuery(figure, scope, "month", False) for scope in scopes]

    def _told_apart(self, query: FigureQuery) -> Totals:
        return self.results.split_totals(query).get(True, Totals())

    def _months(self, figure: FigureDefinition) -> dict[Month, Totals]:
        return monthly_totals(self.results, figure, self.scope)

    def _splits(self) -> Iterable[tuple[str, str]]:
        if self.scope.is_whole_city:
            for by, keys in (("region", BY_REGION), ("institution", BY_INSTITUTION)):
                yield from ((key, by) for key in keys)

    def _figure(self, counted: FigureValue) -> CockpitFigure:
        figure = counted.figure
        target = self.targets.get(figure.key)
        allocated = self.allocated.get((figure.key, *_party_key(self.assignee))) if self.assignee else None
        goal = allocated.value if allocated else target.value if target else None
        must_exceed = bool(target and target.is_over and not allocated)
        forecast = self._forecast(counted)
        totals = self.signed.whole(counted) if self.signed else None
        value = counted.value if totals is None else value_of(figure, totals, counted.rule)
        light = light_of(
            goal=None if goal is None else float(goal),
            must_exceed=must_exceed,
            value=as_float(value),
            forecast=forecast,
            is_over=self.is_over,
        )
        movement = None
        if self.is_running:
            came = self._told_apart(new_since(figure, self.scope, timezone.localdate(self.since)))
            movement = movement_of(counted, came, self.scope, self.since, self.edits[figure.key])
        return CockpitFigure(counted, value, goal, must_exceed, forecast, light, movement, target, allocated, totals)

    def _forecast(self, counted: FigureValue) -> Forecast:
        if not self.is_running:
            return Forecast(missing="这一年已经结束" if self.is_over else "这一年还没有开始")
        return self._forecast_stock(counted) if counted.figure.is_snapshot else self._forecast_flow(counted)

    def _forecast_flow(self, counted: FigureValue) -> Forecast:
        figure = counted.figure
        totals = self._months(figure)
        if not figure.is_rate:
            per = float(figure.unit.per)
            amounts = {month: float(value.total) / per for month, value in totals.items()}
            value = as_float(counted.value) or 0
            return forecast_sum(amounts, year=self.year, month=self.last_month, value=value)
        by_number = counted.rule is not None and counted.rule.basis == RateRule.Basis.NUMBER
        parts = RateParts(
            {month: float(value.part_rows if by_number else value.part) for month, value in totals.items()},
            {month: float(value.rows if by_number else value.total) for month, value in totals.items()},
        )
        now = counted.totals
        part, whole = (now.part_rows, now.rows) if by_number else (now.part, now.total)
        return forecast_rate(parts, year=self.year, month=self.last_month, part=float(part), whole=float(whole))

    def _forecast_stock(self, counted: FigureValue) -> Forecast:
        figure = counted.figure
        per_month = self._months(figure)
        begun = {
            month: total.total if figure.amount_field else Decimal(total.rows) for month, total in per_month.items()
        }
        months = [month for month in months_before(self.today, STOCK_MONTHS) if begun and month >= min(begun)]
        ending = Totals()
        if figure.end_date_field:
            ending = self._told_apart(ending_from(figure, self.scope, self.today))
        return forecast_stock(
            [_in_unit(figure, begun.get(month, Decimal(0))) for month in months],
            months_left=12 - self.last_month,
            value=as_float(counted.value) or 0,
            ending=_in_unit(figure, ending.total if figure.amount_field else Decimal(ending.rows)),
            is_count=not figure.amount_field,
        )

    def _trend(self, turnover: CockpitFigure | None) -> TrendChart | None:
        if turnover is None:
            return None
        lines = [self.results.split(query) for query in self._chart_queries(turnover.figure)]
        this_year, last_year = ({line.key.first.month: line for line in year} for year in lines)
        amounts = {month: float(line.value or 0) for month, line in this_year.items()}
        before = {month: float(line.value or 0) for month, line in last_year.items() if line.totals.rows}
        until = 12 if self.is_over else self.today.month if self.year == self.today.year else 0
        passed = 1.0 if self.is_over else self.today.day / monthrange(self.today.year, self.today.month)[1]
        return trend_chart(amounts, before or None, until, passed, turnover.goal, turnover.forecast, self.year)

    def _parties(
        self, by: str, keys: tuple[str, ...], lines: dict[tuple[str, str], list[SplitLine]], whole: dict
    ) -> list[PartyRow]:
        """Districts in their official order and institutions by turnover: an order, not a ranking."""
        rows: dict[str, PartyRow] = {}
        for key in keys:
            for line in lines.get((key, by), ()):
                label = getattr(line.key, "short_name", "") or line.label
                row = rows.setdefault(line.name, PartyRow(line.key, label, line.name, {}))
                row.figures[key] = self._party_figure(key, by, line, whole[key])
        with_turnover = [row for row in rows.values() if row.assignee is not None]
        return with_turnover + [row for row in rows.values() if row.assignee is None and _size(row)]

    def _party_figure(self, key: str, by: str, line: SplitLine, whole: CockpitFigure) -> PartyFigure:
        allocated = self.allocated.get((key, by, getattr(line.key, "pk", None)))
        forecast = _as_the_whole(line, whole)
        contracts = line.totals.rows if key in ("turnover", "local_rate") else 10**6
        light = light_of_part(
            rows=contracts,
            goal=float(allocated.value) if allocated else None,
            value=as_float(line.value),
            forecast=forecast,
            is_over=self.is_over,
        )
        return PartyFigure(line, allocated, light, key)


def _as_the_whole(line: SplitLine, whole: CockpitFigure) -> Forecast:
    """A part grows until the end of the year as the whole does: a few contracts of its own would show chance."""
    value, city = as_float(line.value), as_float(whole.counted.value)
    forecast = whole.forecast
    if whole.figure.is_rate:
        return Forecast(missing="单位的转化率不推算")
    if not forecast.is_known or not city or value is None:
        return Forecast(missing=forecast.missing or "还没有记录")
    low, high = (value * (end or 0) / city for end in (forecast.low, forecast.high))
    return Forecast(low, high, "按全市余下月份的进度推")


def _allocated(year: int, user: User | None) -> dict[tuple, AllocatedTarget]:
    """{(figure, dimension, pk of the assignee): target} that the user may see."""
    rows = AllocatedTarget.objects.filter(year=year)
    rows = rows.visible_to(user) if user else rows
    return {(row.figure, row.dimension, row.region_id or row.institution_id): row for row in rows}


def _party_key(assignee: tuple[str, Region | Organisation] | None) -> tuple:
    return (assignee[0], assignee[1].pk) if assignee else ()


def _last_month(year: int, today: date) -> int:
    """The last complete month of the year: 0 for none, 12 if the year is over."""
    end = last_complete_month(today)
    return 12 if end[0] > year else end[1] if end[0] == year else 0


def _in_unit(figure: FigureDefinition, amount: Decimal) -> float:
    return float(amount / figure.unit.per)


def _size(row: PartyRow) -> bool:
    return any(figure.line.totals.rows for figure in row.figures.values())
