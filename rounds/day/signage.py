"""What the screen of a hall shows of each table, under public names, and how many tables fit on it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from accounts.names import PUBLIC
from rounds.day.tables import TableSchedule, is_given_up, published_placements, table_schedules
from rounds.day.talk_ends import TalkEnds
from rounds.models import Announcement, DockingRound, Hall, Placement, Timetable

CHANGE_SHOWN_FOR = timedelta(minutes=20)
"""How long a place is marked that a new version of the timetable has changed."""
LINES = 10
"""Lines of talks on a screen: each is 6.8 % of its height (`static/css/signage.css`, docs/event-day.md)."""
LINE_WIDTH = 19
"""Chinese characters on a line of a screen of 16:9, beside the number of the table."""
NEXT_WIDTH = 5
"""Of them what stands before the next pair: 接着 10:30."""


@dataclass(frozen=True)
class SignageRow:
    hall: str
    table: int
    now: str
    next_at: datetime | None
    next: str
    ends_at: datetime | None = None
    """When the present talk ends, by the rule for late ones; None while there is none."""
    is_late: bool = False
    is_changed: bool = False
    """Whether the present or the next talk was placed here a short time ago."""

    @property
    def lines(self) -> int:
        return _lines(self.now or "空") + _lines(self.next, NEXT_WIDTH)


def signage_rows(docking_round: DockingRound, hall: Hall | None, now: datetime) -> list[SignageRow]:
    """Return a row for each table with a current or next meeting."""
    places = published_placements(docking_round)
    places = places.filter(hall=hall) if hall else places
    changed = _changed_meetings(docking_round, now)
    rows = [_row(schedule, changed) for schedule in table_schedules(places, now, TalkEnds(docking_round))]
    return [row for row in rows if row.now or row.next]


def signage_pages(rows: list[SignageRow], announcements: list[Announcement]) -> list[list[SignageRow]]:
    """Distribute the rows on screens, so that no line becomes smaller. Announcements take lines of each screen."""
    room = max(2, LINES - sum(_lines(announcement.text) for announcement in announcements))
    pages: list[list[SignageRow]] = []
    left = 0
    for row in rows:
        if row.lines > left:
            pages.append([])
            left = room
        pages[-1].append(row)
        left -= row.lines
    return pages


def _lines(text: str, before: int = 0) -> int:
    width = before + sum(1 if character > "\u2e7f" else 0.6 for character in text)
    return max(1, ceil(width / LINE_WIDTH))


def _row(schedule: TableSchedule, changed: set[int]) -> SignageRow:
    now, coming = _pair(schedule.now), _pair(schedule.next)
    shown = [place for place, text in ((schedule.now, now), (schedule.next, coming)) if place and text]
    return SignageRow(
        hall=schedule.hall.name,
        table=schedule.table,
        now=now,
        next_at=schedule.next.slot.starts_at if schedule.next and coming else None,
        next=coming,
        ends_at=schedule.end.at if schedule.end and now else None,
        is_late=bool(schedule.end and schedule.end.words and now),
        is_changed=any(place.meeting_id in changed for place in shown),
    )


def _pair(place: Placement | None) -> str:
    return "" if place is None or _is_publicly_given_up(place) else place.meeting.pair_for(PUBLIC)


def _is_publicly_given_up(place: Placement) -> bool:
    """As `is_given_up`. The absence of an anonymous firm does not count: its named meetings would vanish from the
    screen in the same minute."""
    meeting = place.meeting
    return is_given_up(place) and bool(
        meeting.institution_party.absent_at or not meeting.alias_of(meeting.firm_party.organisation)
    )


def _changed_meetings(docking_round: DockingRound, now: datetime) -> set[int]:
    """Meetings that the version published within CHANGE_SHOWN_FOR put elsewhere; empty for the first version."""
    versions = list(Timetable.objects.made_public().filter(docking_round=docking_round).order_by("-number")[:2])
    if len(versions) < 2 or versions[0].published_at is None or versions[0].published_at < now - CHANGE_SHOWN_FOR:
        return set()
    columns = ("meeting_id", "slot_id", "hall_id", "table")
    after, before = (set(version.placements.values_list(*columns)) for version in versions)
    return {meeting for meeting, *_place in after - before}
