"""Counting a figure and splitting it. The value is the sum of its rows: both come from one queryset.

A page that shows many figures asks for them together (`Answers`): what rests on the same rows is one question.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import EmptyResultSet
from django.db.models import Q, QuerySet
from django.db.models.functions import ExtractMonth, ExtractQuarter, ExtractYear

from accounts.models import Organisation, Region
from brokers.models import Agency
from mechanism.kpi.figure import DIMENSIONS, Figure
from mechanism.kpi.passes import Summed, sum_rows
from mechanism.kpi.period import Period, period_of, year_of
from mechanism.kpi.tally import Counted, Line, Tally, value_of
from mechanism.kpi.where import Where, name_of
from mechanism.models import RateRule
from rounds.models import DockingRound
from taxonomy.models import Industry

PARTS_OF_TIME = {"year": ExtractYear, "quarter": ExtractQuarter, "month": ExtractMonth}


@dataclass(frozen=True)
class Ask:
    """A figure as a whole, or `by` a dimension or "year", "quarter", "month"."""

    figure: Figure
    where: Where
    by: str = ""

    @property
    def parts(self) -> list[Period]:
        """Years: this and the four before. Quarters and months: those of the year that have begun."""
        year = self.where.period.year
        if self.by == "year":
            return [year_of(year - back) for back in range(4, -1, -1)]
        parts = year_of(year).quarters() if self.by == "quarter" else year_of(year).months()
        today = period_of("").as_of
        return [part for part in parts if part.first <= today]

    @property
    def at_each(self) -> list["Ask"]:
        """What stands at the end of each part of time is asked for each."""
        return [Ask(self.figure, self.where.at(part)) for part in self.parts]

    @property
    def is_of_each_part(self) -> bool:
        return self.figure.stands and self.by in PARTS_OF_TIME

    @property
    def source(self) -> tuple[Figure, Where, bool]:
        """Whose rows, of when: the period's, a whole year's to split it, or those of several years."""
        by_time = self.by in ("quarter", "month")
        return self.figure, self.where.at(year_of(self.where.period.year)) if by_time else self.where, self.by == "year"

    @property
    def way(self):
        """What its rows are split by, as an expression; None for not at all."""
        if self.by in PARTS_OF_TIME:
            return PARTS_OF_TIME[self.by](self.figure.day)
        return self.figure.way(self.by) if self.by else None


class Answers:
    """What was asked, counted when this is made: one question for each set of rows, one for each dimension's names."""

    def __init__(self, asks: Iterable[Ask]):
        asked = {one for ask in asks for one in (ask.at_each if ask.is_of_each_part else [ask])}
        self._found: dict[Ask, Summed] = {}
        for rows, of_rows in _by_rows(asked):
            self._found |= zip(of_rows, sum_rows(rows, [(ask.figure, ask.way) for ask in of_rows]), strict=True)
        self._rules: dict[date, RateRule | None] = {}
        self._names: dict[str, list] = {}

    def count(self, ask: Ask) -> Counted:
        """The figure as a whole."""
        found = self._found[ask]
        gaps = tuple(
            (str(label), number) for (label, _lacking), number in zip(ask.figure.gaps, found.gaps, strict=True)
        )
        return Counted(ask.figure, ask.where, found.whole, ask.where.period.as_of, gaps, self._rule(ask))

    def split(self, ask: Ask) -> list[Line]:
        """Lines add up to the figure (but for a standing one by time: that shows what stood at the end of each). What
        rows do not say has a line of its own, at the end."""
        if ask.by in PARTS_OF_TIME:
            return self._by_time(ask)
        found, rule = self._found[ask].tallies, self._rule(ask)

        def line(key, label: str, tally: Tally) -> Line:
            return Line(name_of(ask.by, key), label, tally, value_of(ask.figure, tally, rule), key)

        lines = [line(key, label, found.get(pk, Tally())) for pk, key, label in self._keys(ask, found)]
        if None in found or "" in found:
            rest = found.get(None, Tally()) + found.get("", Tally())
            lines.append(line(None, str(DIMENSIONS[ask.by].unknown), rest))
        return lines

    def _by_time(self, ask: Ask) -> list[Line]:
        if ask.is_of_each_part:
            counted = [(one.where.period, self.count(one)) for one in ask.at_each]
            return [Line(part.name, part.label, one.tally, one.value, part) for part, one in counted]
        lines, rule = [], self._rule(ask)
        for part in ask.parts:
            at = {"year": part.year, "quarter": (part.first.month + 2) // 3, "month": part.first.month}[ask.by]
            tally = self._found[ask].tallies.get(at, Tally())
            lines.append(Line(part.name, part.label, tally, value_of(ask.figure, tally, rule), part))
        return lines

    def _rule(self, ask: Ask) -> RateRule | None:
        if not ask.figure.is_rate:
            return None
        day = ask.where.period.as_of
        if day not in self._rules:
            self._rules[day] = RateRule.objects.in_force(day)
        return self._rules[day]

    def _keys(self, ask: Ask, found: dict) -> Iterable[tuple]:
        """(pk, what it stands for, its label), in the order people expect: all districts, in the official one."""
        if ask.by == "kind":
            return [(kind, kind, str(label)) for kind, label in ask.figure.kinds.items()]
        named = self._named(ask.by)
        keys = [
            (one.pk, one, str(one)) for one in named if one.pk in found or (ask.by == "region" and one.is_reporting)
        ]
        if ask.by in ("institution", "agency"):
            keys.sort(key=lambda key: (found[key[0]].total, found[key[0]].rows), reverse=True)
        return keys

    def _named(self, by: str) -> list:
        """The rows that the values of a dimension stand for, of every figure that was split by it."""
        if by not in self._names:
            pks = {pk for ask, found in self._found.items() if ask.by == by for pk in found.tallies if pk}
            self._names[by] = list(_rows_named(by, pks))
        return self._names[by]


def _by_rows(asked: Iterable[Ask]) -> Iterable[tuple[QuerySet, list[Ask]]]:
    """Asks that rest on the same rows together: those whose rows are read by the same statement."""
    sources: dict[tuple, tuple[object, QuerySet]] = {}
    found: dict[object, tuple[QuerySet, list[Ask]]] = {}
    for ask in asked:
        if ask.source not in sources:
            rows = _rows(*ask.source)
            sources[ask.source] = _statement(rows) or ask.source, rows
        key, rows = sources[ask.source]
        found.setdefault(key, (rows, []))[1].append(ask)
    return found.values()


def _rows(figure: Figure, where: Where, is_of_years: bool) -> QuerySet:
    if not is_of_years:
        return where.rows(figure)
    last = where.period.year
    return where.of(figure).filter(Q(**{f"{figure.day}__year__gte": last - 4, f"{figure.day}__year__lte": last}))


def _statement(rows: QuerySet) -> str:
    """What tells whether two querysets read the same rows: their statement, values and what they name besides."""
    try:
        return repr((rows.order_by().values("pk").query.sql_with_params(), sorted(rows.query.annotations)))
    except EmptyResultSet:
        return ""


def _rows_named(by: str, pks: set) -> QuerySet:
    if by == "region":
        return Region.objects.filter(Q(is_reporting=True) | Q(pk__in=pks))
    return {
        "industry": Industry.objects.all(),
        "institution": Organisation.objects.all(),
        "agency": Agency.objects.select_related("organisation"),
        "round": DockingRound.objects.order_by("starts_at"),
    }[by].filter(pk__in=pks)


def count(figure: Figure, where: Where) -> Counted:
    """The figure, counted now."""
    ask = Ask(figure, where)
    return Answers([ask]).count(ask)


def split(figure: Figure, where: Where, by: str) -> list[Line]:
    """The figure by a dimension or by "year", "quarter", "month"."""
    ask = Ask(figure, where, by)
    return Answers([ask]).split(ask)


def tally(figure: Figure, rows: QuerySet) -> Tally:
    """What these rows come to."""
    return sum_rows(rows, [(figure, None)])[0].whole
