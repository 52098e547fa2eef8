"""Calendar files (RFC 5545) of rounds, agenda items and a party's meetings.

An entry keeps its UID, and its SEQUENCE grows with each change, so that calendars take over new times and show
cancelled entries as cancelled.
"""

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from icalendar import Calendar, Event

from rounds.models import AgendaItem, DockingRound, Meeting, Party, Placement, Timetable
from rounds.own_plan import PlanLine, own_plan, party_placements, plan_line

UID_DOMAIN = "dalian-techtransfer"
"""Fixed part of every UID: independent of the host's name, which may change."""
AGENDA_PRODUCT = "-//dalian_techtransfer//rounds//ZH"
MEETINGS_PRODUCT = "-//Dalian technology transfer//Timetable//ZH"


def round_calendar(docking_round: DockingRound, items: Iterable[AgendaItem], *, address: str) -> bytes:
    """Return the round as a transparent entry, and each item of `items`, dropped ones as cancelled.

    `address`: the round's page.
    """
    calendar = _new_calendar(docking_round.name, AGENDA_PRODUCT, calscale="GREGORIAN")
    event = _new_event(f"round-{docking_round.public_id}", docking_round.sequence, docking_round.starts_at)
    event.add("summary", docking_round.name)
    event.add("dtstart", docking_round.starts_at)
    event.add("dtend", docking_round.ends_at)
    event.add("transp", "TRANSPARENT")
    event.add("url", address)
    if docking_round.place:
        event.add("location", docking_round.place)
    if docking_round.description:
        event.add("description", docking_round.description)
    calendar.add_component(event)
    for item in items:
        calendar.add_component(_agenda_event(item, docking_round, address))
    return calendar.to_ical()


def agenda_item_calendar(item: AgendaItem, *, address: str) -> bytes:
    """Return one agenda item, with the same UID as in the round's calendar."""
    calendar = _new_calendar(item.docking_round.name, AGENDA_PRODUCT, calscale="GREGORIAN")
    calendar.add_component(_agenda_event(item, item.docking_round, address))
    return calendar.to_ical()


def party_calendar(party: Party) -> bytes:
    """Return a party's meetings. Meetings that were published once and are no longer held appear as cancelled."""
    plan = own_plan(party)
    name = "%(round)s 洽谈" % {"round": party.docking_round}
    calendar = _new_calendar(name, MEETINGS_PRODUCT)
    published = set()
    for line in plan.lines:
        published.add(line.meeting.pk)
        calendar.add_component(_meeting_event(line, plan.number, "CONFIRMED"))
    for line in earlier_lines(party, published):
        calendar.add_component(_meeting_event(line, plan.number, "CANCELLED"))
    return calendar.to_ical()


def _new_calendar(name: str, product: str, *, calscale: str = "") -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", product)
    calendar.add("version", "2.0")
    if calscale:
        calendar.add("calscale", calscale)
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    return calendar


def _new_event(key: str, sequence: int, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", f"{key}@{UID_DOMAIN}")
    event.add("sequence", sequence)
    event.add("dtstamp", stamp)
    return event


def _agenda_event(item: AgendaItem, docking_round: DockingRound, address: str) -> Event:
    event = _new_event(f"agenda-{item.public_id}", item.sequence, item.changed_at)
    event.add("last-modified", item.changed_at)
    event.add("summary", f"{item.get_kind_display()}：{item.title}")
    event.add("dtstart", item.starts_at)
    event.add("dtend", item.ends_at)
    event.add("status", "CANCELLED" if item.dropped_at else "CONFIRMED")
    event.add("location", " ".join(part for part in (docking_round.place, item.hall and item.hall.name) if part))
    event.add("url", address)
    lines = [docking_round.name]
    if names := item.speaker_names:
        lines.append("发言：%s" % "、".join(names))
    event.add("description", "\n".join(lines))
    return event


def _meeting_event(line: PlanLine, version: int, status: str) -> Event:
    event = _new_event(f"meeting-{line.meeting.public_id}", version, timezone.now())
    event.add("status", "CANCELLED" if line.meeting.status == Meeting.Status.MISSED else status)
    event.add("dtstart", line.slot.starts_at)
    event.add("dtend", line.slot.ends_at)
    event.add("summary", "洽谈：%(partner)s" % {"partner": line.partner})
    event.add("location", "%(hall)s %(table)d 号桌" % {"hall": line.hall.name, "table": line.table})
    if line.topic:
        event.add("description", line.topic)
    return event


def earlier_lines(party: Party, published: set[int]) -> list[PlanLine]:
    """Return the latest place of each meeting that was published once and is not in `published`."""
    versions = Timetable.objects.made_public().filter(docking_round=party.docking_round_id)
    places = party_placements(Placement.objects.filter(timetable__in=versions), party)
    latest = {place.meeting_id: place for place in sorted(places, key=lambda place: place.timetable_id)}
    return [plan_line(place, party.pk) for pk, place in sorted(latest.items()) if pk not in published]
