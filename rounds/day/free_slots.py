"""Free places because of an absent side, and the meetings that could take them at once."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from rounds.day.tables import is_given_up, published_placements
from rounds.models import Attendee, DockingRound, Meeting, Placement

MAX_OFFERED = 3
Status = Meeting.Status


@dataclass(frozen=True)
class FreeSlot:
    place: Placement
    offers: list[Meeting]
    """Left-out meetings that could be held there: both sides are present and free. Best first."""


def free_slots(docking_round: DockingRound, now: datetime) -> list[FreeSlot]:
    """Return the upcoming free places with the best meetings for each. No meeting is offered twice."""
    places = list(published_placements(docking_round))
    given_up = [place for place in places if place.slot.ends_at > now and is_given_up(place)]
    if not given_up:
        return []
    taken = [place for place in places if not is_given_up(place) and place.meeting.status != Status.MISSED]
    waiting = _left_out(docking_round, {place.meeting_id for place in places})
    together = _same_people(docking_round)
    busy = defaultdict(list)
    counts: defaultdict[int, int] = defaultdict(int)

    def sit(meeting: Meeting, place: Placement) -> None:
        for party in (meeting.firm_party, meeting.institution_party):
            counts[party.pk] += 1
            for pk in together[party.pk] | {party.pk}:
                busy[pk].append((place.slot.starts_at, place.slot.ends_at))

    for place in taken:
        sit(place.meeting, place)
    slots, offered = [], set()
    for place in given_up:
        offers = [meeting for meeting in waiting if meeting.pk not in offered and _fits(meeting, place, busy, counts)][
            :MAX_OFFERED
        ]
        for best in offers[:1]:
            offered.add(best.pk)
            sit(best, place)  # otherwise a party could be offered at two places at once
        slots.append(FreeSlot(place, offers))
    return slots


def _left_out(docking_round: DockingRound, placed: set[int]) -> list[Meeting]:
    rows = (
        Meeting.objects.filter(docking_round=docking_round, status=Status.WANTED)
        .exclude(pk__in=placed)
        .select_related("firm_party__organisation", "institution_party__organisation", "match")
    )
    return sorted(
        rows,
        key=lambda meeting: (
            -meeting.is_must,
            -meeting.priority,
            -(meeting.match.score if meeting.match else 0),
            meeting.pk,
        ),
    )


def _fits(meeting: Meeting, place: Placement, busy: dict, counts: dict) -> bool:
    start, end = place.slot.starts_at, place.slot.ends_at
    for party in (meeting.firm_party, meeting.institution_party):
        is_there = party.answer == "coming" and party.absent_at is None
        in_time = (party.arrives_at or start) <= start and (party.leaves_at or end) >= end
        has_room = party.most_meetings is None or counts[party.pk] < party.most_meetings
        if not (is_there and in_time and has_room) or any(a < end and start < b for a, b in busy[party.pk]):
            return False
    return True


def _same_people(docking_round: DockingRound) -> dict[int, set[int]]:
    """Return {party: other parties represented by one of its people}."""
    linked = defaultdict(set)
    pairs = Attendee.objects.filter(party__docking_round=docking_round, same_as__isnull=False)
    for party, other in pairs.values_list("party", "same_as__party"):
        linked[party].add(other)
        linked[other].add(party)
    return linked
