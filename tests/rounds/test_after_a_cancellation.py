"""What guests and officers find after a round was cancelled: nothing hangs on it, the next one takes it up."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from notices.models import Delivery
from rounds.models import DockingRound, FeaturedAchievement, MeetingRequest
from rounds.services.guest_proposals import propose_guests
from rounds.services.meeting_requests import request_meeting
from rounds.services.round_changes import cancel_round
from tests import factories as make
from tests.rounds.rounds import small_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """A firm has asked for two talks when the round is cancelled; a next round with one of the two is announced."""
    world = small_round(firms=1, teams=1, pairs=[])
    world.firm, world.team = world.firms[0], world.teams[0]
    make.contact(world.firm.organisation, email="firm@example.cn")
    make.demand(firm=world.firm.organisation)
    offers = [make.achievement(institution=world.team.organisation, title=title) for title in ("正极包覆", "海水防腐")]
    for rank, offer in enumerate(offers, 1):
        FeaturedAchievement.objects.create(docking_round=world.round, achievement=offer, rank=rank)
        request_meeting(world.firm, offer, by=None)
    cancel_round(world.round, reason="台风", by=world.by)
    later = world.round.starts_at + timedelta(days=30)
    world.next = make.docking_round(name="补办的对接会", starts_at=later, ends_at=later + timedelta(hours=5))
    FeaturedAchievement.objects.create(docking_round=world.next, achievement=offers[0], rank=1)
    world.offer = offers[0]
    return world


def test_a_wish_of_a_cancelled_round_is_offered_again_in_the_next_one(world, client):
    letter = Delivery.objects.filter(address="firm@example.cn").latest("pk")
    assert "原因：台风" in letter.body and "答复参加下一场活动以后可以接着提出" in letter.body
    old = client.get(reverse("party_meeting_requests", args=[world.firm.code])).text
    assert "在那一场的“想和谁谈”里可以接着提出" in old and 'name="kind"' not in old
    mine = make.party(world.next, world.firm.organisation)
    make.party(world.next, world.team.organisation)
    address = reverse("party_meeting_requests", args=[mine.code])
    assert "上一场取消以前，您想谈的 1 项" in client.get(address).text
    page = client.post(address, {"kind": "wish", "target": world.offer.public_id}, follow=True).text
    assert "已提出 1 项" in page and "上一场取消以前" not in page
    assert MeetingRequest.objects.active().get(party=mine).achievement == world.offer


def test_its_guests_are_proposed_first_and_the_round_can_be_copied(world, signed_in):
    fresh = make.demand(firm=make.firm("大连新来公司")).firm
    firms = [each for each in propose_guests(world.next, world.by) if each.side == "firm"]
    assert [each.organisation for each in firms] == [world.firm.organisation, fresh]
    assert firms[0].reasons[-1] == "答复参加的上一场取消了"
    client = signed_in(world.by)
    home = client.get(reverse("admin:rounds_home", args=[world.round.pk])).text
    address = f"{reverse('admin:rounds_copy')}?from={world.round.public_id}"
    assert address in home and client.get(address).context["source"] == world.round
    assert client.get(reverse("admin:rounds_copy")).context["source"] != world.round


def test_the_public_reads_what_goes_on_and_counts_no_days_to_it(world, client):
    page = client.get(reverse("round_detail", args=[world.round.public_id])).text
    assert "已经取消，请不要前往" in page and "照常参加匹配" in page and "补办的对接会" in page
    assert "就会参加本场匹配" not in page and "webcal://" not in page
    assert client.get(reverse("home")).context["next_round"].round == world.next
    make.docking_round(name="提前结束的", status="closed", closed_at=timezone.now(), match_run=make.match_run())
    assert [row.name for row in DockingRound.objects.upcoming()] == ["补办的对接会"]
    page = client.get(reverse("round_detail", args=[world.next.public_id])).text
    calendar = reverse("round_calendar", args=[world.next.public_id])
    assert f'href="webcal://testserver{calendar}"' in page and "下载的文件不会" in page and "加入日历" not in page
