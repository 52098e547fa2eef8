"""What staff changed by hand in a version, so that a new plan keeps it."""

from dataclasses import dataclass

from accounts.names import SEES_ALL
from rounds.models import Meeting, Timetable
from rounds.planning.changes import place_text
from rounds.planning.snapshot import REMOVED_BY_STAFF, topic_of

NAMED = (
    "meeting__match__demand",
    "meeting__unmatched_demand",
    "meeting__firm_party__organisation",
    "meeting__institution_party__organisation",
)
"""What the name of a meeting reads."""


@dataclass(frozen=True)
class HandMove:
    """A meeting that staff put at a place, or took out (`place` empty)."""

    meeting: Meeting
    place: str

    @property
    def words(self) -> str:
        """Text for city staff."""
        topic = topic_of(self.meeting)
        name = self.meeting.pair_for(SEES_ALL) + (f"（{topic}）" if topic else "")
        return f"{name}：{f'放在 {self.place}' if self.place else '移出，不安排'}"


def hand_moves_of(timetable: Timetable | None) -> list[HandMove]:
    """Those of meetings that have not begun. Locked meetings are not among them: plans keep them in any case."""
    if timetable is None:
        return []
    wanted = Meeting.Status.WANTED
    places = timetable.placements.filter(is_by_hand=True, is_locked=False, meeting__status=wanted)
    out = timetable.left_out.filter(reason=REMOVED_BY_STAFF, meeting__status=wanted)
    return [
        *(HandMove(place.meeting, place_text(place)) for place in places.select_related("slot", "hall", *NAMED)),
        *(HandMove(row.meeting, "") for row in out.select_related(*NAMED).order_by("pk")),
    ]
