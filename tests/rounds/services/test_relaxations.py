"""Ways out of an impossible plan: with numbers, with their price, and adopted in one step."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from rounds.models import GuestMessage, Meeting, Party
from rounds.services.relaxations import adopt_relaxation
from rounds.services.timetables import run_planning
from tests import factories as make
from tests.rounds.rounds import planned, small_round

pytestmark = pytest.mark.long


@pytest.fixture
def world(db):
    """Three firms that must all meet one institution, which wants at most two meetings."""
    world = small_round(firms=3, teams=1, tables=2, slots=4)
    Meeting.objects.filter(pk__in=[meeting.pk for meeting in world.meetings]).update(is_must=True)
    Party.objects.filter(pk=world.teams[0].pk).update(most_meetings=2)
    Meeting.objects.filter(pk=world.meetings[0].pk).update(topic="海水阀防腐")
    return world


def way(timetable, kind: str) -> int:
    return next(n for n, problem in enumerate(timetable.problems) if problem.get("adopt", {}).get("kind") == kind)


def test_the_answer_names_numbers_topics_and_prices(world):
    timetable = planned(world)
    assert timetable.status == "impossible"
    text = timetable.problems[0]["text"]
    assert "甲公司（海水阀防腐）" in text and text.endswith("：需要 3 场，最多只能 2 场。")
    limit = timetable.problems[way(timetable, "max_meetings")]
    assert limit["text"] == "甲大学的最多场次从 2 改为 3"
    assert limit["cost"] == "要先征得甲大学同意：它答复最多 2 场"


@pytest.mark.parametrize("kind", ["max_meetings", "required"])
def test_an_adopted_way_gives_a_plan(world, kind):
    timetable = planned(world)
    again = adopt_relaxation(timetable, way(timetable, kind), by=world.by)
    run_planning(again.pk)
    again.refresh_from_db()
    assert again.status == "draft" and again.placements.count() == (3 if kind == "max_meetings" else 2)
    messages = GuestMessage.objects.filter(kind="answer")
    if kind == "required":
        assert not messages.exists(), "nobody had been told that the meeting was a must"
    else:
        assert messages.get().party == world.teams[0] and "全程在场，最多洽谈 3 场" in messages.get().text


def test_a_missing_slot_is_counted_and_tables_are_added(db):
    world = small_round(firms=3, teams=3, tables=1, slots=2, pairs=[(0, 0), (1, 1), (2, 2)])
    Meeting.objects.filter(docking_round=world.round).update(is_must=True)
    timetable = planned(world)
    assert "需要 3 个桌位（每桌每时段一个），只有 2 个" in timetable.problems[0]["text"]
    again = adopt_relaxation(timetable, way(timetable, "tables"), by=world.by)
    world.hall.refresh_from_db()
    assert world.hall.tables == 2
    run_planning(again.pk)
    again.refresh_from_db()
    assert again.placements.count() == 3


def test_several_constraints_are_given_up_together_if_no_single_one_helps(db):
    world = small_round(firms=4, teams=1, tables=2, slots=2)
    Meeting.objects.filter(docking_round=world.round).update(is_must=True)
    timetable = planned(world)
    assert timetable.problems[0]["text"].endswith("等 4 场必须安排的洽谈冲突：需要 4 个时段，只有 2 个。")
    combined = timetable.problems[way(timetable, "several")]
    assert combined["text"].startswith("一起放宽这 2 条：") and combined["cost"] == "这场改为尽量安排，可能排不上"
    again = adopt_relaxation(timetable, way(timetable, "several"), by=world.by)
    run_planning(again.pk)
    again.refresh_from_db()
    assert again.placements.count() == 2


def test_only_the_city_adopts_and_only_what_is_offered(world):
    timetable = planned(world)
    with pytest.raises(PermissionDenied):
        adopt_relaxation(timetable, way(timetable, "required"), by=make.district_officer())
    for number in (0, 99, -1):
        with pytest.raises(ValidationError, match="没有这条改法"):
            adopt_relaxation(timetable, number, by=world.by)
