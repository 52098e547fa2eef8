"""Targets of districts and institutions on one page: what each had last year, what is suggested, given and agreed."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from accounts.models import Organisation, Region, User
from mechanism.kpi.counting import FigureQuery, FigureResults
from mechanism.kpi.period import year_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.registry import FIGURES
from mechanism.models import AllocatedTarget, Target

ALLOCATIONS = (
    ("turnover", "region"),
    ("items", "region"),
    ("agencies", "region"),
    ("turnover", "institution"),
    ("items", "institution"),
    ("local_rate", "institution"),
)
"""(figure, dimension) for which targets are given."""


@dataclass(frozen=True)
class AllocationRow:
    """One district or institution. Values in the unit of the figure.

    last_year, now: the figure then and until today. suggested: its share of last year (without one, of this year)
    applied to the city's target; None where there is nothing to derive it from.
    """

    assignee: Region | Organisation
    name: str
    last_year: Decimal | int | None
    now: Decimal | int | None
    suggested: Decimal | None
    target: AllocatedTarget | None

    @property
    def share(self) -> int | None:
        if self.target is None or self.now is None:
            return None
        return int(Decimal(self.now) * 100 / self.target.value)


@dataclass(frozen=True)
class Allocation:
    """The rows of one figure and dimension. `given`: sum of the targets; None for a rate, which has no sum."""

    key: str
    by: str
    year: int
    city_target: Target | None
    rows: list[AllocationRow]

    @property
    def figure(self):
        return FIGURES[self.key]

    @property
    def targets(self) -> list[AllocatedTarget]:
        return [row.target for row in self.rows if row.target]

    @property
    def given(self) -> Decimal | None:
        if self.figure.is_rate:
            return None
        return sum((target.value for target in self.targets), Decimal(0))

    @property
    def uncovered(self) -> Decimal | None:
        """What the given targets lack of the city's; negative if they exceed it."""
        if self.city_target is None or self.given is None:
            return None
        return self.city_target.value - self.given

    @property
    def excess(self) -> Decimal:
        return -self.uncovered if self.uncovered is not None and self.uncovered < 0 else Decimal(0)

    def count(self, status: str) -> int:
        return sum(1 for target in self.targets if target.status == status)

    @property
    def agreed(self) -> int:
        return self.count(AllocatedTarget.Status.AGREED)

    @property
    def waiting(self) -> int:
        return self.count(AllocatedTarget.Status.GIVEN)

    @property
    def countered(self) -> int:
        return self.count(AllocatedTarget.Status.COUNTERED)


def build_allocation(key: str, by: str, year: int, user: User) -> Allocation:
    """For users who see the whole city: all districts, or all active local institutions."""
    figure, scope = FIGURES[key], FigureScope(year_period(year))
    now = FigureQuery(figure, scope, by, with_parts=False)
    before = FigureQuery(figure, scope.with_period(year_period(year - 1)), by, with_parts=False)
    results = FigureResults([now, before])
    values = {line.name: line for line in results.split(now)}
    earlier = {line.name: line for line in results.split(before)}
    city = Target.objects.for_year(year).get(key)
    if not any(line.value for line in earlier.values()):
        earlier = values  # nothing is known of last year: the shares until today
    whole = sum((Decimal(line.value or 0) for line in earlier.values()), Decimal(0))
    targets = AllocatedTarget.objects.visible_to(user).filter(figure=key, year=year, **{f"{by}__isnull": False})
    by_party = {target.region_id or target.institution_id: target for target in targets.with_parties()}
    rows = []
    for assignee in _parties(by):
        name = assignee.code if isinstance(assignee, Region) else assignee.public_id
        last = line.value if (line := earlier.get(name)) else None
        current = values[name].value if name in values else None
        suggested = _suggest(key, city, last, whole)
        shown = None if earlier is values else last
        rows.append(AllocationRow(assignee, name, shown, current, suggested, by_party.get(assignee.pk)))
    return Allocation(key, by, year, city, rows)


def _parties(by: str) -> list[Region | Organisation]:
    if by == "region":
        return list(Region.objects.reporting())
    return list(Organisation.objects.institutions().filter(is_active=True, is_local=True).order_by("name"))


def _suggest(key: str, city: Target | None, last: Decimal | int | None, whole: Decimal) -> Decimal | None:
    """The share of last year, rounded as people write targets; for a rate the city's own target."""
    if city is None:
        return None
    if FIGURES[key].is_rate:
        return city.value
    if not last or not whole:
        return None
    value = city.value * Decimal(last) / whole
    step = Decimal(1) if not FIGURES[key].amount_field or value >= 10 else Decimal("0.1")
    return max(value.quantize(step, ROUND_HALF_UP), step)
