"""Planning from requested meetings to a draft: solved, stopped, resumed, infeasible."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from rounds.models import Away, LostTable, Meeting, Party, Placement, Timetable
from rounds.planning.problems import missing_inputs
from rounds.planning.snapshot import read_snapshot
from rounds.planning.stored_plans import placements_of, plan_of, reasons_of
from rounds.services import timetables
from rounds.services.timetables import discard_timetable, run_planning, start_planning, stop_planning, sweep_plannings
from scheduling import check
from tests import factories as make
from tests.kept_rows import kept_rows
from tests.rounds.rounds import DAY, planned, small_round

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker):
        yield small_round()


@pytest.fixture
def world(db, kept):
    """The round, with objects of its own for each test."""
    return deepcopy(kept)


def places(timetable) -> dict:
    rows = timetable.placements.values_list("meeting", "slot", "hall", "table")
    return {meeting: tuple(rest) for meeting, *rest in rows}


def is_sound(timetable) -> bool:
    day = read_snapshot(timetable.docking_round)
    return check(day.event, plan_of(day, placements_of(timetable), reasons_of(timetable))) == []


def test_worker_creates_a_valid_draft(world):
    timetable = planned(world)
    assert timetable.status == "draft"
    assert timetable.placements.count() == 6
    assert timetable.best["served"] == 5
    assert is_sound(timetable)


def test_planning_is_deterministic(world):
    first, other = planned(world), planned(world)
    assert first.event_hash == other.event_hash
    assert places(first) == places(other)


def test_every_meeting_is_placed_or_left_out_with_a_reason(db):
    world = small_round(firms=3, teams=1, tables=1, slots=2)
    timetable = planned(world)
    assert timetable.placements.count() == 2
    (left,) = timetable.left_out.all()
    assert left.reason


def test_declined_side_is_left_out_by_name(world):
    Party.objects.filter(pk=world.firms[0].pk).update(answer="declined")
    timetable = planned(world)
    out = timetable.left_out.values_list("reason", flat=True)
    assert set(out) == {"甲公司的答复是“不参加”"}
    assert timetable.placements.count() == 4


def test_withdrawn_firms_meetings_are_not_planned(world):
    """An organisation that takes part cannot be deleted; taken off the list of guests, its meetings are called off."""
    Meeting.objects.filter(firm_party=world.firms[0]).delete()
    world.firms[0].delete()
    assert planned(world).placements.count() == 4


def test_presence_across_midnight(db):
    world = small_round(firms=1, teams=1, slots=3, starts_at=DAY.replace(hour=23, minute=20), pairs=[(0, 0)])
    Party.objects.filter(pk=world.firms[0].pk).update(arrives_at=world.slots[2].starts_at)
    timetable = planned(world)
    (place,) = timetable.placements.all()
    assert place.slot == world.slots[2]
    assert timezone.localtime(place.slot.starts_at).day == DAY.day + 1


def test_party_without_presence_is_left_out_and_named(world):
    Party.objects.filter(pk=world.firms[0].pk).update(arrives_at=DAY + timedelta(hours=7))
    timetable = planned(world)
    assert timetable.placements.count() == 4
    assert any("甲公司" in reason for reason in timetable.left_out.values_list("reason", flat=True))


def test_absences_lost_tables_and_closed_halls_apply(world):
    Away.objects.create(party=world.firms[0], from_at=DAY, until_at=world.slots[2].starts_at)
    LostTable.objects.create(hall=world.hall, table=2)
    timetable = planned(world)
    own = timetable.placements.filter(meeting__firm_party=world.firms[0])
    assert all(place.slot.starts_at >= world.slots[2].starts_at for place in own.select_related("slot"))
    assert set(timetable.placements.values_list("table", flat=True)) == {1}
    type(world.hall).objects.filter(pk=world.hall.pk).update(closed_at=DAY)
    again = planned(world)
    assert again.placements.count() == 0


def test_missing_inputs_are_reported_with_the_page_to_fix_them(db):
    world = small_round(tables=0, slots=0, pairs=[])
    assert [problem["link"] for problem in missing_inputs(world.round)] == ["slots", "halls", "meetings"]
    with pytest.raises(ValidationError) as refusal:
        start_planning(world.round, by=world.by)
    assert refusal.value.messages[:2] == ["没有洽谈时段，请先设置时段。", "没有洽谈桌，请至少给一个场地设置一张桌。"]


def test_missing_locked_table_is_named(world):
    first = planned(world)
    place = first.placements.order_by("-table").first()
    first.placements.filter(pk=place.pk).update(is_locked=True)
    LostTable.objects.create(hall=world.hall, table=place.table)
    timetable = planned(world, based_on=first)
    assert timetable.status == "impossible"
    (problem,) = timetable.problems
    assert (problem["kind"], problem["link"]) == ("bad", "halls")
    assert f"放不下锁定的洽谈“{place.meeting}”" in problem["text"]


def test_infeasible_event_reports_names_and_relaxations(world):
    Meeting.objects.filter(firm_party=world.firms[0]).update(is_must=True)
    Party.objects.filter(pk=world.firms[0].pk).update(leaves_at=world.slots[0].ends_at)
    timetable = planned(world)
    assert timetable.status == "impossible"
    conflict, *relax = timetable.problems
    assert (
        conflict["text"] == "甲公司 13:50 后离场，与甲大学、乙大学 2 场必须安排的洽谈冲突：需要 2 个时段，只有 1 个。"
    )
    helping = {relaxation["text"] for relaxation in relax if relaxation["works"]}
    assert "请甲公司全程在场" in {text.replace("（甲公司）", "") for text in helping}


def test_locked_meetings_stay_in_the_next_plan(world):
    first = planned(world)
    place = first.placements.order_by("-slot__starts_at").first()
    first.placements.filter(pk=place.pk).update(is_locked=True)
    second = planned(world, based_on=first)
    kept = second.placements.get(meeting=place.meeting)
    assert (kept.slot, kept.hall, kept.table, kept.is_locked) == (place.slot, place.hall, place.table, True)


def test_one_planning_at_a_time(world):
    start_planning(world.round, by=world.by)
    with pytest.raises(ValidationError, match="正在排期"):
        start_planning(world.round, by=world.by)


def test_only_city_staff_plan(world):
    for user in (make.district_officer(), make.auditor(), make.firm_officer(world.firms[0].organisation)):
        with pytest.raises(PermissionDenied):
            start_planning(world.round, by=user)


def test_closed_round_is_not_planned(world):
    run = make.match_run()
    type(world.round).objects.filter(pk=world.round.pk).update(status="closed", closed_at=DAY, match_run=run)
    with pytest.raises(ValidationError, match="已经结束"):
        start_planning(world.round, by=world.by)


def test_second_delivery_returns_at_once(world):
    timetable = start_planning(world.round, by=world.by, seconds=2)
    Timetable.objects.filter(pk=timetable.pk).update(heartbeat_at=timezone.now())
    assert run_planning(timetable.pk) is False
    Timetable.objects.filter(pk=timetable.pk).update(heartbeat_at=timezone.now() - timetables.DEAD_AFTER * 2)
    assert run_planning(timetable.pk) is True


def test_planning_of_a_dead_worker_is_sent_again(world, monkeypatch):
    sent = []
    monkeypatch.setattr(timetables, "send_planning", lambda pk: sent.append(pk) or True)
    timetable = start_planning(world.round, by=world.by)
    assert sweep_plannings() == 0
    Timetable.objects.filter(pk=timetable.pk).update(heartbeat_at=timezone.now() - timetables.DEAD_AFTER * 2)
    assert sweep_plannings() == 1
    assert sent == [timetable.pk]
    Timetable.objects.filter(pk=timetable.pk).update(heartbeat_at=timezone.now() + timedelta(hours=1))
    assert sweep_plannings() == 1  # written by a clock that was ahead: a process that lives has written since


def test_stopping_keeps_the_best_plan(world, monkeypatch):
    timetable = start_planning(world.round, by=world.by, seconds=60)
    stop_planning(timetable, by=world.by)
    monkeypatch.setattr(timetables, "HEARTBEAT_SECONDS", 0.0)
    assert run_planning(timetable.pk)
    timetable.refresh_from_db()
    assert timetable.status == "draft"
    assert timetable.placements.count() + timetable.left_out.count() == 6
    with pytest.raises(ValidationError, match="已经排完"):
        stop_planning(timetable, by=world.by)


def test_draft_is_discarded_once(world):
    timetable = planned(world)
    discard_timetable(timetable, by=world.by)
    with pytest.raises(ValidationError, match="不能放弃"):
        discard_timetable(timetable, by=world.by)


def test_five_thousand_meetings_for_a_hundred_places(db):
    """Much too many: a complete plan all the same, each of the others with its reason."""
    world = small_round(firms=0, teams=0, tables=10, slots=10, pairs=[])
    firms = [make.party(world.round) for _ in range(100)]
    teams = [make.party(world.round, make.institution(f"院所{n}")) for n in range(50)]
    Meeting.objects.bulk_create(
        Meeting(docking_round=world.round, firm_party=firm, institution_party=team) for firm in firms for team in teams
    )
    timetable = planned(world, seconds=4)
    assert timetable.placements.count() == 100
    assert timetable.left_out.count() == 4900
    assert Placement.objects.values("slot", "table").distinct().count() == 100
