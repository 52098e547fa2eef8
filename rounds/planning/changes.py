"""Differences between two versions of a timetable."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.timezone import localtime

from accounts.names import SEES_ALL
from rounds.models import Meeting, Placement, Timetable
from rounds.planning.snapshot import topic_of
from rounds.planning.stored_plans import placements_of, reasons_of


@dataclass(frozen=True)
class MeetingChange:
    """A meeting that moved, was cancelled (`after` None) or added (`before` None)."""

    meeting: Meeting
    before: Placement | None
    after: Placement | None
    reason: str = ""

    @property
    def kind(self) -> str:
        return "added" if self.before is None else "cancelled" if self.after is None else "moved"

    @property
    def name(self) -> str:
        """Both sides by name, with the topic."""
        topic = topic_of(self.meeting)
        return self.meeting.pair_for(SEES_ALL) + (f"（{topic}）" if topic else "")

    @property
    def words(self) -> str:
        """Text for city staff, with both sides by name."""
        if self.before is None:
            return "新增：%(meeting)s，%(place)s" % {
                "meeting": self.name,
                "place": place_text(self.after),
            }
        was = place_text(self.before)
        if self.after is None:
            return "取消：%(meeting)s（原 %(was)s）。%(reason)s" % {
                "meeting": self.name,
                "was": was,
                "reason": self.reason,
            }
        return "调整：%(meeting)s，%(was)s 改到 %(place)s" % {
            "meeting": self.name,
            "was": was,
            "place": place_text(self.after),
        }


def place_text(place: Placement) -> str:
    return "%(time)s %(hall)s %(table)d 号桌" % {
        "time": localtime(place.slot.starts_at).strftime("%H:%M"),
        "hall": place.hall.name,
        "table": place.table,
    }


def changes_between(before: Timetable | None, after: Timetable) -> list[MeetingChange]:
    """Compare rows: cancelled first, then moved, then added, each in the order of the day."""
    was = {place.meeting_id: place for place in placements_of(before)}
    now = {place.meeting_id: place for place in placements_of(after)}
    reasons = reasons_of(after)
    cancelled = [
        MeetingChange(place.meeting, place, None, place.meeting.dropped_reason or reasons.get(meeting, ""))
        for meeting, place in was.items()
        if meeting not in now and place.meeting.status != Meeting.Status.MISSED
    ]
    moved = [
        MeetingChange(place.meeting, was[meeting], place)
        for meeting, place in now.items()
        if meeting in was and _position(was[meeting]) != _position(place)
    ]
    added = [MeetingChange(place.meeting, None, place) for meeting, place in now.items() if meeting not in was]
    return [*cancelled, *moved, *added]


def _position(place: Placement) -> tuple[int, int, int]:
    return place.slot_id, place.hall_id, place.table


def changes_by_party(changes: Iterable[MeetingChange]) -> dict[int, list[MeetingChange]]:
    """Return {party: changes of its own list}."""
    by_party: dict[int, list[MeetingChange]] = {}
    for change in changes:
        for party in (change.meeting.firm_party_id, change.meeting.institution_party_id):
            by_party.setdefault(party, []).append(change)
    return by_party
