"""Cancelling, postponing, ending early, and taking a step back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from matching.models import MatchRun
from notices.models import Delivery, Notice
from rounds.calendar_events import round_event
from rounds.models import DockingRound, RoundMove
from rounds.services.guest_messages import call_list
from rounds.services.guests import invite_parties
from rounds.services.round_changes import cancel_round, end_round_early, last_step, postpone_round, take_back
from rounds.services.round_notifications import notified_sentence
from rounds.services.rounds import announce_round, archive_round, begin_round, close_round
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(db):
    return make.city_officer()


@pytest.fixture
def docking_round(db):
    begin = make.noon(days=30)
    return make.docking_round(
        starts_at=begin, ends_at=begin + timedelta(hours=5), announced_at=timezone.now(), place="会展中心"
    )


@pytest.fixture
def guests(docking_round):
    """A firm with an officer, one with an address alone, one that nothing reaches, one that declined."""
    firm = make.party(docking_round)
    officer = make.firm_officer(firm.organisation)
    mailed = make.party(docking_round, answer="invited")
    make.contact(mailed.organisation, email="guest@example.cn")
    silent = make.party(docking_round, answer="invited")
    declined = make.firm_officer(make.party(docking_round, answer="declined").organisation)
    return {"officer": officer, "firm": firm, "silent": silent, "declined": declined}


def test_cancelling_tells_everybody_why_and_names_whom_to_telephone(city, docking_round, guests):
    with pytest.raises(ValidationError, match="原因"):
        cancel_round(docking_round, reason=" ", by=city)
    with pytest.raises(PermissionDenied):
        cancel_round(docking_round, reason="台风", by=make.district_officer())
    reached = cancel_round(docking_round, reason="台风预警", by=city)
    assert docking_round.status == "cancelled" and round_event(docking_round).is_cancelled
    assert (reached.sent, reached.to_call) == (2, 1)
    assert "电话名单" in notified_sentence(reached)
    assert [row.party for row in call_list(docking_round, city)] == [guests["silent"]]
    notice = Notice.objects.get(recipient=guests["officer"])
    assert "已取消" in notice.text and "台风预警" in notice.text
    letter = Delivery.objects.get(channel="letter")
    assert letter.address == "guest@example.cn" and "台风预警" in letter.body and "核对" not in letter.body
    assert not Notice.objects.filter(recipient=guests["declined"]).exists()
    with pytest.raises(ValidationError, match="现在是“已取消”"):
        begin_round(docking_round, by=city)


def test_a_cancelled_round_comes_back_by_an_act_that_tells_again(city, docking_round, guests):
    cancel_round(docking_round, reason="台风预警", by=city)
    with pytest.raises(ValidationError, match="已通知 2 家单位，撤销要写明原因"):
        take_back(docking_round, by=city)
    take_back(docking_round, by=city, reason="预警解除")
    assert docking_round.status == "gathering" and last_step(docking_round) is None
    texts = Notice.objects.filter(recipient=guests["officer"]).values_list("text", flat=True)
    assert any("恢复为“会前撮合”" in text and "预警解除" in text for text in texts)


def test_a_round_cancelled_before_its_announcement_stays_unknown(city, client):
    prepared = make.docking_round(status="preparing")
    make.agenda_item(prepared, title="内部安排")
    cancel_round(prepared, reason="改为明年办", by=city)
    assert prepared not in DockingRound.objects.published()
    assert client.get(f"/rounds/{prepared.public_id}/").status_code == 404
    assert not prepared.agenda.public().exists()


def test_postponing_moves_agenda_slots_and_guests_and_tells_them_why(city, docking_round, guests):
    slot, later = make.slots(docking_round, 2)
    item = make.agenda_item(docking_round)
    guests["firm"].arrives_at, guests["firm"].leaves_at = docking_round.starts_at, docking_round.ends_at
    guests["firm"].save()
    begin, shift = docking_round.starts_at, timedelta(minutes=5)  # less than a slot: neighbours overlap on the way
    reached = postpone_round(docking_round, starts_at=begin + shift, reason="会场冲突", by=city)
    assert (docking_round.starts_at, docking_round.sequence) == (begin + shift, 1)
    for row, was in ((slot, slot.starts_at), (later, later.starts_at), (item, item.starts_at)):
        row.refresh_from_db()
        assert row.starts_at == was + shift
    guests["firm"].refresh_from_db()
    assert guests["firm"].arrives_at == begin + shift
    assert reached.sent == 2
    assert "会场冲突" in Notice.objects.get(recipient=guests["officer"]).text
    with pytest.raises(ValidationError, match="已经过去"):
        postpone_round(docking_round, starts_at=timezone.now() - timedelta(days=1), reason="会场冲突", by=city)
    running = make.docking_round(status="running")
    with pytest.raises(ValidationError, match="不能再改期"):
        postpone_round(running, starts_at=make.noon(days=9), reason="会场冲突", by=city)


def test_only_a_running_round_ends_early_and_says_so(city, docking_round, guests):
    with pytest.raises(ValidationError, match="开始了的活动才能提前结束"):
        end_round_early(docking_round, reason="停电", by=city)
    DockingRound.objects.update(status="running")
    end_round_early(docking_round, reason="停电", by=city)
    assert docking_round.status == "closed" and docking_round.match_run is not None
    assert "停电" in Notice.objects.get(recipient=guests["officer"]).text


def test_an_announcement_is_taken_back_until_somebody_is_invited(city):
    begin = make.noon(days=30)
    docking_round = make.docking_round(
        status="preparing",
        place="会展中心",
        host=make.organisation("city", "市科技局"),
        starts_at=begin,
        ends_at=begin + timedelta(hours=5),
    )
    make.hall(docking_round)
    announce_round(docking_round, by=city)
    take_back(docking_round, by=city)
    assert (docking_round.status, docking_round.announced_at) == ("preparing", None)
    announce_round(docking_round, by=city)
    invite_parties([make.party(docking_round, answer="listed")], by=city)
    with pytest.raises(ValidationError, match="已邀请 1 家单位，不能再撤回发布"):
        take_back(docking_round, by=city, reason="改了主意")


def test_steps_of_the_day_are_taken_back_in_turn_and_a_second_end_keeps_the_matching(city):
    docking_round = make.docking_round(status="scheduled")
    begin_round(docking_round, by=city)
    take_back(docking_round, by=city)
    assert docking_round.status == "scheduled"
    begin_round(docking_round, by=city)
    make.attendee(make.party(docking_round), checked_in_at=timezone.now())
    with pytest.raises(ValidationError, match="1 人已签到，撤销要写明原因"):
        take_back(docking_round, by=city)
    docking_round.ends_at = timezone.now() - timedelta(minutes=1)
    docking_round.save()
    make.achievement()
    make.demand()
    run = close_round(docking_round, by=city).match_run
    take_back(docking_round, by=city)  # its matching is still queued
    assert (docking_round.status, docking_round.closed_at) == ("running", None)
    assert DockingRound.objects.ended_but_open().count() == 0
    assert close_round(docking_round, by=city).match_run == run and MatchRun.objects.count() == 1
    with pytest.raises(ValidationError, match="完成后才能归档"):
        archive_round(docking_round, by=city)
    MatchRun.objects.update(status="done", finished_at=timezone.now())
    archive_round(docking_round, by=city)
    steps = list(RoundMove.objects.standing().values_list("step", flat=True))
    assert steps == ["back", "begin", "back", "close", "archive"]
