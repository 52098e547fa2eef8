"""A round and its agenda as a calendar file (RFC 5545). An entry keeps its UID for ever and counts its changes in
SEQUENCE, so that a calendar that holds it takes a new time over and shows what was cancelled as cancelled."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from rounds.models import AgendaItem, DockingRound

UID_DOMAIN = "dalian-techtransfer"
"""Behind the @ of every UID; the host may change its name, an entry never."""


def round_calendar(docking_round: DockingRound, items: Iterable[AgendaItem], *, address: str) -> bytes:
    """The round as one entry that blocks no time, and each item of `items` (dropped ones as cancelled).

    `address`: the round's page.
    """
    calendar = _new_calendar(docking_round.name)
    event = _new_event(f"round-{docking_round.public_id}@{UID_DOMAIN}", docking_round.sequence, docking_round.starts_at)
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
    """One item of an agenda by itself, with the same UID as in the round's calendar."""
    calendar = _new_calendar(item.docking_round.name)
    calendar.add_component(_agenda_event(item, item.docking_round, address))
    return calendar.to_ical()


def _new_calendar(name: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//dalian_techtransfer//rounds//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    return calendar


def _new_event(uid: str, sequence: int, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("sequence", sequence)
    event.add("dtstamp", stamp)
    return event


def _agenda_event(item: AgendaItem, docking_round: DockingRound, address: str) -> Event:
    event = _new_event(f"agenda-{item.public_id}@{UID_DOMAIN}", item.sequence, item.changed_at)
    event.add("last-modified", item.changed_at)
    event.add("summary", f"{item.get_kind_display()}：{item.title}")
    event.add("dtstart", item.starts_at)
    event.add("dtend", item.ends_at)
    event.add("status", "CANCELLED" if item.dropped_at else "CONFIRMED")
    event.add("location", " ".join(part for part in (docking_round.place, item.hall and item.hall.name) if part))
    event.add("url", address)
    lines = [docking_round.name]
    if names := item.speaker_names:
        lines.append(_("发言：%s") % "、".join(names))
    event.add("description", "\n".join(lines))
    return event
