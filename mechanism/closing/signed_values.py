"""Signed values beside the current ones: what a board shows for a period that has been closed."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from accounts.models import Organisation, Region
from core.scope import Scope
from mechanism.closing.differences import ValueDifference, as_counted
from mechanism.closing.spans import closed_by
from mechanism.kpi.query_scope import FigureScope, value_name
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
    """The signed values of a scope. `version` is None if its period is not closed.

    Signed are the sums of the whole city and single lines of the splits, so a scope with several filters has none.
    """

    def __init__(self, scope: FigureScope):
        self.scope = scope
        month, self._span = closed_by(scope.period)
        self.version = FigureVersion.objects.newest_signed().filter(period=month).first()
        self._own = self._totals(scope) if self.version else {}
        is_city = scope == scope.whole_city()
        self._city = self._totals(scope.whole_city()) if self.version and not is_city else self._own

    def beside(self, counted: FigureValue) -> SignedValue | None:
        """The signed value of a figure counted for the scope, or for the whole city in the same period."""
        if self.version is None or counted.scope.period != self.scope.period:
            return None
        stored = self._own if counted.scope == self.scope else self._city if counted.scope.is_whole_city else {}
        if counted.figure.key not in stored:
            return None
        value = value_of(counted.figure, stored[counted.figure.key], counted.rule)
        signed = None if value is None else Decimal(value)
        return SignedValue(self.version, ValueDifference(counted.figure, signed, counted.value))

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

    def _totals(self, scope: FigureScope) -> dict[str, Totals]:
        """{figure: signed totals of the scope}."""
        lines = _lines_of(scope)
        if lines is None:
            return {}
        by, names = lines
        rows = FrozenFigure.objects.filter(version=self.version, span=self._span)
        if not by:
            return {row.figure: _as_totals(row) for row in rows.filter(by="")}
        totals: dict[str, Totals] = defaultdict(Totals)
        for key in rows.filter(by=by).values_list("figure", flat=True).distinct():
            totals[key] = Totals()
        for row in rows.filter(by=by, name__in=names):
            totals[row.figure] += _as_totals(row)
        return dict(totals)


def _lines_of(scope: FigureScope) -> tuple[str, list[str]] | None:
    """(dimension, names of the lines) that make up a scope, ("", []) for the whole city, None if no lines do."""
    if scope.is_whole_city:
        return "", []
    user_scope = scope.user.scope if scope.user else None
    limits: list[tuple[str, list[str]]] = [(name, [value_name(name, value)]) for name, value in scope.filters]
    if user_scope and not user_scope.sees_all:
        limits += _own_lines(user_scope)
    return limits[0] if len(limits) == 1 else None


def _own_lines(user_scope: Scope) -> list[tuple[str, list[str]]]:
    """The lines of a district officer's districts and of an institution officer's institutions."""
    limits = []
    if user_scope.region_ids:
        codes = Region.objects.filter(pk__in=user_scope.region_ids).values_list("code", flat=True)
        limits.append(("region", list(codes)))
    if user_scope.institution_ids:
        ids = Organisation.objects.filter(pk__in=user_scope.institution_ids).values_list("public_id", flat=True)
        limits.append(("institution", list(ids)))
    return limits


def _as_totals(row: FrozenFigure) -> Totals:
    return Totals(row.rows, row.total, row.part_rows, row.part)
