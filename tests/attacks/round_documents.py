"""What each reader holds of a round: public cards and screens; the party's own plan, day page, calendar, paper."""

import re
from collections import defaultdict

from calendars.ical import write_calendar
from rounds.calendar_events import party_events
from rounds.day.party_meetings import party_meetings
from rounds.day.signage import signage_rows
from rounds.models import DockingRound, Meeting, Party, Placement
from rounds.own_plan import own_plan
from rounds.papers.content import plans, table_cards

NUMBER = re.compile(r"匿名企业(?: \d+)?")


def public_labels(docking_round: DockingRound) -> dict[tuple, set[str]]:
    """{(slot, table): what cards and screens of that place and time say of the firm}"""
    labels = defaultdict(set)
    for hall, table, lines in table_cards(docking_round)["cards"]:
        for slot, firm, _institution in lines:
            labels[slot.starts_at, hall.name, table].add(firm)
    for slot in docking_round.slots.all():
        for row in signage_rows(docking_round, None, slot.starts_at):
            if row.now:
                labels[slot.starts_at, row.hall, row.table].add(row.now.split(" × ")[0])
    return labels


def own_labels(party: Party) -> dict[tuple, set[str]]:
    """{(slot, table): what the party's own documents say of its partner}"""
    labels = defaultdict(set)
    for line in own_plan(party).lines:
        labels[line.slot.starts_at, line.hall.name, line.table].add(line.partner)
    for meeting in party_meetings(party):
        if meeting.starts_at:
            labels[meeting.starts_at, meeting.hall, meeting.table].add(meeting.other)
    for plan in plans(party.docking_round, Party.objects.filter(pk=party.pk))["plans"]:
        for entry in plan.lines:
            hall, _space, table = entry.where.removesuffix(" 号桌").rpartition(" ")
            if table.isdecimal():
                labels[entry.starts_at, hall, int(table)].add(entry.what)
    return labels


def numbers_joined_with_names(party: Party, public: dict[tuple, set[str]] | None = None) -> dict[str, set[str]]:
    """{number: names} that the party learns by putting its own documents beside the public ones."""
    public = public_labels(party.docking_round) if public is None else public
    learned = defaultdict(set)
    for place, names in own_labels(party).items():
        both = names | public.get(place, set())
        numbers = {number[0] for name in both if (number := NUMBER.match(name))}
        for number in numbers:
            learned[number] |= {name for name in both if not NUMBER.match(name)}
    return {number: names for number, names in learned.items() if names}


def admitted_numbers(party: Party) -> set[str]:
    """Numbers of the demands whose firm the institution knows: both sides agreed to a follow-up."""
    agreed = Meeting.objects.filter(
        match__follow_up__agreed_at__isnull=False, institution_party__organisation=party.organisation
    )
    demands = set(agreed.values_list("match__demand", flat=True))
    numbers = party.docking_round.anonymous_numbers.filter(demand__in=demands).values_list("number", flat=True)
    return {f"匿名企业 {number:02d}" for number in numbers}


def calendar_text(party: Party) -> str:
    return write_calendar(party_events(party), address="").decode().replace("\r\n ", "")


def firms_not_excluded_by_time(docking_round: DockingRound, number: int) -> set[int]:
    """Firms of the round that could be behind a number: no named meeting at the same time. An attack of an outsider who
    even knows who comes."""
    places = Placement.objects.current().filter(timetable__docking_round=docking_round).select_related("meeting")
    slots = {place.slot_id for place in places if place.meeting.anonymous_number == number}
    busy = {
        place.meeting.firm_party_id
        for place in places
        if place.slot_id in slots and place.meeting.anonymous_number is None
    }
    return set(docking_round.parties.filter(side="firm").values_list("pk", flat=True)) - busy
