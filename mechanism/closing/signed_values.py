"""Signed values beside the current ones: what a board shows for a period that has been closed."""

from dataclasses import dataclass
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
from mechanism.kpi.query_scope import FigureScope, value_name
from mechanism.kpi.registry import FIGURES
from mechanism.kpi.totals import FigureValue, Totals, value_of
from mechanism.models import FigureVersion, FrozenFigure


@dataclass(frozen=True)
class SignedValue:
    """The signed value of a figure and how it differs from the current one."""

    version: FigureVersion
    comparison: ValueDifference

    @property
    def text(self) -> str:
        return self.comparison.signed_text

    @property
    def differs(self) -> bool:
        return self.comparison.signed != self.comparison.now


class SignedValues:
    """The signed values of a scope. `version` is None if its period is not closed; `rejected`: newer ones of the period
    that do not prove.

    Signed are the sums of the whole city and single lines of the splits, so a scope with several filters has none. For
    a user who sees only a part of the rows of a line, its signed value is no answer either.
    """

    def __init__(self, scope: FigureScope):
        self.scope = scope
        month, self._span = closed_by(scope.period)
        authentic = authentic_of_month(month)
        self.version, self.rejected = authentic.version, authentic.rejected
        self._line = _line_of(scope) if self.version else None

    @cached_property
    def of_year(self) -> AuthenticVersion:
        """The version of the period, for an open one that of the last signed month of its year."""
        own = AuthenticVersion(self.version, self.rejected)
        return own if self.version else authentic_of_year(self.scope.period.year)

    def beside(self, counted: FigureValue) -> SignedValue | None:
        """The signed value of a figure counted for the scope, or for the whole city in the same period."""
        if self.version is None or counted.scope.period != self.scope.period:
            return None
        key = counted.figure.key
        if counted.scope.is_whole_city:
            stored = self._city
        else:
            stored = self._own if counted.scope == self.scope and self._sees_all_rows(counted) else {}
        if key not in stored:
            return None
        value = value_of(counted.figure, stored[key], counted.rule)
        signed = None if value is None else Decimal(value)
        return SignedValue(self.version, ValueDifference(counted.figure, signed, counted.value))

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
        return {
            row.figure: Totals(row.rows, row.total, row.part_rows, row.part) for row in self._rows(by).filter(name=name)
        }

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


def _line_of(scope: FigureScope) -> tuple[str, object] | None:
    """(dimension, value) of the one line of a split that is the scope; None for the whole city and for several."""
    limits: list[tuple[str, object]] = list(scope.filters)
    user_scope = scope_of(scope.user)
    if scope.user is not None and not user_scope.sees_all:
        limits += [("region", region) for region in Region.objects.filter(pk__in=user_scope.region_ids)]
        institutions = Organisation.objects.filter(pk__in=user_scope.institution_ids)
        limits += [("institution", institution) for institution in institutions]
    return limits[0] if len(limits) == 1 else None
