"""Scope of a figure query: period, user and dimension filters, parsed from URL, API or command parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from accounts.models import Organisation, Region, User
from brokers.models import Agency
from core.scope import scope_of
from mechanism.kpi.definitions import DIMENSIONS, FigureDefinition, FigurePart
from mechanism.kpi.period import Period, parse_period
from rounds.models import DockingRound
from taxonomy.models import Industry

UNKNOWN = "none"
"""URL value that selects the rows without a value of the dimension."""
LOOKUPS = {
    "region": (Region, "code"),
    "industry": (Industry, "slug"),
    "institution": (Organisation, "public_id"),
    "agency": (Agency, "public_id"),
    "round": (DockingRound, "public_id"),
}
"""{dimension: (model, field used as its URL value)}. Values of "kind" are used as they are."""


@dataclass(frozen=True)
class FigureScope:
    """Period, user and filters of a figure query.

    `user` is None for sums of the whole city. `filters`: (dimension, model instance or kind, None for unknown).
    """

    period: Period
    user: User | None = None
    filters: tuple[tuple[str, object], ...] = ()

    def rows_of_all_periods(self, figure: FigureDefinition, *, counted_only: bool = True) -> QuerySet:
        """Rows of a figure that the user may see and that match the filters, without a restriction by date.

        With `counted_only=False` rows that do not count are included, such as cancelled contracts.
        """
        rows = figure.visible_rows(self.user)
        rows = figure.select_rows(rows, self.period) if counted_only else rows
        rows = rows.filter(self._user_condition(figure)) if self.user is not None else rows
        for dimension, value in self.filters:
            if dimension not in figure.dimensions:
                return rows.none()
            alias = f"kpi_at_{dimension}"
            rows = rows.alias(**{alias: figure.dimension_expression(dimension)})
            value = getattr(value, "pk", value)
            rows = rows.filter(**({alias: value} if value is not None else {f"{alias}__isnull": True}))
        return rows

    def rows(self, figure: FigureDefinition) -> QuerySet:
        """Rows of the period: those dated within it, for a snapshot figure those valid at its end."""
        return self.rows_of_all_periods(figure).filter(period_condition(figure, self.period))

    def rows_of_part(self, figure: FigureDefinition, part: FigurePart) -> QuerySet:
        """Rows of the period that are in a part, annotated with `part_wan` if the part has its own amount."""
        return rows_in_part(self.rows(figure), part)

    def may_see(self, figure: FigureDefinition) -> bool:
        """Whether the user may see rows of the figure. Sums of the whole city need no such permission."""
        user_scope = scope_of(self.user)
        if self.user is None or user_scope.sees_all:
            return True
        return bool(
            (user_scope.region_ids and "region" in figure.dimensions)
            or (user_scope.institution_ids and "institution" in figure.dimensions)
        )

    def has_rows(self, figure: FigureDefinition) -> bool:
        """Whether the figure can have rows here: its rows are visible and it is split by what is filtered."""
        return self.may_see(figure) and all(name in figure.dimensions for name, _value in self.filters)

    def _user_condition(self, figure: FigureDefinition) -> Q:
        """District officers see the rows of their reporting units, institution officers those of their institution."""
        user_scope = scope_of(self.user)
        if user_scope.sees_all:
            return Q()
        condition = Q(pk__in=[])
        for dimension, ids in (("region", user_scope.region_ids), ("institution", user_scope.institution_ids)):
            if ids and dimension in figure.dimensions:
                lookup = figure.dimensions[dimension]
                if not isinstance(lookup, str):
                    raise TypeError(f"{figure.key}: {dimension} decides who sees what and must be a plain lookup")
                condition |= Q(**{f"{lookup}__in": ids})
        return condition

    def with_period(self, period: Period) -> "FigureScope":
        return replace(self, period=period)

    def whole_city(self) -> "FigureScope":
        """The same period for the whole city, for sums only."""
        return replace(self, user=None, filters=())

    def with_filter(self, dimension: str, value: object) -> "FigureScope":
        return replace(self, filters=(*self.filters, (dimension, value)))

    @property
    def is_whole_city(self) -> bool:
        return not self.filters and (self.user is None or self.user.scope.sees_all)

    @property
    def query(self) -> dict[str, str]:
        """URL parameters."""
        return {"period": self.period.name} | {name: value_name(name, value) for name, value in self.filters}

    @property
    def label(self) -> str:
        values = (str(value or DIMENSIONS[name].unknown) for name, value in self.filters)
        return "，".join([self.period.label, *values])


def rows_in_part(rows: QuerySet, part: FigurePart) -> QuerySet:
    if part.condition is not None:
        rows = rows.filter(part.condition)
    return rows if part.amount is None else rows.annotate(part_wan=part.amount).filter(part_wan__gt=0)


def period_condition(figure: FigureDefinition, period: Period) -> Q:
    date_field = figure.date_field
    if figure.is_snapshot:
        begun = Q(
            **{f"{date_field}__lt": period.ends_at} if figure.is_datetime else {f"{date_field}__lte": period.as_of}
        )
        if not figure.end_date_field:
            return begun
        valid = Q(**{f"{figure.end_date_field}__isnull": True}) | Q(**{f"{figure.end_date_field}__gte": period.as_of})
        return begun & valid
    if figure.is_datetime:
        return Q(**{f"{date_field}__gte": period.starts_at, f"{date_field}__lt": period.ends_at})
    return Q(**{f"{date_field}__gte": period.first, f"{date_field}__lte": period.last})


def value_name(dimension: str, value: object) -> str:
    """URL value of a dimension value."""
    if value is None:
        return UNKNOWN
    return str(value) if dimension not in LOOKUPS else getattr(value, LOOKUPS[dimension][1])


def parse_scope(params: Mapping, user: User | None) -> FigureScope:
    """Parse "period" and the dimensions. Raises ValidationError, for a dimension as {parameter: message}."""
    filters = []
    for dimension in DIMENSIONS:
        if text := params.get(dimension, ""):
            filters.append((dimension, _parse_value(dimension, text)))
    return FigureScope(parse_period(params.get("period", "")), user, tuple(filters))


def _parse_value(dimension: str, text: str) -> object:
    if text == UNKNOWN:
        return None
    if dimension not in LOOKUPS:
        return text
    model, field = LOOKUPS[dimension]
    # The same message whether or not the user may see the object: the answer reveals nothing about other rows.
    rows = Organisation.objects.institutions() if dimension == "institution" else model.objects.all()
    value = rows.filter(**{field: text}).first() if "\x00" not in text else None
    if value is None:
        raise ValidationError(
            {dimension: "没有这个%(what)s：%(text)s。" % {"what": DIMENSIONS[dimension].label, "text": text[:40]}}
        )
    return value
