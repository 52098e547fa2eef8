"""Agenda items of a round. Every write locks the round's row, so that two simultaneous edits cannot conflict."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.services import record
from audit.transitions import transition
from rounds.agenda_conflicts import conflicts_between
from rounds.models import AgendaItem, Attendee, DockingRound, Party
from rounds.readiness import agenda_entry, build_entry
from rounds.services.rounds import check_city
from rounds.services.venue import lock_open_round

FIELDS = ("kind", "title", "hall", "starts_at", "ends_at", "achievement", "guests", "is_public", "note")
PEOPLE_FIELDS = ("speakers", "parties", "attendees")
MAX_DURATION = timedelta(hours=12)


@transaction.atomic
def save_agenda_item(
    item: AgendaItem,
    *,
    by: User | None,
    speakers: Iterable[Attendee] = (),
    parties: Iterable[Party] = (),
    attendees: Iterable[Attendee] = (),
) -> AgendaItem:
    """Create or change an agenda item and its speakers, parties and attendees.

    Increments `sequence` if a calendar entry changes. Raises PermissionDenied, and ValidationError that names the
    person, hall or achievement with another item at the same time.
    """
    check_city(by)
    row = lock_open_round(item.docking_round)
    speakers, parties, attendees = list(speakers), list(parties), list(attendees)
    people: dict[str, Sequence[Attendee | Party]] = {"speakers": speakers, "parties": parties, "attendees": attendees}
    before = AgendaItem.objects.with_people().filter(pk=item.pk).first()
    if before and before.dropped_at:
        raise ValidationError("“%s”已经取消，不能再改；请另建一项。" % before.title)
    item.clean_fields()
    item.clean()
    if reasons := agenda_item_problems(item, row, speakers=speakers, parties=parties, attendees=attendees):
        raise ValidationError(reasons)
    item.validate_constraints()
    changes = _changes(before, item, people)
    if before and not changes:
        return item
    item.sequence = before.sequence + 1 if before else 0
    item.changed_at = timezone.now()
    item.save()
    for name, chosen in people.items():
        getattr(item, name).set(chosen)
    record("修改议程" if before else "新建议程", item, by=by, changes=changes)
    return item


@transaction.atomic
def drop_agenda_item(item: AgendaItem, reason: str, *, by: User) -> None:
    """Cancel an agenda item; calendars that hold it show it as cancelled. Raises PermissionDenied, ValidationError."""
    check_city(by)
    lock_open_round(item.docking_round)
    row = AgendaItem.objects.select_for_update(of=["self"]).get(pk=item.pk)
    if not reason.strip():
        raise ValidationError("取消议程请说明原因。")
    reason, now = reason.strip()[:200], timezone.now()
    transition(
        item,
        when={"dropped_at": None},
        values={"dropped_at": now, "dropped_reason": reason, "sequence": row.sequence + 1, "changed_at": now},
        refusal="“%s”已经取消了。" % row.title,
        action="取消议程",
        by=by,
        changes={"dropped_reason": [None, reason]},
    )


def agenda_item_problems(
    item: AgendaItem,
    docking_round: DockingRound,
    *,
    speakers: Iterable[Attendee] = (),
    parties: Iterable[Party] = (),
    attendees: Iterable[Attendee] = (),
) -> list[str]:
    """Return the reasons, with names, why the item cannot be scheduled as it is; empty if it can. The admin form uses
    it, too."""
    start, end = timezone.localtime(item.starts_at), timezone.localtime(item.ends_at)
    problems = []
    if end.date() != start.date() or end - start > MAX_DURATION:
        problems.append("议程不能跨过午夜或超过 12 小时，请按天分成几项。")
    if item.starts_at < docking_round.starts_at or item.ends_at > docking_round.ends_at:
        span = [
            timezone.localtime(at).strftime("%m-%d %H:%M") for at in (docking_round.starts_at, docking_round.ends_at)
        ]
        problems.append("议程要在活动时间（%s 至 %s）之内，请改时间或先改活动时间。" % tuple(span))
    people = [*attendees, *speakers]
    foreign: list[Attendee | Party] = [person for person in people if person.party.docking_round_id != docking_round.pk]
    foreign += [party for party in parties if party.docking_round_id != docking_round.pk]
    if foreign:
        problems.append("%s 不在本次活动的参会名单里。" % "、".join(str(guest) for guest in foreign))
    mine = build_entry(item, parties=parties, people=people)
    others = docking_round.agenda.active().exclude(pk=item.pk).with_people()
    at_once = others.filter(starts_at__lt=item.ends_at, ends_at__gt=item.starts_at)
    for other in at_once:
        problems += conflicts_between(mine, agenda_entry(other))
    return problems


def _changes(
    before: AgendaItem | None, item: AgendaItem, people: Mapping[str, Sequence[Attendee | Party]]
) -> dict[str, Any]:
    """Return {field: [old, new]} of the differences, as text."""
    changes = {}
    for name in FIELDS:
        old, new = (getattr(before, name) if before else None), getattr(item, name)
        if old != new:
            changes[name] = [_audit_value(old), _audit_value(new)]
    for name in PEOPLE_FIELDS:
        old = {row.pk: str(row) for row in getattr(before, name).all()} if before else {}
        new = {person.pk: str(person) for person in people[name]}
        if old != new:
            changes[name] = [list(old.values()), list(new.values())]
    return changes


def _audit_value(value: object) -> object:
    if value is None or isinstance(value, bool | str):
        return value
    return timezone.localtime(value).isoformat(timespec="minutes") if isinstance(value, datetime) else str(value)
