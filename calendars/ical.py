"""Calendars as iCalendar (RFC 5545): the one writer of files to download and of the users' subscriptions.

An entry keeps its UID, and its SEQUENCE grows with each change, so that calendars take over new times and show
cancelled entries as cancelled.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.conf import settings

from calendars.sources import CalendarEvent

if TYPE_CHECKING:
    from icalendar import Event

UID_DOMAIN = f"{settings.CITY.key}-techtransfer"
"""Fixed part of every UID: independent of the host's name, which may change."""
PRODUCT = f"-//{settings.CITY.key.capitalize()} technology transfer//Calendar//ZH"
CONTENT_TYPE = "text/calendar; charset=utf-8"


def write_calendar(events: Iterable[CalendarEvent], *, address: str, name: str = "", refresh: str = "") -> bytes:
    """The content of an .ics file.

    `address`: the site's, without a slash at the end. `name`: what a calendar program calls the whole. `refresh`: how
    often a subscription is read again, as a duration (PT1H).
    """
    from icalendar import Calendar  # 80 modules, which few processes need

    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
    if refresh:
        calendar.add("x-published-ttl", refresh)
    for event in events:
        calendar.add_component(_entry(event, address))
    content: bytes = calendar.to_ical()
    return content


def _entry(event: CalendarEvent, address: str) -> "Event":
    from icalendar import Event

    entry = Event()
    entry.add("uid", f"{event.key}@{UID_DOMAIN}")
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", event.changed_at)
    entry.add("last-modified", event.changed_at)
    entry.add("summary", event.summary)
    if event.day:
        entry.add("dtstart", event.day)
    else:
        entry.add("dtstart", event.starts_at)
        entry.add("dtend", event.ends_at)
    if event.day or event.is_transparent:
        entry.add("transp", "TRANSPARENT")
    entry.add("status", "CANCELLED" if event.is_cancelled else "CONFIRMED")
    for name in ("description", "location"):
        if text := getattr(event, name):
            entry.add(name, text)
    if event.path:
        entry.add("url", f"{address}{event.path}")
    return entry
