"""A party's meetings as a calendar to subscribe to. The UID is the meeting's, the SEQUENCE grows with versions."""

from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from rounds.models import Meeting, Party, Placement, Timetable
from rounds.own_plan import PlanLine, own_plan, party_placements, plan_line

PRODUCT = "-//Dalian technology transfer//Timetable//ZH"


def party_calendar(party: Party) -> bytes:
    """RFC 5545. Meetings that were published once and are not held any more stand in it as cancelled, so that a
    calendar that took them in takes them out."""
    plan = own_plan(party)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("%(round)s 洽谈") % {"round": party.docking_round})
    known = set()
    for line in plan.lines:
        known.add(line.meeting.pk)
        calendar.add_component(_entry(line, plan.number, "CONFIRMED"))
    for line in _earlier(party, known):
        calendar.add_component(_entry(line, plan.number, "CANCELLED"))
    return calendar.to_ical()


def _earlier(party: Party, known: set[int]) -> list[PlanLine]:
    public = Timetable.objects.made_public().filter(docking_round=party.docking_round_id)
    places = party_placements(Placement.objects.filter(timetable__in=public), party)
    latest = {place.meeting_id: place for place in sorted(places, key=lambda place: place.timetable_id)}
    return [plan_line(place, party.pk) for pk, place in sorted(latest.items()) if pk not in known]


def _entry(line: PlanLine, number: int, status: str) -> Event:
    entry = Event()
    entry.add("uid", f"meeting-{line.meeting.public_id}@dalian-techtransfer")
    entry.add("sequence", number)
    entry.add("status", status)
    entry.add("dtstamp", timezone.now())
    entry.add("dtstart", line.slot.starts_at)
    entry.add("dtend", line.slot.ends_at)
    entry.add("summary", _("洽谈：%(partner)s") % {"partner": line.partner})
    entry.add("location", _("%(hall)s %(table)d 号桌") % {"hall": line.hall.name, "table": line.table})
    if line.topic:
        entry.add("description", line.topic)
    if line.meeting.status == Meeting.Status.MISSED:
        entry["status"] = "CANCELLED"
    return entry
