"""What moved a figure since a moment: rows that came, went or changed, with the effect of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from audit.models import AuditRecord
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.figure_changes import changes_by
from mechanism.kpi.period import Period, week_period
from mechanism.kpi.query_scope import FigureScope
from mechanism.kpi.records import ordered_records
from mechanism.kpi.totals import FigureValue, Totals, value_of

MAX_SHOWN = 5


@dataclass(frozen=True)
class MovedRow:
    """`effect` in the unit of the figure, None for a rate and where the audit trail does not contain enough."""

    title: str
    pk: int
    why: str
    effect: Decimal | None


@dataclass(frozen=True)
class Movement:
    """What moved since `since`.

    came: totals of the rows that are dated since then and count. late: rows that count now, are dated before, and came
    into the figure since. gone: rows that no longer count. changed: others with an effect. delta: in the unit of the
    figure, in percentage points for a rate; None if it cannot be derived.
    """

    figure: FigureDefinition
    week: Period
    since: datetime
    came: Totals
    delta: Decimal | int | None
    late: tuple[MovedRow, ...] = ()
    gone: tuple[MovedRow, ...] = ()
    changed: tuple[MovedRow, ...] = ()
    unclear: int = 0

    @property
    def is_still(self) -> bool:
        return not (self.came.rows or self.late or self.gone or self.changed or self.unclear)

    @property
    def came_value(self) -> Decimal | int | None:
        return self.figure.in_unit(self.came.total) if self.figure.is_money else self.came.rows

    @property
    def moved(self) -> list[MovedRow]:
        """The rows that moved otherwise than by coming in time, the largest effect first."""
        rows = [*self.gone, *self.late, *self.changed]
        return sorted(rows, key=lambda row: abs(row.effect or Decimal(0)), reverse=True)[:MAX_SHOWN]


def movement_of(
    counted: FigureValue, came: Totals, scope: FigureScope, since: datetime, edits: Sequence[AuditRecord]
) -> Movement:
    """`counted`: the figure now, in the same scope; `came`: of its rows those dated since; `edits`: `edits_since`.

    No SQL query without edits, otherwise three.
    """
    figure = counted.figure
    day = timezone.localdate(since)
    week = week_period(day + timedelta(days=1))
    changes = changes_by(edits, figure, scope)
    in_time: set[int] = set()
    if changes:
        recent = _dated_since(figure, scope.rows(figure), day)
        in_time = set(recent.filter(pk__in=[change.pk for change in changes]).values_list("pk", flat=True))
    late, gone, changed, unclear = [], [], [], 0
    for change in changes:
        if change.pk in in_time or (figure.is_datetime and change.is_counted):
            continue  # the system itself sets a moment, so a row that counts came when it says
        if change.effect is None:
            unclear += 1
            continue
        row = MovedRow(change.record, change.pk, change.entries[-1].action, _in_unit(figure, change.effect))
        if not change.is_counted:
            gone.append(row)
        elif any(_is_arrival(entry.changes) for entry in change.entries):
            late.append(row)
        elif change.effect:
            changed.append(row)
    delta = _delta(counted, came, [*late, *gone, *changed], unclear)
    return Movement(figure, week, since, came, delta, tuple(late), tuple(gone), tuple(changed), unclear)


def recent_rows(movement: Movement, scope: FigureScope) -> QuerySet:
    """The largest of the rows that came in time, as `records.describe_records` needs them."""
    figure = movement.figure
    rows = ordered_records(figure, _dated_since(figure, scope.rows(figure), timezone.localdate(movement.since)))
    if figure.amount_field:
        rows = rows.order_by(F(figure.amount_field).desc(nulls_last=True), "-pk")
    return rows[:MAX_SHOWN]


def _dated_since(figure: FigureDefinition, rows: QuerySet, day) -> QuerySet:
    """Rows dated after the day. A snapshot figure has no begin of its period, so its date field decides too."""
    lookup = f"{figure.date_field}__date__gt" if figure.is_datetime else f"{figure.date_field}__gt"
    return rows.filter(Q(**{lookup: day}))


def _is_arrival(changes: dict) -> bool:
    """Whether an audit record says that the row became one that counts: it got its number or all confirmations."""
    return any(
        isinstance(changes.get(name), list) and not changes[name][0] and changes[name][1]
        for name in ("number", "is_counted")
    )


def _in_unit(figure: FigureDefinition, effect: Decimal) -> Decimal | None:
    value = figure.in_unit(effect)
    return None if value is None else Decimal(value)


def _delta(counted: FigureValue, came: Totals, rows: list[MovedRow], unclear: int) -> Decimal | int | None:
    figure, now = counted.figure, counted.totals
    if figure.is_rate:
        if unclear or rows:
            return None
        before = Totals(
            now.rows - came.rows, now.total - came.total, now.part_rows - came.part_rows, now.part - came.part
        )
        value, earlier = counted.value, value_of(figure, before, counted.rule)
        return None if value is None or earlier is None else Decimal(value) - Decimal(earlier)
    if unclear:
        return None
    own = figure.in_unit(came.total) if figure.is_money else came.rows
    return Decimal(own or 0) + sum((row.effect or Decimal(0) for row in rows), Decimal(0))
