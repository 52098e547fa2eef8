"""Signed values beside the current ones: what a board shows for a period that has been closed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Organisation, Region
from core.scope import scope_of
from mechanism.closing.authentic import AuthenticVersion, authentic_of_month, authentic_of_year
from mechanism.closing.differences import ValueDifference, as_counted
from mechanism.closing.spans import closed_by
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.definitions import TIMES
from mechanism.kpi.period import Period, year_period
from mechanism.kpi.query_scope import UNKNOWN, FigureScope, value_name
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.totals import FigureValue, PartTotals, PartValue, SplitLine, Totals, parts_of, value_of
from mechanism.models import FigureVersion, FrozenFigure, RateRule

type Signed = tuple[str, Totals]
"""Label and totals of a line."""


@dataclass(frozen=True)
class SignedValue:
    """The signed value of a figure and how it differs from the current one."""

    version: FigureVersion
    comparison: ValueDifference
    totals: Totals

    @property
    def text(self) -> str:
        return self.comparison.signed_text

    @property
    def parts(self) -> list[PartValue]:
        return parts_of(self.comparison.figure, self.totals)

    @property
    def differs(self) -> bool:
        return self.comparison.signed != self.comparison.now


class SignedValues:
    """The signed values of a scope. `version` is None if its period is not closed; `rejected`: newer ones of the period
    that do not prove.

    Signed are the sums of the whole city and single lines of the splits, so a scope with several filters has none. For
    a user who sees only a part of the rows of a line, its signed value is no answer either.
    """

    def __init__(self, scope: FigureScope, *, is_closed: bool = True):
        """With `is_closed=False` the caller knows that nothing of the period was signed, and no query is needed."""
        self.scope = scope
        month, self._span = closed_by(scope.period)
        authentic = authentic_of_month(month) if is_closed else AuthenticVersion()
        self.version, self.rejected = authentic.version, authentic.rejected
        self._line = _line_of(scope) if self.version else None
        self._others: dict[Period, SignedValues] = {}

    @cached_property
    def _signed_months(self) -> set[str]:
        return set(FigureVersion.objects.signed().values_list("period", flat=True))

    @cached_property
    def of_year(self) -> AuthenticVersion:
        """The version of the period, for an open one that of the last signed month of its year."""
        own = AuthenticVersion(self.version, self.rejected)
        return own if self.version else authentic_of_year(self.scope.period.year)

    def beside(self, counted: FigureValue) -> SignedValue | None:
        """The signed value of a figure counted for the scope, or for the whole city in the same period."""
        totals = self.whole(counted)
        if totals is None or self.version is None:
            return None
        value = value_of(counted.figure, totals, counted.rule)
        signed = None if value is None else Decimal(value)
        return SignedValue(self.version, ValueDifference(counted.figure, signed, counted.value), totals)

    def whole(self, counted: FigureValue) -> Totals | None:
        """The signed totals of a figure counted for the scope, or for the whole city in the same period."""
        if self.version is None or counted.scope.period != self.scope.period:
            return None
        if counted.scope.is_whole_city:
            return self._city.get(counted.figure.key)
        if counted.scope == self.scope and self._sees_all_rows(counted):
            return self._own.get(counted.figure.key)
        return None

    @property
    def is_closed(self) -> bool:
        return self.version is not None

    def text(self, counted: FigureValue) -> str:
        """For example 签发 45.00 亿元（2025年12月月结第1版）；现在 44.90，差异 −0.1; empty where nothing is signed."""
        signed = self.beside(counted)
        if signed is None:
            return ""
        text = f"签发 {signed.text} {counted.figure.unit.label}（{signed.version}）"
        if not signed.differs:
            return f"{text}，与现在的数相同"
        return f"{text}；现在 {signed.comparison.now_text}，差异 {signed.comparison.difference_text}"

    def lines(self, query: FigureQuery, lines: list[SplitLine], rule: RateRule | None) -> list[SplitLine]:
        """The lines of a split of the whole city as they were signed, each with the current one where it differs."""
        if not query.scope.is_whole_city:
            return lines
        signed = self._of_times(query, lines) if query.by in TIMES else self._of_dimension(query)
        if not signed:
            return lines
        nothing = None if query.by in TIMES else ("", Totals())  # what came later
        return [
            _signed_line(query, line, signed.get(line.name, nothing), rule) for line in _with_missing(lines, signed)
        ]

    def _of_dimension(self, query: FigureQuery) -> dict[str, Signed]:
        own = self._closing(query.scope.period)
        if own.version is None:
            return {}
        rows = own._rows(query.by).filter(figure=query.figure.key)
        return {row.name: (row.label, _totals_of(row)) for row in rows}

    def _of_times(self, query: FigureQuery, lines: list[SplitLine]) -> dict[str, Signed]:
        """A line of its own close; months and quarters of what happened from the months of the closed year."""
        figure = query.figure
        if query.by != "year" and not figure.is_snapshot:
            year = self._closing(year_period(query.scope.period.year))
            if year.version is None:
                return {}
            months = {row.name: _totals_of(row) for row in year._rows("month").filter(figure=figure.key)}
            return {
                line.name: (
                    line.label,
                    sum((months.get(month.name, Totals()) for month in _months_of(line)), start=Totals()),
                )
                for line in lines
            }
        closings = {line.name: self._closing(line.key) for line in lines if isinstance(line.key, Period)}
        stored = {name: closing._city.get(figure.key) for name, closing in closings.items() if closing.version}
        return {name: ("", totals) for name, totals in stored.items() if totals is not None}

    def _closing(self, period: Period) -> "SignedValues":
        """What was signed of another period."""
        if period == self.scope.period:
            return self
        if period not in self._others:
            is_closed = closed_by(period)[0] in self._signed_months
            self._others[period] = SignedValues(FigureScope(period), is_closed=is_closed)
        return self._others[period]

    @cached_property
    def _city(self) -> dict[str, Totals]:
        return self._totals("", "")

    @cached_property
    def _own(self) -> dict[str, Totals]:
        """{figure: signed totals of the scope}; figures that are not split by its dimension have none."""
        if self._line is None:
            return {}
        dimension, value = self._line
        split_by_it = self._rows(dimension).values_list("figure", flat=True).distinct()
        return dict.fromkeys(split_by_it, Totals()) | self._totals(dimension, value_name(dimension, value))

    def _sees_all_rows(self, counted: FigureValue) -> bool:
        if self.scope.user is None or self.scope.user.scope.sees_all:
            return True
        unrestricted = self._unrestricted.get(counted.figure.key)
        return (counted.totals.rows, counted.totals.total) == unrestricted

    @cached_property
    def _unrestricted(self) -> dict[str, tuple[int, Decimal]]:
        """{figure: number and sum now of all rows of the line, whoever sees them}."""
        assert self._line is not None
        scope = FigureScope(self.scope.period, None, (self._line,))
        queries = {key: FigureQuery(FIGURES[key], scope, with_parts=False) for key in self._own if key in FIGURES}
        results = FigureResults(queries.values())
        counted = {key: results.count(query).totals for key, query in queries.items()}
        return {key: (totals.rows, totals.total) for key, totals in counted.items()}

    def _rows(self, by: str) -> QuerySet[FrozenFigure]:
        return FrozenFigure.objects.filter(version=self.version, span=self._span, by=by)

    def _totals(self, by: str, name: str) -> dict[str, Totals]:
        return {row.figure: _totals_of(row) for row in self._rows(by).filter(name=name)}

    def as_dict(self, counted: FigureValue) -> dict:
        """{"signed": {"value", "version", "month", "difference", …}} for the API; empty for an open period."""
        signed = self.beside(counted)
        if signed is None:
            return {}
        comparison, version = signed.comparison, signed.version
        return {
            "signed": {
                "value": None if comparison.signed is None else str(as_counted(counted.figure, comparison.signed)),
                "version": version.number,
                "month": version.period,
                "signed_on": timezone.localdate(version.signed_at).isoformat(),
                "difference": None if comparison.difference is None else str(comparison.difference),
            }
        }


def _totals_of(row: FrozenFigure) -> Totals:
    parts = {key: PartTotals(rows, Decimal(total)) for key, (rows, total) in row.parts.items()}
    return Totals(row.rows, row.total, row.part_rows, row.part, parts)


def _months_of(line: SplitLine) -> list[Period]:
    """Of a quarter or a month."""
    assert isinstance(line.key, Period)
    return [month for month in year_period(line.key.year).months() if line.key.first <= month.first <= line.key.last]


def _with_missing(lines: list[SplitLine], signed: Mapping[str, Signed]) -> list[SplitLine]:
    """With a line for each value that was signed and has no rows now, before the line without a value."""
    known = {line.name for line in lines}
    missing = [
        SplitLine(name, label, Totals(), 0, name) for name, (label, _totals) in signed.items() if name not in known
    ]
    unknown = [line for line in lines if line.name == UNKNOWN]
    return [*(line for line in lines if line.name != UNKNOWN), *missing, *unknown]


def _signed_line(query: FigureQuery, line: SplitLine, signed: Signed | None, rule: RateRule | None) -> SplitLine:
    if signed is None:
        return line
    totals, figure = signed[1], query.figure
    differs = _counted(totals) != _counted(line.totals)
    value = value_of(figure, totals, rule)
    parts = parts_of(figure, totals) if query.with_parts else []
    return replace(line, totals=totals, value=value, parts=parts, current=line if differs else None)


def _counted(totals: Totals) -> tuple:
    return totals.rows, totals.total, totals.part_rows, totals.part


def _line_of(scope: FigureScope) -> tuple[str, object] | None:
    """(dimension, value) of the one line of a split that is the scope; None for the whole city and for several."""
    limits: list[tuple[str, object]] = list(scope.filters)
    user_scope = scope_of(scope.user)
    if scope.user is not None and not user_scope.sees_all:
        limits += [("region", region) for region in Region.objects.filter(pk__in=user_scope.region_ids)]
        institutions = Organisation.objects.filter(pk__in=user_scope.institution_ids)
        limits += [("institution", institution) for institution in institutions]
    return limits[0] if len(limits) == 1 else None
