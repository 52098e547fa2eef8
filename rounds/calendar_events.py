"""A round, its agenda items and a party's meetings as calendar entries."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from calendars.sources import CalendarEvent
from rounds.models import AgendaItem, DockingRound, Meeting, Party, Placement, Timetable
from rounds.own_plan import OwnPlan, PlanLine, own_plan, party_placements, plan_line

KEPT = timedelta(days=90)
"""Rounds that ended longer ago leave the calendar."""
MOST_PARTIES = 50
ANNOUNCED_BEFORE = timedelta(days=60)
"""For a round without a recorded announcement. An entry is never stamped with its own start, which may be to come."""


def meeting_events(user: User) -> Iterator[CalendarEvent]:
    """The meetings of a user's parties, for the user's own calendar; each leads to the party's plan."""
    parties = (
        Party.objects.represented_by(user)
        .filter(docking_round__ends_at__gte=timezone.now() - KEPT)
        .select_related("docking_round", "organisation")
        .order_by("docking_round__starts_at", "pk")[:MOST_PARTIES]
    )
    for party in parties:
        path = reverse("my_plan", args=[party.public_id])
        yield from (replace(event, path=path) for event in party_events(party))


def party_events(party: Party) -> Iterator[CalendarEvent]:
    """The published meetings; those that were published once and are no longer held appear as cancelled."""
    plan, comes = own_plan(party), party.answer == Party.Answer.COMING
    gone = {Meeting.Status.MISSED, Meeting.Status.DROPPED}
    published = {line.meeting.pk for line in plan.lines}
    for line in plan.lines:
        yield _meeting_event(plan, line, is_cancelled=line.meeting.status in gone or not comes)
    for line in _earlier_lines(party, published):
        yield _meeting_event(plan, line, is_cancelled=True)


def round_event(docking_round: DockingRound) -> CalendarEvent:
    return CalendarEvent(
        key=f"round-{docking_round.public_id}",
        summary=docking_round.name,
        sequence=docking_round.sequence,
        changed_at=docking_round.announced_at or docking_round.starts_at - ANNOUNCED_BEFORE,
        starts_at=docking_round.starts_at,
        ends_at=docking_round.ends_at,
        description=docking_round.description,
        location=docking_round.place,
        path=reverse("round_detail", args=[docking_round.public_id]),
        is_transparent=True,
        is_cancelled=docking_round.status == DockingRound.Status.CANCELLED,
    )


def agenda_event(item: AgendaItem) -> CalendarEvent:
    """An item of a round's agenda; a dropped one is cancelled."""
    docking_round = item.docking_round
    lines = [docking_round.name]
    if names := item.speaker_names:
        lines.append("发言：%s" % "、".join(names))
    return CalendarEvent(
        key=f"agenda-{item.public_id}",
        summary=f"{item.get_kind_display()}：{item.title}",
        sequence=item.sequence,
        changed_at=item.changed_at,
        starts_at=item.starts_at,
        ends_at=item.ends_at,
        description="\n".join(lines),
        location=" ".join(part for part in (docking_round.place, item.hall and item.hall.name) if part),
        path=reverse("round_detail", args=[docking_round.public_id]),
        is_cancelled=bool(item.dropped_at),
    )


def _meeting_event(plan: OwnPlan, line: PlanLine, *, is_cancelled: bool) -> CalendarEvent:
    return CalendarEvent(
        key=f"meeting-{line.meeting.public_id}",
        summary="洽谈：%(partner)s" % {"partner": line.partner},
        sequence=plan.number,
        changed_at=plan.published_at or line.meeting.made_at,
        starts_at=line.slot.starts_at,
        ends_at=line.slot.ends_at,
        description=line.topic,
        location="%(hall)s %(table)d 号桌" % {"hall": line.hall.name, "table": line.table},
        is_cancelled=is_cancelled,
    )


def _earlier_lines(party: Party, published: set[int]) -> list[PlanLine]:
    """Return the latest place of each meeting that was published once and is not in `published`."""
    versions = Timetable.objects.made_public().filter(docking_round=party.docking_round_id)
    places = party_placements(Placement.objects.filter(timetable__in=versions), party)
    latest = {place.meeting_id: place for place in sorted(places, key=lambda place: place.timetable_id)}
    return [plan_line(place, party.pk) for pk, place in sorted(latest.items()) if pk not in published]
