"""A party's own published meetings. Anonymous firms appear under their number in the round until both sides agreed;
other parties' plans, contacts and the other side's reasons are not included."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from rounds.models import Hall, Meeting, Party, Placement, Slot, Timetable


@dataclass(frozen=True)
class PlanLine:
    """A meeting of a party. `partner` and `topic` as this party may read them."""

    meeting: Meeting
    slot: Slot
    hall: Hall
    table: int
    partner: str
    topic: str
    own_alias: str = ""
    """The number under which cards and screens show the party itself; empty if they show its name."""

    @property
    def is_over(self) -> bool:
        return self.meeting.status in (Meeting.Status.HELD, Meeting.Status.MISSED)

    @property
    def is_now(self) -> bool:
        return self.slot.starts_at <= timezone.now() < self.slot.ends_at and not self.is_over


@dataclass(frozen=True)
class OwnPlan:
    """A party's published day. Without a published timetable `published_at` is None and `lines` is empty."""

    party: Party
    lines: list[PlanLine] = field(default_factory=list)
    published_at: datetime | None = None
    number: int = 0

    @property
    def next(self) -> PlanLine | None:
        """The current or next meeting."""
        now = timezone.now()
        return next((line for line in self.lines if not line.is_over and line.slot.ends_at > now), None)


def own_plan(party: Party) -> OwnPlan:
    """Return the published meetings of one party by time, in a fixed number of queries."""
    timetable = Timetable.objects.published().filter(docking_round=party.docking_round_id).first()
    if timetable is None:
        return OwnPlan(party)
    lines = [plan_line(place, party.pk) for place in party_placements(Placement.objects.current(), party)]
    return OwnPlan(party, lines, timetable.published_at, timetable.number)


def party_placements(placements, party: Party) -> list[Placement]:
    """Filter `placements` to this party, with the rows that a line needs."""
    side = "meeting__firm_party" if party.side == Party.Side.FIRM else "meeting__institution_party"
    return list(
        placements.filter(**{side: party.pk})
        .select_related(
            "slot",
            "hall",
            "meeting__match__demand__firm",
            "meeting__match__achievement",
            "meeting__match__follow_up",
            "meeting__unmatched_demand__firm",
            "meeting__firm_party__organisation",
            "meeting__institution_party__organisation",
        )
        .order_by("slot__starts_at", "pk")
    )


def plan_line(place: Placement, party_id: int) -> PlanLine:
    meeting = place.meeting
    mine, _other = sides_for(meeting, party_id)
    return PlanLine(
        meeting,
        place.slot,
        place.hall,
        place.table,
        partner_name(meeting, party_id),
        topic_text(meeting, party_id),
        meeting.alias_of(mine.organisation),
    )


def partner_name(meeting: Meeting, party_id: int) -> str:
    """Return the other side's name as this party may read it."""
    mine, other = sides_for(meeting, party_id)
    return meeting.name_of(other, mine.reader)


def sides_for(meeting: Meeting, party_id: int) -> tuple[Party, Party]:
    """Return (the party itself, the other side)."""
    if meeting.firm_party_id == party_id:
        return meeting.firm_party, meeting.institution_party
    return meeting.institution_party, meeting.firm_party


def topic_text(meeting: Meeting, party_id: int) -> str:
    """Return the topic in words that both sides may read."""
    if meeting.match is None:
        return meeting.unmatched_demand.public_text("title") if meeting.unmatched_demand else meeting.topic
    if meeting.firm_party_id == party_id:
        return meeting.match.achievement.title
    return meeting.match.demand.public_text("title")
