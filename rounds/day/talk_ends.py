"""When talks end that began late: the rule of a round (`late_talks`) applied to its published timetable."""

from collections import defaultdict
from datetime import datetime

from rounds.day.late_talks import TalkEnd, end_of_talk
from rounds.models import DockingRound, LateRule, Meeting, Placement

Status = Meeting.Status
UPCOMING = (Status.WANTED, Status.BEGUN)


class TalkEnds:
    """Reads the rule and the starts of all talks once, in two queries: a talk of a district may hold up a party whose
    next talk another district hosts."""

    def __init__(self, docking_round: DockingRound) -> None:
        rule = LateRule.objects.filter(docking_round=docking_round).first() or LateRule()
        self._is_shifted = rule.kind == LateRule.Kind.SHIFT
        self._min_minutes = rule.min_minutes
        self._starts: defaultdict[tuple, list[datetime]] = defaultdict(list)
        rows = Placement.objects.current().filter(timetable__docking_round=docking_round, meeting__status__in=UPCOMING)
        columns = ("slot__starts_at", "hall_id", "table", "meeting__firm_party", "meeting__institution_party")
        for starts_at, hall, table, firm, institution in rows.order_by("slot__starts_at").values_list(*columns):
            for key in (("table", hall, table), ("party", firm), ("party", institution)):
                self._starts[key].append(starts_at)

    def of(self, place: Placement, now: datetime) -> TalkEnd:
        """`place` with its slot and meeting. One that has not begun is taken to begin now, if its time has come."""
        slot, meeting = place.slot, place.meeting
        begins_at = meeting.begun_at or max(now, slot.starts_at)
        return end_of_talk(
            slot.starts_at,
            slot.ends_at,
            begins_at,
            next_at=self._next_start(place),
            is_shifted=self._is_shifted,
            min_minutes=self._min_minutes,
        )

    def _next_start(self, place: Placement) -> datetime | None:
        meeting = place.meeting
        keys = (
            ("table", place.hall_id, place.table),
            ("party", meeting.firm_party_id),
            ("party", meeting.institution_party_id),
        )
        after = [start for key in keys for start in self._starts[key] if start > place.slot.starts_at]
        return min(after, default=None)
