"""Edits that changed a past figure: record, time and user from the audit trail, and the value before."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.contrib.auth.models import AnonymousUser
from django.db.models import DateField, DateTimeField, Model, QuerySet
from django.utils import timezone

from audit.models import AuditRecord
from audit.wording import describe_records
from mechanism.kpi.counting import compute_totals
from mechanism.kpi.definitions import FigureDefinition
from mechanism.kpi.query_scope import FigureScope

MAX_AUDIT_RECORDS = 500
"""Only the latest audit records are read."""


@dataclass(frozen=True)
class RecordChange:
    """A changed record.

    effect: on the figure, 万元 for amounts; None if the audit trail does not contain enough.
    is_counted: whether the record counts now. words: of each entry, for the reader of the page.
    """

    record: str
    pk: int
    entries: tuple[AuditRecord, ...]
    effect: Decimal | None
    is_counted: bool
    words: Mapping[int, list[str]] = field(default_factory=dict)

    @property
    def lines(self) -> list[tuple[AuditRecord, list[str]]]:
        return [(entry, self.words[entry.pk]) for entry in self.entries]


@dataclass(frozen=True)
class FigureChanges:
    """Changes of a figure since a moment. `now` in 万元 for amounts; `is_complete` unless older records were cut.

    untraced: how many rows are dated after `since` and count, without a record of the trail that tells how they came in
    (written before there was a trail, or by a migration); untraced_sum: what they add up to, in the unit of `now`.
    """

    since: datetime
    changes: tuple[RecordChange, ...]
    now: Decimal
    is_complete: bool
    untraced: int = 0
    untraced_sum: Decimal = Decimal(0)

    @property
    def before(self) -> Decimal | None:
        """The value at `since`; None if it cannot be derived."""
        effects = [change.effect for change in self.changes]
        known = [effect for effect in effects if effect is not None]
        if len(known) < len(effects) or not self.is_complete:
            return None
        return self.now - sum(known, Decimal(0)) - self.untraced_sum


def find_figure_changes(figure: FigureDefinition, scope: FigureScope, since: datetime) -> FigureChanges:
    """Records whose audited fields changed after `since` and that count now or counted before."""
    entries = _entries_of(figure, since)
    changes = changes_by(entries[:MAX_AUDIT_RECORDS], figure, scope)
    words = describe_records([entry for change in changes for entry in change.entries], scope.user or AnonymousUser())
    traced = {int(entry.object_id) for entry in entries[:MAX_AUDIT_RECORDS]}
    return FigureChanges(
        since,
        tuple(replace(change, words=words) for change in changes),
        _value(figure, scope.rows(figure)),
        len(entries) <= MAX_AUDIT_RECORDS,
        *_untraced(figure, scope, since, traced),
    )


def edits_since(figures: Iterable[FigureDefinition], since: datetime) -> dict[str, list[AuditRecord]]:
    """{figure: audit records after `since` that may have moved it, the latest first}. One SQL query, unless many."""
    figures = list(figures)
    fields = sorted(set().union(*(figure.audited_fields for figure in figures)))
    labels = {figure.model._meta.label_lower for figure in figures if figure.audited_fields}
    rows = AuditRecord.objects.filter(object_type__in=labels, at__gt=since, changes__has_any_keys=fields)
    entries = list(rows.order_by("-at", "-pk")[: MAX_AUDIT_RECORDS + 1]) if fields else []
    if len(entries) > MAX_AUDIT_RECORDS:
        return {figure.key: _entries_of(figure, since)[:MAX_AUDIT_RECORDS] for figure in figures}
    return {figure.key: [entry for entry in entries if _concerns(entry, figure)] for figure in figures}


def _concerns(entry: AuditRecord, figure: FigureDefinition) -> bool:
    is_of_model = entry.object_type == figure.model._meta.label_lower
    return is_of_model and not figure.audited_fields.isdisjoint(entry.changes)


def _entries_of(figure: FigureDefinition, since: datetime) -> list[AuditRecord]:
    """The latest first, one more than are read if there are more."""
    if not figure.audited_fields:
        return []
    audit_records = AuditRecord.objects.filter(
        object_type=figure.model._meta.label_lower, at__gt=since, changes__has_any_keys=sorted(figure.audited_fields)
    )
    return list(audit_records.order_by("-at", "-pk")[: MAX_AUDIT_RECORDS + 1])


def changes_by(entries: Sequence[AuditRecord], figure: FigureDefinition, scope: FigureScope) -> list[RecordChange]:
    """The changed records that count now or counted before, the latest change first; without words. `entries`: the
    latest first. No query without entries, otherwise two."""
    if not entries:
        return []
    by_record = defaultdict(list)
    for entry in reversed(entries):
        by_record[int(entry.object_id)].append(entry)
    rows = scope.rows_of_all_periods(figure, counted_only=False).filter(pk__in=by_record).distinct()
    counted = set(scope.rows(figure).filter(pk__in=by_record).values_list("pk", flat=True))
    changes = [_record_change(figure, scope, row, by_record[row.pk], row.pk in counted) for row in rows]
    relevant = [change for change in changes if change.is_counted or change.effect != 0]
    return sorted(relevant, key=lambda change: change.entries[-1].at, reverse=True)


def _untraced(
    figure: FigureDefinition, scope: FigureScope, since: datetime, traced: Collection[int]
) -> tuple[int, Decimal]:
    """Number and value of the rows dated after `since` that no read record of the trail explains."""
    if figure.is_rate or not figure.audited_fields:
        return 0, Decimal(0)
    day = since if figure.is_datetime else timezone.localdate(since) - timedelta(days=1)
    rows = scope.rows(figure).filter(**{f"{figure.date_field}__gt": day}).exclude(pk__in=traced)
    if not (number := rows.distinct().count()):
        return 0, Decimal(0)
    return number, _value(figure, rows)


def _value(figure: FigureDefinition, rows: QuerySet) -> Decimal:
    totals = compute_totals(figure, rows)
    return totals.total if figure.amount_field else Decimal(totals.rows)


def _record_change(
    figure: FigureDefinition, scope: FigureScope, row: Model, entries: list[AuditRecord], is_counted: bool
) -> RecordChange:
    effect = _effect(figure, scope, row, entries, is_counted)
    return RecordChange(str(row), row.pk, tuple(entries), effect, is_counted)


def _effect(
    figure: FigureDefinition, scope: FigureScope, row: Model, entries: list[AuditRecord], is_counted: bool
) -> Decimal | None:
    """Contribution now minus contribution before. None if the old values cannot be read from the audit trail."""
    fields = {field.name for field in figure.model._meta.get_fields()}
    if figure.is_rate or figure.date_field not in fields or not figure.state_field:
        return None
    try:
        before = _values_before(figure, row, entries)
    except (ValueError, InvalidOperation):
        return None
    was_counted = before["state"] in figure.counted_states and _is_in_period(figure, scope, before["date"])
    other_fields = {name for entry in entries for name in entry.changes} & figure.audited_fields
    other_fields -= {"is_counted", figure.state_field, figure.date_field, figure.amount_field, "cancelled_on", "number"}
    if other_fields and scope.filters:
        return None  # the record may have moved from another district or industry
    now = Decimal(getattr(row, figure.amount_field) or 0) if figure.amount_field else Decimal(1)
    return (now if is_counted else Decimal(0)) - (before["amount"] if was_counted else Decimal(0))


def _values_before(figure: FigureDefinition, row: Model, entries: list[AuditRecord]) -> dict:
    """State, date and amount before the first entry. Raises ValueError or InvalidOperation for unreadable values."""
    old: dict = {}
    for entry in entries:
        for name, change in _value_pairs(entry.changes).items():
            old.setdefault(name, change[0])
    state = old.get(figure.state_field, getattr(row, figure.state_field))
    if "number" in old and not old["number"]:
        state = ""  # without a number it was not registered: it came with a list imported later
    if "is_counted" in old and not old["is_counted"]:
        state = ""  # the parties had not confirmed
    labels = {str(label): value for value, label in figure.model._meta.get_field(figure.state_field).flatchoices}
    has_old_date = figure.date_field in old
    day = _parse_date(old[figure.date_field]) if has_old_date else getattr(row, figure.date_field)
    amount = Decimal(1)
    if figure.amount_field:
        old_amount = old.get(figure.amount_field, getattr(row, figure.amount_field))
        amount = Decimal(str(old_amount or 0).replace(",", ""))
    return {"state": labels.get(str(state), state), "date": day, "amount": amount}


def _value_pairs(changes: Mapping) -> dict:
    return {name: change for name, change in changes.items() if isinstance(change, list) and len(change) == 2}


def _parse_date(text: object) -> date | datetime | None:
    if text in (None, ""):
        return None
    text = str(text)
    return datetime.fromisoformat(text) if "T" in text or ":" in text else date.fromisoformat(text)


def _is_in_period(figure: FigureDefinition, scope: FigureScope, day: date | datetime | None) -> bool:
    if day is None:
        return False
    field = figure.model._meta.get_field(figure.date_field)
    if isinstance(field, DateTimeField) and isinstance(day, datetime):
        day = timezone.localdate(day) if timezone.is_aware(day) else day.date()
    elif isinstance(field, DateField) and isinstance(day, datetime):
        day = day.date()
    period = scope.period
    return day <= period.as_of if figure.is_snapshot else period.first <= day <= period.last
