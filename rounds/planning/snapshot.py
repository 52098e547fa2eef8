"""Reads a round's meetings as the engine's event, with the rows behind its ids.

Times are minutes from midnight of the first day in local time. A party with a meeting in progress or held counts as
present in that slot, whatever was recorded about it later.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django.utils import timezone

from rounds.models import (
    AgendaItem,
    DockingRound,
    Hall,
    HallWalk,
    LeftOut,
    Meeting,
    MeetingOrder,
    MeetingRequest,
    Party,
    Placement,
    Slot,
)
from rounds.planning.named_id import NamedId
from scheduling import (
    AgendaActivity,
    Event,
    Lock,
    MeetingHall,
    MeetingParty,
    Person,
    Precedence,
    RequestedMeeting,
    TimeSlot,
)

MAX_TOPIC = 24
"""Characters of a topic in a sentence."""
QUOTATION_MARKS = str.maketrans("", "", "“”")
REMOVED_BY_STAFF = "工作人员移出"
"""Reason of a meeting that staff took out by hand."""
NOT_ACCEPTED = "还没有接受"
"""End of the reason of a meeting that waits for the word of a side."""
ACCEPTED_SINCE = "双方已接受，可以放入空档"
DEFAULT_FIT = 60.0
"""Match score of a meeting that was requested without a match."""
MAX_PRIORITY = 3
"""Upper limit of the priority. A most-wanted request raises the city's priority by one."""


def reason_now(row: LeftOut) -> str:
    """Why the meeting has no place: the reason of the time of the plan, unless both sides have accepted it since."""
    is_over = row.reason.endswith(NOT_ACCEPTED) and not row.meeting.silent_sides
    return ACCEPTED_SINCE if is_over else row.reason


@dataclass(frozen=True)
class RoundSnapshot:
    """An event and its rows. `excluded`: requested meetings that cannot take part, with the reason."""

    event: Event
    midnight: datetime
    slots: list[Slot]
    halls: dict[int, Hall]
    parties: dict[int, Party]
    meetings: dict[int, Meeting]
    excluded: dict[int, str] = field(default_factory=dict)

    @property
    def fingerprint(self) -> str:
        """Hash of the input that does not depend on names."""
        event = self.event
        lost = [(hall.id, sorted(hall.lost_tables)) for hall in event.halls]
        halls = [(hall.id, hall.tables) for hall in event.halls]
        parties = [(party.id, party.people, party.availability, party.max_meetings) for party in event.parties]
        known = (
            event.slots,
            halls,
            lost,
            parties,
            event.meetings,
            sorted(event.walking_minutes.items()),
            event.activities,
            event.locks,
        )
        known = (*known, [(order.before, order.after) for order in event.precedences])
        return sha256(repr(known).encode()).hexdigest()

    def minute(self, moment: datetime) -> int:
        return minutes_between(self.midnight, moment)

    def number_of(self, slot: Slot) -> int:
        return next(number for number, candidate in enumerate(self.slots) if candidate.pk == slot.pk)

    @property
    def now(self) -> int:
        """This minute; never before the first slot, so that a plan can be mended the evening before."""
        return max(self.event.slots[0].start, self.minute(timezone.now()))


def minutes_between(midnight: datetime, moment: datetime) -> int:
    return int((moment - midnight).total_seconds() // 60)


def meeting_id_of(meeting: Meeting) -> NamedId:
    """Named by its sides and its topic, so that sentences tell two meetings of one pair apart."""
    topic = topic_of(meeting)
    return NamedId(meeting.pk, f"{meeting}（{topic}）" if topic else str(meeting))


def topic_of(meeting: Meeting) -> str:
    topic = meeting.topic.translate(QUOTATION_MARKS).strip()
    return topic if len(topic) <= MAX_TOPIC else topic[: MAX_TOPIC - 1] + "…"


def read_snapshot(
    docking_round: DockingRound,
    *,
    locked: Iterable[Placement] = (),
    kept: Collection[int] = frozenset(),
    removed: Collection[int] = frozenset(),
    upcoming_only: bool = False,
    lenient: bool = False,
) -> RoundSnapshot:
    """Read the event of a round from its current rows.

    `locked`: placements of which the locked ones are kept, also those of the meetings in `kept`. `removed`: meetings
    that staff took out and that stay out. `upcoming_only`: meetings not begun go into slots that have not begun.
    `lenient`: locks on places that no longer exist are dropped instead of making the event invalid (for repairs).
    Raises InvalidEventError with sentences for display.
    """
    reading = _SnapshotReader(docking_round, list(locked), kept, removed)
    event = Event(
        slots=tuple(reading.event_slots),
        halls=tuple(reading.event_halls()),
        parties=tuple(reading.event_parties()),
        meetings=tuple(reading.requested_meetings(upcoming_only)),
        walking_minutes=reading.walking_minutes(),
        activities=tuple(reading.activities()),
        locks=tuple(reading.locks(lenient)),
        precedences=tuple(reading.precedences()),
    )
    return RoundSnapshot(
        event,
        reading.midnight,
        reading.slots,
        reading.halls,
        reading.parties,
        reading.meetings,
        reading.excluded,
    )


class _SnapshotReader:
    def __init__(
        self,
        docking_round: DockingRound,
        locked: list[Placement],
        kept: Collection[int],
        removed: Collection[int],
    ) -> None:
        self.round = docking_round
        self.slots = list(docking_round.slots.order_by("starts_at", "pk"))
        first = min([docking_round.starts_at, *(slot.starts_at for slot in self.slots)])
        self.midnight = timezone.localtime(first).replace(hour=0, minute=0, second=0, microsecond=0)
        self.event_slots = [TimeSlot(self.minute(slot.starts_at), self.minute(slot.ends_at)) for slot in self.slots]
        self.halls = {hall.pk: hall for hall in docking_round.halls.prefetch_related("lost_tables")}
        self.parties = {
            party.pk: party
            for party in docking_round.parties.coming()
            .select_related("organisation")
            .prefetch_related("attendees", "aways")
            .order_by("pk")
        }
        self.meetings: dict[int, Meeting] = {}
        self.excluded: dict[int, str] = {}
        self._split_meetings(removed)
        self.locked = {
            place.meeting_id: place
            for place in locked
            if place.is_locked or place.meeting_id in kept or self._sat_down(place.meeting_id)
        }
        for place in Placement.objects.current().filter(timetable__docking_round=docking_round):
            if self._sat_down(place.meeting_id):
                self.locked[place.meeting_id] = place

    def _split_meetings(self, removed: Collection[int]) -> None:
        status = Meeting.Status
        rows = self.round.meetings.filter(status__in=[status.WANTED, *Meeting.SAT_DOWN]).order_by("pk")
        everyone = {party.pk: party for party in self.round.parties.select_related("organisation")} | self.parties
        for meeting in rows.select_related("match__demand", "match__achievement", "unmatched_demand"):
            # thousands of meetings of few parties: each party is read once instead of joined to each meeting
            meeting.firm_party = everyone[meeting.firm_party_id]
            meeting.institution_party = everyone[meeting.institution_party_id]
            if meeting.pk in removed and meeting.status == status.WANTED:
                self.excluded[meeting.pk] = REMOVED_BY_STAFF
                continue
            away = [
                party
                for party in (meeting.firm_party, meeting.institution_party)
                if party.answer != Party.Answer.COMING
            ]
            if (silent := meeting.silent_sides) and not away and meeting.status == status.WANTED:
                self.excluded[meeting.pk] = "、".join(map(str, silent)) + NOT_ACCEPTED
            elif away and meeting.status == status.WANTED:
                party = away[0]
                self.excluded[meeting.pk] = "%(party)s的答复是“%(answer)s”" % {
                    "party": party,
                    "answer": party.get_answer_display(),
                }
            else:
                self.meetings[meeting.pk] = meeting
                for party in away:  # a withdrawn party whose meeting has begun
                    self.parties.setdefault(party.pk, party)

    def _sat_down(self, meeting_id: int) -> bool:
        meeting = self.meetings.get(meeting_id)
        return meeting is not None and meeting.status in Meeting.SAT_DOWN

    def minute(self, moment: datetime) -> int:
        return minutes_between(self.midnight, moment)

    def event_halls(self) -> Iterable[MeetingHall]:
        for hall in self.halls.values():
            lost = set()
            for number, slot in enumerate(self.slots):
                if hall.closed_at and slot.starts_at >= hall.closed_at:
                    lost |= {(number, table) for table in range(1, hall.tables + 1)}
                for gone in hall.lost_tables.all():
                    if gone.table <= hall.tables and (gone.lost_at is None or slot.starts_at >= gone.lost_at):
                        lost.add((number, gone.table))
            yield MeetingHall(NamedId(hall.pk, hall.name), hall.tables, hall.name, frozenset(lost))

    def event_parties(self) -> Iterable[MeetingParty]:
        sat = defaultdict(list)
        for meeting_id, place in self.locked.items():
            if self._sat_down(meeting_id):
                meeting = self.meetings[meeting_id]
                window = self.minute(place.slot.starts_at), self.minute(place.slot.ends_at)
                sat[meeting.firm_party_id].append(window)
                sat[meeting.institution_party_id].append(window)
        for party in self.parties.values():
            name = str(party)
            people = tuple(
                Person(
                    NamedId(attendee.same_as_id or attendee.pk, f"{attendee.name}（{name}）"),
                    f"{attendee.name}（{name}）",
                )
                for attendee in party.attendees.all()
            )
            unique = {person.id: person for person in people} or {0: Person(NamedId(-party.pk, name), name)}
            present = self._present(party, sat[party.pk])
            yield MeetingParty(NamedId(party.pk, name), name, tuple(unique.values()), present, party.most_meetings)

    def _present(self, party: Party, sat: list) -> tuple | None:
        aways = party.aways.all()
        if not (party.arrives_at or party.leaves_at or party.absent_at or aways) or not self.event_slots:
            return None
        first, last = self.event_slots[0].start, self.event_slots[-1].end
        windows = [
            (
                self.minute(party.arrives_at) if party.arrives_at else first,
                self.minute(party.leaves_at) if party.leaves_at else last,
            )
        ]
        gone = [(self.minute(away.from_at), self.minute(away.until_at)) for away in aways]
        if party.absent_at:
            gone.append((self.minute(party.absent_at), last))
        for start, end in gone:
            before = [(opens, min(closes, start)) for opens, closes in windows]
            after = [(max(opens, end), closes) for opens, closes in windows]
            windows = before + after
        return tuple(sorted({(start, end) for start, end in (*windows, *sat) if start < end}))

    def requested_meetings(self, upcoming_only: bool) -> Iterable[RequestedMeeting]:
        now = self.minute(timezone.now())
        wanted_most = set(
            MeetingRequest.objects.most_wanted()
            .filter(meeting__docking_round=self.round)
            .values_list("meeting", flat=True)
        )
        upcoming = tuple(number for number, slot in enumerate(self.event_slots) if slot.start >= now)
        restricted = upcoming if upcoming_only and len(upcoming) < len(self.slots) else None
        for meeting in self.meetings.values():
            sat = meeting.pk in self.locked
            yield RequestedMeeting(
                meeting_id_of(meeting),
                (self._party_id(meeting.firm_party), self._party_id(meeting.institution_party)),
                weight=round(
                    (meeting.match.score if meeting.match else DEFAULT_FIT)
                    * min(MAX_PRIORITY, meeting.priority + (meeting.pk in wanted_most)),
                    2,
                ),
                slots=None if sat else restricted,
                required=meeting.is_must,
                topic=topic_of(meeting),
                unlinked=(meeting.firm_party_id,) if meeting.alias_of(meeting.firm_party.organisation) else (),
            )

    @staticmethod
    def _party_id(party: Party) -> NamedId:
        return NamedId(party.pk, str(party))

    def walking_minutes(self) -> dict:
        return {
            (walk.hall_id, walk.other_hall_id): walk.minutes
            for walk in HallWalk.objects.filter(hall__docking_round=self.round)
        }

    def activities(self) -> Iterable[AgendaActivity]:
        """Agenda items that people must attend. The meetings' own agenda item does not block anybody."""
        agenda = self.round.agenda.active().exclude(kind=AgendaItem.Kind.TALKS)
        for item in agenda.prefetch_related("parties", "attendees", "speakers"):
            parties = tuple(party.pk for party in item.parties.all() if party.pk in self.parties)
            named = {person.pk: person for person in (*item.attendees.all(), *item.speakers.all())}
            people = tuple(
                person.same_as_id or person.pk for person in named.values() if person.party_id in self.parties
            )
            if parties or people:
                start, end = self.minute(item.starts_at), self.minute(item.ends_at)
                yield AgendaActivity(item.title, start, end, parties, people, item.hall_id)

    def precedences(self) -> Iterable[Precedence]:
        """Orders of which both meetings can take place: orders with an absent side or before a begun meeting do not
        apply."""
        absent = {party.pk for party in self.parties.values() if party.absent_at}
        for order in MeetingOrder.objects.active().of_round(self.round):
            before, after = self.meetings.get(order.before_id), self.meetings.get(order.after_id)
            if before is None or after is None or self._sat_down(after.pk):
                continue
            if not self._sat_down(before.pk) and {before.firm_party_id, before.institution_party_id} & absent:
                continue
            yield Precedence(meeting_id_of(before), meeting_id_of(after))

    def locks(self, lenient: bool) -> Iterable[Lock]:
        numbers = {slot.pk: number for number, slot in enumerate(self.slots)}
        usable = {hall.id: hall for hall in self.event_halls()}
        for meeting_id, place in sorted(self.locked.items()):
            if meeting_id not in self.meetings:
                continue
            number = numbers.get(place.slot_id, -1)
            gone = number < 0 or place.table not in usable[place.hall_id].table_numbers(number)
            if gone and lenient:
                continue
            hall = self.halls[place.hall_id]
            meeting = meeting_id_of(self.meetings[meeting_id])
            yield Lock(meeting, number, NamedId(hall.pk, hall.name), place.table)
