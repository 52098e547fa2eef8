"""A running round: two firms, two institutions, a hall and a published timetable around now."""

from datetime import timedelta
from types import SimpleNamespace

from django.utils import timezone

from rounds.models import Slot
from tests import factories as make

FIRMS = ("大连海天齿轮有限公司", "大连云帆轴承有限公司")
SCHOOLS = ("大连北岸大学", "大连东港学院")


def running(*, minutes: tuple = (-5, 25, 55), **fields) -> SimpleNamespace:
    """`minutes` says when slots of twenty minutes begin, from now. Table 1 has the first pair in the first slot and
    the second pair in the next; table 2 the same two the other way round."""
    s = SimpleNamespace()
    s.round = make.docking_round(status="running", **fields)
    s.firms = [make.party(s.round, make.firm(name)) for name in FIRMS]
    s.schools = [make.party(s.round, make.institution(name)) for name in SCHOOLS]
    s.people = [make.attendee(party, name=f"客人{n}") for n, party in enumerate([*s.firms, *s.schools])]
    s.hall = make.hall(s.round, name="洽谈厅", tables=3)
    now = timezone.now()
    starts = [now + timedelta(minutes=start) for start in minutes]
    s.slots = [
        Slot.objects.create(docking_round=s.round, starts_at=start, ends_at=start + timedelta(minutes=20))
        for start in starts
    ]
    s.meetings = [
        make.meeting(firm, school, topic=f"话题{n}{m}")
        for n, firm in enumerate(s.firms)
        for m, school in enumerate(s.schools)
    ]
    first, second, third, fourth = s.meetings
    s.placed = {
        first: (s.slots[0], s.hall, 1),
        fourth: (s.slots[0], s.hall, 2),
        second: (s.slots[1], s.hall, 1),
        third: (s.slots[1], s.hall, 2),
    }
    s.timetable = make.timetable(s.round, s.placed)
    return s
