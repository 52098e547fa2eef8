"""Order constraints between meetings."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from rounds.models import Meeting, MeetingOrder, Party
from rounds.planning.snapshot import read_snapshot
from rounds.services.meeting_moves import move_meeting
from rounds.services.meeting_orders import lift_order, set_order
from rounds.services.meetings import drop_meeting
from rounds.services.publishing import publish_timetable
from rounds.services.replanning import ClosedTable, NoShow, replan
from tests import factories as make
from tests.concurrency import run_both
from tests.rounds.rounds import planned, small_round


@pytest.fixture
def world(db):
    return small_round()


def starts_of(timetable) -> dict:
    return dict(timetable.placements.values_list("meeting", "slot__starts_at"))


def orders_known(docking_round) -> list:
    return [(int(order.before), int(order.after)) for order in read_snapshot(docking_round).event.precedences]


def test_every_plan_keeps_the_orders(world):
    first, other = world.meetings[0], world.meetings[1]
    for before, after in ((first, other), (other, first)):
        order = set_order(before, after, by=world.by)
        starts = starts_of(planned(world))
        assert starts[before.pk] < starts[after.pk]
        lift_order(order, by=world.by)


def test_draft_violating_a_later_order_is_not_published(world):
    timetable = planned(world)
    starts = starts_of(timetable)
    pair = sorted(world.meetings[:2], key=lambda meeting: starts[meeting.pk])
    set_order(pair[1], pair[0], by=world.by)
    with pytest.raises(ValidationError, match="没有先于"):
        publish_timetable(timetable, revision=0, by=world.by)
    publish_timetable(planned(world), revision=0, by=world.by)
    starts = starts_of(replan(world.round, ClosedTable(world.hall, 2), by=world.by))
    assert pair[0].pk not in starts or starts[pair[1].pk] < starts[pair[0].pk]


def test_move_violating_an_order_is_refused_by_name(world):
    first, other = world.meetings[0], world.meetings[1]
    set_order(first, other, by=world.by)
    timetable = planned(world)
    last = world.slots[-1]
    timetable.placements.exclude(meeting__in=[first, other]).delete()
    timetable.placements.filter(meeting=other).update(slot=world.slots[2])
    with pytest.raises(ValidationError, match=f"“{first}”没有先于“{other}”"):
        move_meeting(timetable, first, slot=last, hall=world.hall, table=1, revision=0, by=world.by)


def test_invalid_orders_are_refused(world):
    first, other = world.meetings[0], world.meetings[1]
    with pytest.raises(ValidationError, match="不能先于自己"):
        set_order(first, first, by=world.by)
    set_order(first, other, by=world.by)
    with pytest.raises(ValidationError, match="已有这条先后要求"):
        set_order(first, other, by=world.by)
    foreign = small_round(firms=1, teams=1).meetings[0]
    with pytest.raises(ValidationError, match="不属于同一次活动"):
        set_order(first, foreign, by=world.by)


def test_cycle_is_refused_with_its_path(world):
    a, b, c = world.meetings[:3]
    set_order(a, b, by=world.by)
    set_order(b, c, by=world.by)
    with pytest.raises(ValidationError) as refusal:
        set_order(c, a, by=world.by)
    assert refusal.value.messages == [
        f"先后要求绕成了圈：已要求“{a}”先于“{b}”，“{b}”先于“{c}”，不能再要求“{c}”先于“{a}”。请先取消其中一条。"
    ]
    assert MeetingOrder.objects.active().count() == 2


def test_dropped_meetings_have_no_order(world):
    first, other, third = world.meetings[:3]
    set_order(first, other, by=world.by)
    drop_meeting(first, reason="企业改期", by=world.by)
    assert not MeetingOrder.objects.active().exists()
    assert orders_known(world.round) == []
    with pytest.raises(ValidationError, match="现在是“已取消”，不能再定先后"):
        set_order(third, first, by=world.by)


def test_only_city_staff_set_and_lift_orders_once(world):
    first, other = world.meetings[0], world.meetings[1]
    with pytest.raises(PermissionDenied):
        set_order(first, other, by=make.district_officer())
    order = set_order(first, other, by=world.by)
    with pytest.raises(PermissionDenied):
        lift_order(order, by=make.firm_officer(world.firms[0].organisation))
    lift_order(order, by=world.by)
    with pytest.raises(ValidationError, match=r"已经由.*取消了"):
        lift_order(order, by=world.by)
    assert set_order(first, other, by=world.by).pk != order.pk


def test_orders_with_an_absent_side_do_not_apply(world):
    """Only the meeting with the absent side is dropped."""
    first, other = world.meetings[0], next(row for row in world.meetings if row.firm_party != world.firms[0])
    set_order(first, other, by=world.by)
    publish_timetable(planned(world), revision=0, by=world.by)
    draft = replan(world.round, NoShow(world.firms[0]), by=world.by)
    assert first.pk not in starts_of(draft)
    assert other.pk in starts_of(draft)
    assert orders_known(world.round) == []


def test_orders_before_a_begun_meeting_do_not_apply(world):
    first, other = world.meetings[0], world.meetings[1]
    set_order(first, other, by=world.by)
    Meeting.objects.filter(pk=other.pk).update(status="begun", begun_at=timezone.now())
    assert orders_known(world.round) == []


def test_closed_round_takes_no_order(world):
    type(world.round).objects.filter(pk=world.round.pk).update(
        status="closed", closed_at=timezone.now(), match_run=make.match_run()
    )
    with pytest.raises(ValidationError, match="已经结束"):
        set_order(world.meetings[0], world.meetings[1], by=world.by)


@pytest.mark.django_db(transaction=True)
def test_simultaneous_orders_cannot_form_a_cycle():
    world = small_round()
    first, other = world.meetings[0], world.meetings[1]

    def order_between(before, after):
        try:
            return set_order(Meeting.objects.get(pk=before.pk), Meeting.objects.get(pk=after.pk), by=world.by)
        except ValidationError as refusal:
            return refusal

    answers = run_both(lambda: order_between(first, other), lambda: order_between(other, first))
    refused = [answer for answer in answers if isinstance(answer, ValidationError)]
    assert len(refused) == 1
    assert "绕成了圈" in refused[0].messages[0]
    assert MeetingOrder.objects.active().count() == 1


def test_orders_of_a_declined_party_do_not_apply(world):
    set_order(world.meetings[0], world.meetings[2], by=world.by)
    Party.objects.filter(pk=world.firms[0].pk).update(answer="declined")
    assert orders_known(world.round) == []
