"""Contents of a dashboard: the city's, a district's or an institution's page of figures."""

from calendar import monthrange
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils import timezone

from accounts.models import User
from core.scope import scope_of
from mechanism.kpi.charts import Bar, bars, trend_chart
from mechanism.kpi.counting import FigureQuery, FigureResults, SignedNumbers
from mechanism.kpi.definitions import TIMES, WAN_IN_YI
from mechanism.kpi.forecast import Forecast
from mechanism.kpi.period import year_period
from mechanism.kpi.presentation import target_progress_by_key
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import ACTIVITY, APPROACHES, CHALLENGES, FIGURES, MONEY, TARGETS
from mechanism.kpi.targets import TargetProgress
from mechanism.kpi.totals import FigureValue, SplitLine, Totals

MAX_INSTITUTIONS = 10
MAX_ROUNDS = 6
BY_REGION = ("absorbed", "absorbed_contracts", "signed", "intents", "meetings", "firms")
BY_ROUND = ("featured", "firms", "meetings", "intents", "signed")
WITH_PARTS = (*MONEY, "local_rate")
"""Headlines beside which 平台促成, 未到账 and 关联 stand."""
SECTIONS = ("headlines", "trend", "years", "regions", "industries", "institutions", "rounds", "funds", "agencies")


@dataclass(frozen=True)
class HeadlineFigure:
    """A figure at the top of the dashboard.

    own: the value of the dashboard's scope; None if the figure has no rows of its own there.
    city: the value of the whole city; None if the scope is the whole city.
    """

    key: str
    own: FigureValue | None
    city: FigureValue | None
    progress: TargetProgress | None

    @property
    def shown(self) -> FigureValue:
        value = self.own or self.city
        assert value is not None
        return value


def has_dashboard(user: User) -> bool:
    user_scope = scope_of(user)
    return user_scope.sees_all or user_scope.is_district or bool(user_scope.institution_ids)


@dataclass(frozen=True)
class DashboardQueries:
    """The queries of each section of a dashboard, so that `FigureResults` answers them together."""

    scope: FigureScope

    @property
    def headlines(self) -> list[FigureQuery]:
        """The figures of the scope, and those of the whole city beside them."""
        keys = dict.fromkeys((*TARGETS, *ACTIVITY, *APPROACHES, *CHALLENGES, *MONEY))
        own = [self._headline(key, self.scope) for key in keys if self.scope.has_rows(FIGURES[key])]
        if self.scope.is_whole_city:
            return own
        return own + [self._headline(key, self.scope.whole_city()) for key in keys]

    def _headline(self, key: str, scope: FigureScope) -> FigureQuery:
        return FigureQuery(FIGURES[key], scope, with_parts=key in WITH_PARTS)

    @property
    def trend(self) -> list[FigureQuery]:
        """Turnover by month of this year and of last year."""
        year = self.scope.period.year
        return self._splits("turnover", by="month", year=year) + self._splits("turnover", by="month", year=year - 1)

    @property
    def years(self) -> list[FigureQuery]:
        return self._splits("turnover", by="year", year=self.scope.period.year)

    @property
    def regions(self) -> list[FigureQuery]:
        return self._splits(*BY_REGION, by="region")

    @property
    def industries(self) -> list[FigureQuery]:
        return self._splits("turnover", "contracts", by="industry")

    @property
    def institutions(self) -> list[FigureQuery]:
        return self._splits("local_rate", by="institution")

    @property
    def rounds(self) -> list[FigureQuery]:
        return self._splits(*BY_ROUND, by="round")

    @property
    def funds(self) -> list[FigureQuery]:
        return self._splits("funds", by="kind") if self.scope.user is None or self.scope.user.scope.sees_all else []

    @property
    def agencies(self) -> list[FigureQuery]:
        return self._splits("agencies", by="kind")

    def _splits(self, *keys: str, by: str, year: int | None = None) -> list[FigureQuery]:
        scope = self.scope.with_period(year_period(year)) if year else self.scope
        figures = [FIGURES[key] for key in keys if self.scope.has_rows(FIGURES[key])]
        # The board shows parts beside its headlines only.
        return [
            FigureQuery(figure, scope, by, with_parts=False)
            for figure in figures
            if by in figure.dimensions or by in TIMES
        ]


def build_dashboard(scope: FigureScope, signed: SignedNumbers | None = None) -> dict:
    """Template context with everything a dashboard shows; splits and charts of closed periods as they were signed."""
    all_queries = DashboardQueries(scope)
    queries = {name: getattr(all_queries, name) for name in SECTIONS}
    results = FigureResults((query for section in queries.values() for query in section), signed=signed)
    lines = {name: [results.split(query) for query in queries[name]] for name in SECTIONS if name != "headlines"}
    values = {(query.figure.key, query.scope): results.count(query) for query in queries["headlines"]}
    headlines = _headlines(scope, values)
    return {
        "read_at": results.read_at,
        "targets": [headlines[key] for key in TARGETS],
        "activity": [headlines[key] for key in ACTIVITY],
        "approaches": [headlines[key] for key in APPROACHES],
        "challenges": [headlines[key] for key in CHALLENGES],
        "money": [headlines[key] for key in MONEY if headlines[key].own],
        "trend": _trend(scope, *lines["trend"]) if lines["trend"] else None,
        "years": _without_leading_empty(*lines["years"]) if lines["years"] else [],
        "regions": _comparison(scope, queries["regions"], lines["regions"]),
        "industries": _comparison(scope, queries["industries"], lines["industries"]),
        "institutions": _institution_rates(*lines["institutions"]) if lines["institutions"] else [],
        "rounds": _comparison(scope, queries["rounds"], lines["rounds"])[-MAX_ROUNDS:],
        "funds": lines["funds"][0] if lines["funds"] else [],
        "agencies": lines["agencies"][0] if lines["agencies"] else [],
    }


def _headlines(scope: FigureScope, values: dict[tuple[str, FigureScope], FigureValue]) -> dict[str, HeadlineFigure]:
    own = {key: value for (key, value_scope), value in values.items() if value_scope == scope}
    city = {}
    if not scope.is_whole_city:
        city = {key: value for (key, value_scope), value in values.items() if value_scope == scope.whole_city()}
    progress = target_progress_by_key(own if scope.is_whole_city else city)
    return {key: HeadlineFigure(key, own.get(key), city.get(key), progress.get(key)) for key in own | city}


def _without_leading_empty(lines: list[SplitLine]) -> list[SplitLine]:
    """The lines from the first one that has rows; at least the last line."""
    first = next((index for index, line in enumerate(lines) if line.totals.rows), len(lines) - 1)
    return lines[first:]


def _trend(scope: FigureScope, this_year: list[SplitLine], last_year: list[SplitLine]) -> dict:
    """{"chart": TrendChart, "lines": twelve months' split lines, None for those to come}."""
    by_month = {line.key.first.month: line for line in this_year}
    amounts = {month: float(line.value or 0) for month, line in by_month.items()}
    last = {line.key.first.month: float(line.value or 0) for line in last_year if line.totals.rows}
    today, year = timezone.localdate(), scope.period.year
    passed = today.day / monthrange(year, today.month)[1] if year == today.year else 1.0
    until = max(by_month, default=0)
    chart = trend_chart(amounts, last or None, until, passed, None, Forecast(), year)
    return {"chart": chart, "months": [(row, by_month.get(row.month)) for row in chart.table]}


@dataclass(frozen=True)
class ComparisonRow:
    """A table row with one cell per figure: (figure key, split line of that figure or None). `bar`: of the first."""

    name: str
    label: str
    cells: list[tuple[str, SplitLine | None]]
    bar: Bar | None = None

    @property
    def is_empty(self) -> bool:
        return not any(line and line.totals.rows for _key, line in self.cells)


def _comparison(scope: FigureScope, queries: list[FigureQuery], splits: list[list[SplitLine]]) -> list[ComparisonRow]:
    """The same split of several figures side by side. Empty rows are left out, except for the city's districts."""
    lines_by_name: dict[str, dict[str, SplitLine]] = {}
    labels: dict[str, str] = {}
    for query, lines in zip(queries, splits, strict=True):
        for line in lines:
            lines_by_name.setdefault(line.name, {})[query.figure.key] = line
            labels.setdefault(line.name, line.label)
    keys, by = [query.figure.key for query in queries], queries[0].by if queries else ""
    rows = [
        ComparisonRow(name, labels[name], [(key, lines.get(key)) for key in keys])
        for name, lines in lines_by_name.items()
    ]
    rows.sort(key=lambda row: row.name == "none")
    if not (by == "region" and scope.is_whole_city):
        rows = [row for row in rows if not row.is_empty]
    return _by_start(rows) if by == "round" else _with_bars(rows)


def _with_bars(rows: list[ComparisonRow]) -> list[ComparisonRow]:
    values = [line.value if line else None for line in (row.cells[0][1] for row in rows)]
    drawn = bars([None if value is None else float(value) for value in values])
    return [replace(row, bar=bar) for row, bar in zip(rows, drawn, strict=True)]


def _by_start(rows: list[ComparisonRow]) -> list[ComparisonRow]:
    """Rounds by their start; the row without a round comes last."""

    def round_of(row: ComparisonRow):
        return next((line.key for _key, line in row.cells if line and line.key), None)

    with_round = [row for row in rows if round_of(row)]
    without = [row for row in rows if not round_of(row)]
    return sorted(with_round, key=lambda row: round_of(row).starts_at) + without


@dataclass(frozen=True)
class InstitutionRate:
    """Turnover in 亿元 and local rate of an institution."""

    label: str
    name: str
    turnover: Decimal
    totals: Totals
    current: SplitLine | None = None

    @property
    def bar(self) -> Bar:
        """The rate itself is a percentage."""
        rate = self.totals.by_amount
        return Bar(None if rate is None else f"{rate:.1f}")


def _institution_rates(lines: list[SplitLine]) -> list[InstitutionRate]:
    """The institutions by turnover; those beyond the maximum are added up in the last line."""
    rates = [
        InstitutionRate(_short(line), line.name, line.totals.total / WAN_IN_YI, line.totals, line.current)
        for line in lines
    ]
    rates.sort(key=lambda rate: rate.turnover, reverse=True)
    if len(rates) <= MAX_INSTITUTIONS:
        return rates
    largest, others = rates[: MAX_INSTITUTIONS - 1], rates[MAX_INSTITUTIONS - 1 :]
    rest = sum((rate.totals for rate in others), start=Totals())
    label = "其他 %(count)s 家" % {"count": len(others)}
    return [*largest, InstitutionRate(label, "", rest.total / WAN_IN_YI, rest)]


def _short(line: SplitLine) -> str:
    return getattr(line.key, "short_name", "") or line.label
