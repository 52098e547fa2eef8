"""What altered a past figure: which record, when and by whom, from the trail; and what the figure was before."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.db.models import DateField, DateTimeField, Model
from django.utils import timezone

from audit.changes import told
from audit.models import AuditRecord
from mechanism.kpi.counting import tally
from mechanism.kpi.figure import Figure
from mechanism.kpi.where import Where

MOST = 500
"""So many of the latest entries are looked through."""


@dataclass(frozen=True)
class Change:
    """One record that was changed. `effect` on the figure in its unit (万元 for sums): None where the trail does not
    tell enough. `is_counted`: whether it counts now."""

    record: str
    pk: int
    entries: tuple[AuditRecord, ...]
    effect: Decimal | None
    is_counted: bool

    @property
    def lines(self) -> list[tuple[AuditRecord, list[str]]]:
        return [(entry, told(entry.changes)) for entry in self.entries]


@dataclass(frozen=True)
class Changed:
    """`before` is None where some effect is not known; `is_all` False where more was changed than is looked through."""

    since: datetime
    changes: tuple[Change, ...]
    now: Decimal
    is_all: bool

    @property
    def before(self) -> Decimal | None:
        effects = [change.effect for change in self.changes]
        return None if None in effects or not self.is_all else self.now - sum(effects, Decimal(0))


def changes_of(figure: Figure, where: Where, since: datetime) -> Changed:
    """Every record whose counted columns changed after `since` and that counts now or did before."""
    found = AuditRecord.objects.filter(
        object_type=figure.model._meta.label_lower, at__gt=since, changes__has_any_keys=sorted(figure.columns)
    )
    entries = list(found.order_by("-at", "-pk")[: MOST + 1]) if figure.columns else []
    by_record = defaultdict(list)
    for entry in reversed(entries[:MOST]):
        by_record[int(entry.object_id)].append(entry)
    seen = where.of(figure, whether_counted=False).filter(pk__in=by_record)
    counted = set(where.rows(figure).filter(pk__in=by_record).values_list("pk", flat=True))
    changes = [_change(figure, where, row, by_record[row.pk], row.pk in counted) for row in seen.distinct()]
    now = _now(figure, where)
    kept = [change for change in changes if change.is_counted or change.effect != 0]
    kept.sort(key=lambda change: change.entries[-1].at, reverse=True)
    return Changed(since, tuple(kept), now, len(entries) <= MOST)


def _now(figure: Figure, where: Where) -> Decimal:
    found = tally(figure, where.rows(figure))
    return found.total if figure.amount else Decimal(found.rows)


def _change(figure: Figure, where: Where, row: Model, entries: list[AuditRecord], is_counted: bool) -> Change:
    return Change(str(row), row.pk, tuple(entries), _effect(figure, where, row, entries, is_counted), is_counted)


def _effect(figure: Figure, where: Where, row: Model, entries: list[AuditRecord], is_counted: bool) -> Decimal | None:
    """What it adds now less what it added before; only columns whose old value the trail has as a value are undone."""
    fields = {field.name for field in figure.model._meta.get_fields()}
    if figure.is_rate or figure.day not in fields or not figure.state:
        return None
    try:
        before = _before(figure, row, entries)
    except (ValueError, InvalidOperation):
        return None
    was_counted = before["state"] in figure.states and _is_in(figure, where, before["day"])
    others = {name for entry in entries for name in entry.changes} & figure.columns
    others -= {figure.state, figure.day, figure.amount, "cancelled_on", "number"}
    if others and where.narrowed:
        return None  # it may have moved from one district or industry to another
    now = Decimal(getattr(row, figure.amount) or 0) if figure.amount else Decimal(1)
    return (now if is_counted else Decimal(0)) - (before["amount"] if was_counted else Decimal(0))


def _before(figure: Figure, row: Model, entries: list[AuditRecord]) -> dict:
    """State, day and amount before the first of the entries. Raises ValueError where it cannot be read."""
    old: dict = {}
    for entry in entries:
        for name, change in _pairs(entry.changes).items():
            old.setdefault(name, change[0])
    state = old.get(figure.state, getattr(row, figure.state))
    if "number" in old and not old["number"]:
        state = ""  # nothing without a number is registered: it came with a list since
    labels = {str(label): value for value, label in figure.model._meta.get_field(figure.state).flatchoices}
    day = _day(old[figure.day]) if figure.day in old else getattr(row, figure.day)
    amount = Decimal(1)
    if figure.amount:
        amount = Decimal(str(old.get(figure.amount, getattr(row, figure.amount)) or 0).replace(",", ""))
    return {"state": labels.get(str(state), state), "day": day, "amount": amount}


def _pairs(changes: Mapping) -> dict:
    return {name: change for name, change in changes.items() if isinstance(change, list) and len(change) == 2}


def _day(text) -> date | datetime | None:
    if text in (None, ""):
        return None
    return datetime.fromisoformat(str(text)) if "T" in str(text) or ":" in str(text) else date.fromisoformat(str(text))


def _is_in(figure: Figure, where: Where, day) -> bool:
    if day is None:
        return False
    field = figure.model._meta.get_field(figure.day)
    if isinstance(field, DateTimeField) and isinstance(day, datetime):
        day = timezone.localdate(day) if timezone.is_aware(day) else day.date()
    elif isinstance(field, DateField) and isinstance(day, datetime):
        day = day.date()
    period = where.period
    return day <= period.as_of if figure.stands else period.first <= day <= period.last
