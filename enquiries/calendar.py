"""The calendar entry (RFC 5545) of a talk."""

from icalendar import Calendar, Event

from enquiries.models import TalkTime

UID_DOMAIN = "dalian-techtransfer"
"""Fixed part of every UID: independent of the host's name, which may change."""


def talk_entry(talk: TalkTime, *, summary: str, sides: str, address: str) -> bytes:
    """A calendar with one entry; a cancelled talk is shown as cancelled. `address`: the page of the approach."""
    calendar = Calendar()
    calendar.add("prodid", "-//dalian_techtransfer//enquiries//ZH")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    is_cancelled = talk.status == TalkTime.Status.CANCELLED
    event = Event()
    event.add("uid", f"talk-{talk.public_id}@{UID_DOMAIN}")
    event.add("sequence", 1 if is_cancelled else 0)
    event.add("dtstamp", talk.decided_at)
    event.add("summary", summary)
    event.add("description", f"双方：{sides}")
    event.add("location", talk.place)
    event.add("dtstart", talk.starts_at)
    event.add("dtend", talk.ends_at)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("url", address)
    calendar.add_component(event)
    return calendar.to_ical()
