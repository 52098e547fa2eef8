"""The meetings of one party on the day, with time, hall, table and its own outcome. Nothing of other parties."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from accounts.names import knows_name
from rounds.models import Meeting, Outcome, Party, Placement
from rounds.own_plan import partner_name, sides_for

Status = Meeting.Status


@dataclass(frozen=True)
class PartyMeeting:
    """A meeting as one of its sides may see it. `when` is "now", "next", "later" or "past"."""

    meeting: Meeting
    starts_at: datetime | None
    """None for a meeting held without a place in the timetable."""
    ends_at: datetime | None
    hall: str
    table: int | None
    other: str
    mine: str
    """What the own side brings: its demand, or its achievement."""
    theirs: str
    is_other_absent: bool
    outcome: Outcome | None
    when: str = "later"

    @property
    def is_open_for_outcome(self) -> bool:
        return self.when in {"now", "past"} and self.meeting.status not in {Status.MISSED, Status.DROPPED}

    @property
    def opens_later(self) -> bool:
        """Whether an outcome may be recorded later: its form is on the page already, since the network may be lost
        then."""
        return self.when in {"next", "later"} and self.meeting.status == Status.WANTED


def party_meetings(party: Party, now: datetime | None = None) -> list[PartyMeeting]:
    """Return the meetings by time; those held without a place in the published timetable come last."""
    now = now or timezone.now()
    meetings = {
        meeting.pk: meeting
        for meeting in Meeting.objects.of(party)
        .wanted()
        .select_related(
            "firm_party__organisation",
            "institution_party__organisation",
            "match__achievement",
            "match__demand__firm",
            "match__follow_up",
            "unmatched_demand__firm",
        )
    }
    placed = Placement.objects.current().filter(meeting__in=meetings).select_related("slot", "hall")
    outcomes = {
        outcome.meeting_id: outcome for outcome in Outcome.objects.filter(meeting__in=meetings, side=party.side)
    }
    places = {place.meeting_id: place for place in placed.order_by("slot__starts_at", "pk")}
    took_place = [pk for pk, meeting in meetings.items() if pk not in places and meeting.status in meeting.SAT_DOWN]
    entries, is_next_found = [], False
    for pk in [*places, *took_place]:
        entry = _party_meeting(meetings[pk], places.get(pk), party, outcomes.get(pk))
        when = _when(entry, now)
        if when == "later" and not is_next_found and entry.meeting.status != Status.MISSED:
            when, is_next_found = "next", True
        entries.append(replace(entry, when=when))
    return entries


def _party_meeting(meeting: Meeting, place: Placement | None, party: Party, outcome) -> PartyMeeting:
    is_firm = meeting.firm_party_id == party.pk
    _mine, other = sides_for(meeting, party.pk)
    match = meeting.match
    demand = achievement = ""
    knows = is_firm or knows_name(other.organisation, party.reader, meeting)
    if match:
        achievement = match.achievement.title
    if meeting.demand:
        demand = meeting.demand.title if knows else meeting.demand.public_text("title")
    return PartyMeeting(
        meeting=meeting,
        starts_at=place and place.slot.starts_at,
        ends_at=place and place.slot.ends_at,
        hall=place.hall.name if place else "",
        table=place and place.table,
        other=partner_name(meeting, party.pk),
        mine=demand if is_firm else achievement,
        theirs=(achievement if is_firm else demand) or meeting.topic,
        is_other_absent=other.absent_at is not None,
        outcome=outcome,
    )


def _when(entry: PartyMeeting, now: datetime) -> str:
    status = entry.meeting.status
    if status == Status.BEGUN:
        return "now"
    if (
        status in {Status.HELD, Status.MISSED}
        or entry.starts_at is None
        or entry.ends_at is None
        or entry.ends_at <= now
    ):
        return "past"
    return "now" if entry.starts_at <= now else "later"
