"""The tables of a round: current and next meeting of each, for table hosts and for signage screens (`signage`)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch

from rounds.day.late_talks import TalkEnd
from rounds.day.talk_ends import TalkEnds
from rounds.models import DockingRound, Hall, Meeting, Outcome, Placement

Status = Meeting.Status
FINISHED = {Status.HELD, Status.MISSED, Status.DROPPED}


@dataclass
class TableSchedule:
    """One table with all its meetings by time, the current one and the next one."""

    hall: Hall
    table: int
    talks: list[Placement] = field(default_factory=list)
    now: Placement | None = None
    next: Placement | None = None
    end: TalkEnd | None = None
    """When the current meeting ends, by the rule of the round for late ones."""

    @property
    def address(self) -> str:
        return f"{self.hall.pk}-{self.table}"

    @property
    def is_given_up(self) -> bool:
        """Whether a side of the current meeting is marked as absent."""
        return self.now is not None and is_given_up(self.now)


def is_given_up(place: Placement) -> bool:
    meeting = place.meeting
    return meeting.status == Status.WANTED and any(
        party.absent_at for party in (meeting.firm_party, meeting.institution_party)
    )


def published_placements(docking_round: DockingRound):
    """Return the published placements of a round by time, with the rows that both names need."""
    host = Prefetch("meeting__outcomes", Outcome.objects.filter(side=Outcome.Side.HOST), to_attr="of_host")
    sides = Prefetch("meeting__outcomes", Outcome.objects.own().order_by("side"), to_attr="of_sides")
    return (
        Placement.objects.current()
        .filter(timetable__docking_round=docking_round)
        .select_related(
            "slot",
            "hall",
            "meeting__firm_party__organisation",
            "meeting__institution_party__organisation",
            "meeting__match__achievement",
            "meeting__match__demand",
            "meeting__match__follow_up",
            "meeting__unmatched_demand",
        )
        .prefetch_related(host, sides)
        .order_by("slot__starts_at", "hall__order", "hall_id", "table")
    )


def table_schedules(places: Iterable[Placement], now: datetime, ends: TalkEnds | None = None) -> list[TableSchedule]:
    """Return one schedule for each table that has a meeting, by hall and number. `ends`: of the same round."""
    at = defaultdict(list)
    for place in places:
        at[place.hall.order, place.hall_id, place.table].append(place)
    schedules = []
    for _order, talks in sorted(at.items(), key=lambda pair: pair[0]):
        current = next((place for place in talks if place.meeting.status == Status.BEGUN), None) or next(
            (
                place
                for place in talks
                if place.slot.starts_at <= now < place.slot.ends_at and place.meeting.status not in FINISHED
            ),
            None,
        )
        later = [
            place
            for place in talks
            if place.slot.starts_at > now and place is not current and place.meeting.status not in FINISHED
        ]
        end = ends.of(current, now) if current and ends else None
        following = later[0] if later else None
        schedules.append(TableSchedule(talks[0].hall, talks[0].table, talks, current, following, end))
    return schedules
