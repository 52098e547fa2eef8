"""What is asked: which days, whose rows, narrowed to what. Read the same from an address, an API call or a command."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Organisation, Region
from brokers.models import Agency
from core.scope import scope_of
from mechanism.kpi.figure import DIMENSIONS, Figure
from mechanism.kpi.period import Period, period_of
from rounds.models import DockingRound
from taxonomy.models import Industry

UNKNOWN = "none"
NAMED_BY = {
    "region": (Region, "code"),
    "industry": (Industry, "slug"),
    "institution": (Organisation, "public_id"),
    "agency": (Agency, "public_id"),
    "round": (DockingRound, "public_id"),
}
"""How an address names a value of a dimension. A kind stands for itself."""


@dataclass(frozen=True)
class Where:
    """`user` None asks for the whole city in sums alone. `narrowed`: dimension → row, kind, or None for unknown."""

    period: Period
    user: object | None = None
    narrowed: tuple[tuple[str, object], ...] = ()

    def of(self, figure: Figure, *, whether_counted: bool = True) -> QuerySet:
        """Every row of a figure that the asking may see and asked for, whatever its day.

        With `whether_counted` False also those that do not count (any more): a cancelled contract.
        """
        rows = figure.visible(self.user)
        rows = figure.which(rows, self.period) if whether_counted else rows
        rows = rows.filter(self._own(figure)) if self.user is not None else rows
        for dimension, value in self.narrowed:
            if dimension not in figure.ways:
                return rows.none()
            rows = rows.alias(**{f"kpi_at_{dimension}": figure.way(dimension)})
            value = getattr(value, "pk", value)
            rows = rows.filter(
                **({f"kpi_at_{dimension}": value} if value is not None else {f"kpi_at_{dimension}__isnull": True})
            )
        return rows

    def rows(self, figure: Figure) -> QuerySet:
        """Those of the period: what happened in it, or what stands at its end."""
        return self.of(figure).filter(in_period(figure, self.period))

    def may_see(self, figure: Figure) -> bool:
        """Whether this user has rows of it at all; everybody who has a board may see the city's sums."""
        scope = scope_of(self.user)
        if self.user is None or scope.sees_all:
            return True
        return bool(
            (scope.region_ids and "region" in figure.ways) or (scope.institution_ids and "institution" in figure.ways)
        )

    def _own(self, figure: Figure) -> Q:
        """A district's staff see the rows of their reporting unit, an institution's office its own: never others'."""
        scope = scope_of(self.user)
        if scope.sees_all:
            return Q()
        own = Q(pk__in=[])
        for dimension, ids in (("region", scope.region_ids), ("institution", scope.institution_ids)):
            if ids and dimension in figure.ways:
                lookup = figure.ways[dimension]
                if not isinstance(lookup, str):
                    raise TypeError(f"{figure.key}: {dimension} decides who sees what and must be a plain lookup")
                own |= Q(**{f"{lookup}__in": ids})
        return own

    def at(self, period: Period) -> "Where":
        return replace(self, period=period)

    def city(self) -> "Where":
        """The same question about the whole city, in sums alone."""
        return replace(self, user=None, narrowed=())

    def also(self, dimension: str, value) -> "Where":
        return replace(self, narrowed=(*self.narrowed, (dimension, value)))

    def value(self, dimension: str):
        return dict(self.narrowed).get(dimension)

    @property
    def query(self) -> dict[str, str]:
        """As an address writes it."""
        return {"period": self.period.name} | {name: name_of(name, value) for name, value in self.narrowed}

    @property
    def words(self) -> str:
        return "，".join(
            [self.period.label, *(str(value or DIMENSIONS[name].unknown) for name, value in self.narrowed)]
        )


def in_period(figure: Figure, period: Period) -> Q:
    if figure.stands:
        begun = Q(**{f"{figure.day}__lt": period.ends_at} if figure.is_moment else {f"{figure.day}__lte": period.as_of})
        lasts = Q(**{f"{figure.until}__isnull": True}) | Q(**{f"{figure.until}__gte": period.as_of})
        return begun & lasts if figure.until else begun
    if figure.is_moment:
        return Q(**{f"{figure.day}__gte": period.starts_at, f"{figure.day}__lt": period.ends_at})
    return Q(**{f"{figure.day}__gte": period.first, f"{figure.day}__lte": period.last})


def name_of(dimension: str, value) -> str:
    if value is None:
        return UNKNOWN
    return str(value) if dimension not in NAMED_BY else getattr(value, NAMED_BY[dimension][1])


def where_of(params: Mapping, user) -> Where:
    """Read `period` and the dimensions out of an address. Raises ValidationError naming the parameter."""
    narrowed = []
    for dimension in DIMENSIONS:
        if text := params.get(dimension, ""):
            narrowed.append((dimension, _named(dimension, text)))
    return Where(period_of(params.get("period", "")), user, tuple(narrowed))


def _named(dimension: str, text: str):
    if text == UNKNOWN:
        return None
    if dimension not in NAMED_BY:
        return text
    model, field = NAMED_BY[dimension]
    # A name that nobody may look up is one that is not there: nothing is said of rows outside the asker's own.
    found = model.objects.filter(**{field: text}).first() if "\x00" not in text else None
    if found is None:
        raise ValidationError(
            {dimension: _("没有这个%(what)s：%(text)s。") % {"what": DIMENSIONS[dimension].label, "text": text[:40]}}
        )
    return found
