"""What is asked of the rows of a figure: as a whole, by a dimension, by time."""

from collections.abc import Hashable
from dataclasses import astuple, dataclass, replace
from datetime import date
from hashlib import sha256

from django.db.models import Q
from django.db.models.expressions import Combinable
from django.db.models.functions import ExtractMonth, ExtractQuarter, ExtractYear, TruncMonth

from accounts.models import User
from core.scope import scope_of
from deals.models import Contract
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.kept_totals import key_of
from mechanism.kpi.period import Period, parse_period, year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES

SERIES, NEW, ENDING = "series", "new", "ending"
TIME_EXTRACTS = {"year": ExtractYear, "quarter": ExtractQuarter, "month": ExtractMonth}


@dataclass(frozen=True)
class FigureQuery:
    """A figure as a whole, or split `by` a dimension or "year", "quarter", "month"; `with_parts` counts its parts.

    `years`: of a split by year or by SERIES only the first to the second of them.

    For forecasts it is split by SERIES, the months of several years. By NEW the rows dated after `day` are told from
    the others, by ENDING those of a snapshot figure that count at `day` and whose last day is in the year of the scope.
    """

    figure: FigureDefinition
    scope: FigureScope
    by: str = ""
    with_parts: bool = True
    day: date | None = None
    years: tuple[int, int] | None = None

    @property
    def periods(self) -> list[Period]:
        """The periods of a split by time: the last five years, or the quarters or months that have begun."""
        year = self.scope.period.year
        if self.by == "year":
            return [year_period(year - back) for back in range(4, -1, -1)]
        parts = year_period(year).quarters() if self.by == "quarter" else year_period(year).months()
        today = parse_period("").as_of
        return [part for part in parts if part.first <= today]

    @property
    def period_queries(self) -> list["FigureQuery"]:
        """One query for each period: a snapshot figure is counted at the end of each."""
        return [replace(self, scope=self.scope.with_period(part), by="") for part in self.periods]

    @property
    def is_counted_per_period(self) -> bool:
        return self.figure.is_snapshot and self.by in TIME_EXTRACTS

    @property
    def source(self) -> tuple[FigureDefinition, FigureScope, tuple[int, int] | None]:
        """(figure, scope, the years whose rows are read instead of its period). Splits by time read the whole year."""
        scope = self.scope
        if self.by in ("quarter", "month"):
            return self.figure, scope.with_period(year_period(scope.period.year)), None
        if self.by not in ("year", SERIES) or self.is_of_its_period:
            return self.figure, scope, None
        return self.figure, scope, self.years or (scope.period.year - 4, scope.period.year)

    @property
    def is_of_its_period(self) -> bool:
        """Whether the only year that is asked for is the period of the scope."""
        return self.years is not None and self.scope.period == year_period(self.years[0]) and len(set(self.years)) == 1

    @property
    def is_dated(self) -> bool:
        """Whether changes of contracts of other days leave the totals as they are (`kept_totals`)."""
        return self.figure.model is Contract and self.figure.date_field == "registered_on"

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last day of registration of the contracts that are read; None if not `is_dated`."""
        if not self.is_dated:
            return None
        _figure, scope, years = self.source
        return (date(years[0], 1, 1), date(years[1], 12, 31)) if years else (scope.period.first, scope.period.last)

    @property
    def yearly(self) -> list["FigureQuery"]:
        """One query for each year of a split of several years by which a figure of contracts can be kept."""
        if not self.is_dated or self.years or self.by not in ("year", SERIES):
            return [self]
        last = self.scope.period.year
        return [replace(self, years=(year, year)) for year in range(last - 4, last + 1)]

    @property
    def split_expression(self) -> Combinable | Q | None:
        """What rows are grouped by; None for no split."""
        field = self.figure.date_field
        if self.by == SERIES:
            return TruncMonth(field)
        if self.by == NEW:
            return Q(**{f"{field}__date__gt" if self.figure.is_datetime else f"{field}__gt": self.day})
        if self.by == ENDING:
            ends = self.figure.end_date_field
            return Q(**{f"{ends}__gte": self.day, f"{ends}__lt": date(self.scope.period.year, 12, 31)})
        if self.by in TIME_EXTRACTS:
            return TIME_EXTRACTS[self.by](field)
        return self.figure.dimension_expression(self.by) if self.by else None

    @property
    def key(self) -> str:
        """Under which its totals are kept; empty for a figure that is made for the occasion."""
        figure = FIGURES.get(self.figure.key)
        if figure is not self.figure and not (figure and self.figure.state):
            return ""
        period, gaps = self.scope.period, [repr(lacking) for _label, lacking in self.figure.gaps]
        filters = [(name, getattr(value, "pk", value)) for name, value in self.scope.filters]
        version = (self.figure.key, self.figure.state, self.figure.version, sha256("".join(gaps).encode()).hexdigest())
        asked = (self.by, self.with_parts, self.day, self.years)
        return key_of(version, period, filters, _seen_by(self.scope.user), *asked)

    @property
    def statement_key(self) -> Hashable:
        """On what its SQL depends, apart from the day."""
        filters = tuple((name, getattr(value, "pk", value)) for name, value in self.scope.filters)
        asked = (self.by, self.with_parts, self.day, self.years)
        return self.figure, self.scope.period, filters, repr(_seen_by(self.scope.user)), *asked


def _seen_by(user: User | None) -> object:
    """On what it depends which rows a user sees. Those who see all share what one of them has counted."""
    if user is None:
        return None
    scope = scope_of(user)
    if scope.sees_all:
        return "all"
    return [sorted(value) if isinstance(value, frozenset) else value for value in astuple(scope)]
