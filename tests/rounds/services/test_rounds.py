import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from audit.models import AuditRecord
from matching.models import MatchRun
from notices.models import Delivery, Notice
from rounds.calendar_events import round_event
from rounds.models import DockingRound
from rounds.readiness import round_facts
from rounds.services.rounds import (
    announce_round,
    archive_round,
    begin_round,
    close_ended_rounds,
    close_round,
    save_round,
    schedule_round,
)
from tests import factories as make


@pytest.fixture
def city(db):
    return make.city_officer()


@pytest.fixture
def prepared(city):
    """With all that an announcement needs."""
    host = make.organisation("city", "市科技局")
    docking_round = make.docking_round(status=DockingRound.Status.PREPARING, place="会展中心", host=host)
    make.hall(docking_round)
    return docking_round


def let_pass(docking_round) -> None:
    """Its end has come."""
    docking_round.ends_at = timezone.now() - timedelta(minutes=1)
    docking_round.save(update_fields=["ends_at"])


def test_round_passes_through_all_statuses(city, prepared):
    make.slots(prepared, 2)
    make.timetable(prepared)
    states = []
    for step in (announce_round, schedule_round, begin_round, close_round, archive_round):
        if step is close_round:
            let_pass(prepared)
        step(prepared, by=city)
        states.append(prepared.status)
    assert states == ["gathering", "scheduled", "running", "closed", "archived"]


def test_round_without_a_timetable_can_begin(city, prepared):
    announce_round(prepared, by=city)
    begin_round(prepared, by=city)
    assert prepared.status == "running"


def test_step_is_refused_with_all_reasons(city):
    docking_round = make.docking_round(status=DockingRound.Status.PREPARING)
    with pytest.raises(ValidationError) as refusal:
        announce_round(docking_round, by=city)
    assert refusal.value.messages == [
        "还没有地点，请填写。",
        "还没有主办单位，请选择。",
        "还没有场地，请添加场地和桌数。",
    ]
    docking_round.refresh_from_db()
    assert docking_round.status == "preparing"
    assert not AuditRecord.objects.filter(action="更新活动状态").exists()


def test_schedule_needs_a_timetable_and_a_conflict_free_agenda(city, prepared):
    announce_round(prepared, by=city)
    item = make.agenda_item(prepared, title="开场", guests="王示例")
    make.agenda_item(prepared, title="推介", guests="王示例")
    with pytest.raises(ValidationError) as refusal:
        schedule_round(prepared, by=city)
    slots, timetable, clash = refusal.value.messages
    assert "洽谈时段" in slots and "洽谈日程" in timetable
    assert "王示例要同时参加“开场”" in clash and "“推介”" in clash
    make.slots(prepared, 2)
    make.timetable(prepared)
    item.delete()
    schedule_round(prepared, by=city)
    assert prepared.status == "scheduled"


def test_schedule_is_refused_if_a_party_is_double_booked(city, prepared):
    announce_round(prepared, by=city)
    (slot, _later), hall = make.slots(prepared, 2), prepared.halls.get()
    firm, office = make.party(prepared), make.party(prepared, make.institution())
    make.timetable(prepared, {make.meeting(firm, office): (slot, hall, 1)})
    item = make.agenda_item(prepared, title="开场", after=10)
    item.parties.add(office)
    with pytest.raises(ValidationError, match="大连理工大学应到“开场”"):
        schedule_round(prepared, by=city)
    item.parties.set([make.party(prepared)])
    schedule_round(prepared, by=city)


@pytest.mark.parametrize("status", ["preparing", "gathering", "scheduled", "running"])
def test_closing_waits_for_the_end(city, status):
    """Taken three months ahead, 结束并匹配 told fifty invited firms that the round was over."""
    begin = make.noon(days=90)
    docking_round = make.docking_round(starts_at=begin, ends_at=begin + timedelta(hours=8), status=status)
    make.party(docking_round, answer="invited")
    with pytest.raises(ValidationError) as refusal:
        close_round(docking_round, by=city)
    assert f"{timezone.localtime(docking_round.ends_at):%Y-%m-%d %H:%M} 起才能结束并匹配" in refusal.value.messages[0]
    docking_round.refresh_from_db()
    assert docking_round.status == status and not MatchRun.objects.exists()


def test_a_running_round_closes_after_its_last_talk(city, prepared):
    DockingRound.objects.update(status="running")
    (slot,), hall = make.slots(prepared, 1), prepared.halls.get()
    meeting = make.meeting(make.party(prepared), make.party(prepared, make.institution()))
    make.timetable(prepared, {meeting: (slot, hall, 1)})
    now = timezone.now()
    for ends_at, is_closed in ((now + timedelta(minutes=9), False), (now - timedelta(minutes=9), True)):
        type(slot).objects.update(starts_at=ends_at - timedelta(minutes=20), ends_at=ends_at)
        try:
            close_round(prepared, by=city)
        except ValidationError as refusal:
            assert "“提前结束”" in refusal.messages[0]
        prepared.refresh_from_db()
        assert (prepared.status == "closed") == is_closed


def test_a_round_begins_only_on_its_day(city):
    now = timezone.now()
    for days, words in ((21, "起才能开始"), (-2, "结束时间已过")):
        begin = now + timedelta(days=days)
        docking_round = make.docking_round(starts_at=begin, ends_at=begin + timedelta(hours=8), status="scheduled")
        with pytest.raises(ValidationError) as refusal:
            begin_round(docking_round, by=city)
        assert words in refusal.value.messages[0]
        docking_round.refresh_from_db()
        assert docking_round.status == "scheduled"


def test_the_day_of_an_announced_round_is_not_changed_by_the_form(city):
    docking_round = make.docking_round()
    docking_round.starts_at -= timedelta(days=2)
    with pytest.raises(ValidationError, match="“改期”"):
        save_round(docking_round, ["starts_at"], by=city)


def test_sequence_grows_with_time_but_not_with_theme(city, prepared):
    prepared.themes = "新材料"
    save_round(prepared, ["themes"], by=city)
    assert DockingRound.objects.get().sequence == 0
    prepared.starts_at -= timedelta(minutes=5)
    save_round(prepared, ["starts_at"], by=city)
    assert (DockingRound.objects.get().sequence, DockingRound.objects.get().themes) == (1, "新材料")
    with pytest.raises(PermissionDenied):
        save_round(prepared, ["starts_at"], by=make.district_officer())


def test_guests_are_notified_once_of_a_new_time_or_place(city):
    docking_round = make.docking_round(place="会展中心", starts_at=make.noon(30), ends_at=make.noon(31))
    firm = make.party(docking_round)
    officer = make.firm_officer(firm.organisation)
    team = make.party(docking_round, make.institution(), answer="invited")
    make.party(docking_round, team.organisation, team="化工学院")
    office = make.institution_officer(team.organisation)
    declined = make.firm_officer(make.party(docking_round, answer="declined").organisation)
    make.contact(make.party(docking_round, answer="invited").organisation, email="guest@example.cn")
    item = make.agenda_item(docking_round)
    docking_round.place = "国际会议中心"
    for _twice in range(2):
        save_round(docking_round, ["place"], by=city)
    notices = Notice.objects.filter(text__contains="地点由“会展中心”改为“国际会议中心”")
    assert sorted(notices.values_list("recipient", flat=True)) == sorted([officer.pk, office.pk])
    assert not Notice.objects.filter(recipient=declined).exists()
    letter = Delivery.objects.get(channel="letter")
    assert letter.address == "guest@example.cn" and "地点由“会展中心”改为“国际会议中心”" in letter.body
    item.refresh_from_db()
    assert item.sequence == 1  # its entry in calendars names the place
    docking_round.refresh_from_db()
    before, docking_round.ends_at = round_event(docking_round), make.noon(32)
    save_round(docking_round, ["ends_at"], by=city)
    assert Notice.objects.filter(recipient=officer, text__contains="时间由").count() == 1
    after = round_event(docking_round)
    assert (after.key, after.sequence) == (before.key, before.sequence + 1)


def test_no_notices_for_a_new_theme_or_an_unannounced_round(city, prepared):
    make.firm_officer(make.party(prepared).organisation)
    prepared.themes = "新材料"
    save_round(prepared, ["themes"], by=city)
    prepared.place = "别处"
    save_round(prepared, ["place"], by=city)
    assert not Notice.objects.exists()


def test_step_out_of_order_is_refused_with_the_status(city):
    docking_round = make.docking_round(status=DockingRound.Status.PREPARING, name="冬季专场")
    with pytest.raises(ValidationError) as refusal:
        begin_round(docking_round, by=city)
    assert refusal.value.message == "“冬季专场”现在是“筹备中”，不能改为“进行中”。"


def test_only_city_staff_close(db):
    docking_round = make.docking_round()
    with pytest.raises(PermissionDenied):
        close_round(docking_round, by=make.district_officer())
    docking_round.refresh_from_db()
    assert docking_round.status == DockingRound.Status.GATHERING
    assert MatchRun.objects.count() == 0


def test_closing_queues_the_run(city):
    achievement, demand = make.achievement(), make.demand()
    make.achievement(registered=False)
    make.achievement(expires_on=timezone.localdate() - timedelta(days=1))
    make.demand(published=False)
    docking_round = close_round(make.ended_round(), by=city)
    run = docking_round.match_run
    assert (run.achievement_ids, run.demand_ids, run.status) == ([achievement.pk], [demand.pk], "queued")
    assert [chunk.demand_ids for chunk in run.chunks.all()] == [[demand.pk]]
    assert round_facts(docking_round).is_matching
    MatchRun.objects.update(status="done", finished_at=timezone.now())
    assert not round_facts(DockingRound.objects.get()).is_matching


def test_round_without_demands_is_matched_at_once(city):
    run = close_round(make.ended_round(), by=city).match_run
    assert (run.status, run.counts["matches"]) == ("done", 0)


def test_periodic_task_closes_only_ended_rounds(db):
    now = timezone.now()
    ended = make.docking_round(starts_at=now - timedelta(hours=5), ends_at=now - timedelta(minutes=1))
    running = make.docking_round()
    kept = make.docking_round(status="preparing", starts_at=ended.starts_at, ends_at=ended.ends_at)
    assert close_ended_rounds() == 1
    assert close_ended_rounds() == 0
    ended.refresh_from_db()
    running.refresh_from_db()
    kept.refresh_from_db()
    assert kept.status == "preparing"
    assert (ended.status, ended.closed_by, running.status) == ("closed", None, "gathering")


@pytest.mark.django_db(transaction=True)
def test_simultaneous_closings_leave_one_run():
    city, docking_round = make.city_officer(), make.ended_round()
    make.achievement()
    make.demand()
    barrier, outcomes = threading.Barrier(4), []

    def close():
        try:
            barrier.wait()
            close_round(DockingRound.objects.get(pk=docking_round.pk), by=city)
            outcomes.append("closed")
        except ValidationError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=close) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["closed", "refused", "refused", "refused"]
    assert MatchRun.objects.count() == 1
