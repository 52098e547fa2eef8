"""The meetings of one party on the day, with time, hall, table and its own outcome. Nothing of other parties."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils import timezone

from accounts.names import knows_name
from rounds.day.talk_ends import TalkEnds
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
    opens_at: datetime
    """From when an outcome may be recorded: the start of the slot, or of the round."""
    has_begun: bool
    whose_word: str = ""
    """What one side has said alone, and what is waited for."""
    asks_own_word: bool = False
    when: str = "later"
    late_words: str = ""
    """For a meeting that began late: when it ends, by the rule of the round."""

    @property
    def is_open_for_outcome(self) -> bool:
        is_over = self.meeting.status in {Status.MISSED, Status.DROPPED}
        return self.has_begun and self.when in {"now", "past"} and not is_over

    @property
    def opens_later(self) -> bool:
        """Whether an outcome may be recorded later: its form is on the page already, since the network may be lost
        then."""
        return not self.has_begun and self.meeting.status in {Status.WANTED, *Meeting.SAT_DOWN}


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
            "docking_round",
        )
    }
    placed = Placement.objects.current().filter(meeting__in=meetings).select_related("slot", "hall")
    outcomes: dict[int, dict[str, Outcome]] = defaultdict(dict)
    for outcome in Outcome.objects.filter(meeting__in=meetings):
        outcomes[outcome.meeting_id][outcome.side] = outcome
    places = {place.meeting_id: place for place in placed.order_by("slot__starts_at", "pk")}
    took_place = [pk for pk, meeting in meetings.items() if pk not in places and meeting.status in meeting.SAT_DOWN]
    talk_ends = TalkEnds(party.docking_round) if any(row.status == Status.BEGUN for row in meetings.values()) else None
    entries, is_next_found = [], False
    for pk in [*places, *took_place]:
        entry = _party_meeting(meetings[pk], places.get(pk), party, outcomes[pk], now)
        when = _when(entry, now)
        if when == "later" and not is_next_found and entry.meeting.status != Status.MISSED:
            when, is_next_found = "next", True
        late_words = ""
        if talk_ends and pk in places and entry.meeting.status == Status.BEGUN:
            late_words = talk_ends.of(places[pk], now).words
        entries.append(replace(entry, when=when, late_words=late_words))
    return entries


def _party_meeting(
    meeting: Meeting, place: Placement | None, party: Party, outcomes: dict[str, Outcome], now: datetime
) -> PartyMeeting:
    is_firm = meeting.firm_party_id == party.pk
    _mine, other = sides_for(meeting, party.pk)
    match = meeting.match
    demand = achievement = ""
    knows = is_firm or knows_name(other.organisation, party.reader, meeting)
    if match:
        achievement = match.achievement.title
    if meeting.demand:
        demand = meeting.demand.title if knows else meeting.demand.public_text("title")
    opens_at = place.slot.starts_at if place else meeting.docking_round.starts_at
    whose_word, asks = _whose_word(outcomes, party.side)
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
        outcome=outcomes.get(party.side),
        opens_at=opens_at,
        has_begun=opens_at <= now,
        whose_word=whose_word,
        asks_own_word=asks,
    )


def _whose_word(outcomes: dict[str, Outcome], side: str) -> tuple[str, bool]:
    """Whose word is there, and whether the own one is missing. Of the other side only the kind of a positive word."""
    verdict = Outcome.Verdict
    mine = outcomes.get(side)
    theirs = next((row for name, row in outcomes.items() if name not in {side, Outcome.Side.HOST}), None)
    host = outcomes.get(Outcome.Side.HOST)
    if mine and mine.verdict != verdict.NO_FIT and theirs is None:
        return f"您已表示“{mine.get_verdict_display()}”，等对方确认", False
    if mine is None and theirs and theirs.verdict != verdict.NO_FIT:
        return f"对方表示“{theirs.get_verdict_display()}”，请您确认", True
    if mine is None and theirs is None and host:
        return f"现场记录“{host.get_verdict_display()}”，请您确认", True
    if mine and theirs and {mine.verdict, theirs.verdict} == {verdict.INTENT, verdict.GO_ON}:
        return f"对方表示“{theirs.get_verdict_display()}”，还不是双方意向", False
    if mine and theirs and mine.verdict == theirs.verdict == verdict.INTENT:
        return "双方都已表示“有意向”", False
    return "", False


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
