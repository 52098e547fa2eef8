"""The page on which a party requests meetings, by code or signed in."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from demands.models import Demand
from rounds.models import FeaturedAchievement, Meeting, MeetingRequest, Party
from rounds.services.anonymous_numbers import assign_anonymous_numbers
from rounds.services.meeting_requests import refuse_request, request_meeting
from rounds.services.publishing import publish_timetable
from tests import factories as make
from tests.rounds.rounds import accept_all, planned, small_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = small_round(firms=2, teams=2, pairs=[])
    world.offer = make.achievement(institution=world.teams[0].organisation, title="正极包覆")
    world.other = make.achievement(institution=world.teams[1].organisation, title="海水防腐")
    for rank, achievement in enumerate((world.offer, world.other), 1):
        FeaturedAchievement.objects.create(docking_round=world.round, achievement=achievement, rank=rank)
    world.hidden = make.demand(
        firm=world.firms[0].organisation, is_anonymous=True, public_alias="某轴承企业", title="甲公司保持架磨损"
    )
    return world


def by_code(party: Party) -> str:
    return reverse("party_meeting_requests", args=[party.code])


def post(client, address, **body):
    return client.post(address, body, follow=True)


@pytest.mark.long
def test_a_firm_requests_marks_and_withdraws_by_its_code(world, client):
    address = by_code(world.firms[0])
    assert "还没有。从下面的推介成果里选" in client.get(address).text
    page = post(client, address, kind="wish", target=world.offer.public_id).text
    assert "已提出 1 项" in page and "甲大学；已提出，等对方接受" in page
    request = MeetingRequest.objects.get()
    assert "其中最想谈 1 项" in post(client, address, kind="most", wish=request.public_id).text
    assert "取消“最想谈”" in client.get(address).text
    assert "最想谈 1" not in post(client, address, kind="unmost", wish=request.public_id).text
    assert "已撤回。" in post(client, address, kind="withdraw", wish=request.public_id).text
    assert "已提出 0 项" in client.get(address).text


@pytest.mark.long
def test_an_institution_requests_signed_in_and_sees_no_anonymous_name(world, signed_in):
    """Its request is of the time before the need became anonymous; such a need is not on the list."""
    client = signed_in(make.institution_officer(world.teams[0].organisation))
    address = reverse("my_meeting_requests", args=[world.teams[0].public_id])
    page = client.get(address).text
    assert "保持架磨损" not in page and "某轴承企业" not in page and "匿名发布的需求不列在这里" in page
    assert "甲公司" not in page and world.firms[0].organisation.name not in page
    Demand.objects.update(is_anonymous=False)
    assert "甲公司保持架磨损" in client.get(address).text
    post(client, address, kind="wish", target=world.hidden.public_id)
    Demand.objects.update(is_anonymous=True)
    assign_anonymous_numbers(world.round)
    page = client.get(address).text
    assert "已提出 1 项" in page and f"匿名企业 {Meeting.objects.get().anonymous_number:02d}；已提出" in page
    assert "甲公司" not in page
    accept_all(world.round)
    publish_timetable(planned(world), revision=0, by=world.by)
    page = client.get(address).text
    number = f"匿名企业 {Meeting.objects.get().anonymous_number:02d}"
    assert f"{number}；已排入日程" in page and "洽谈日程已经发布，不能再提出或撤回" in page
    own = client.get(reverse("my_plan", args=[world.teams[0].public_id])).text
    assert number in own and "甲公司" not in own
    assert "想和谁谈" in own


def test_a_refusal_shows_its_reason_and_no_request_of_others(world, client):
    request = request_meeting(world.firms[0], world.offer, by=None)
    request_meeting(world.firms[1], world.other, by=None)
    refuse_request(request, reason="该团队时段已满", by=world.by)
    page = client.get(by_code(world.firms[0])).text
    assert "未采纳：该团队时段已满" in page
    assert "已提出 0 项" in page and "乙大学；已提出" not in page


def test_invalid_steps_have_messages(world, client):
    address = by_code(world.firms[0])
    foreign = request_meeting(world.firms[1], world.other, by=None)
    assert "没有找到这一项" in post(client, address, kind="withdraw", wish=foreign.public_id).text
    assert "现在不能提出" in post(client, address, kind="wish", target="aaaaaaaaaa").text
    assert "现在不能提出" in post(client, address, kind="wish", target=world.hidden.public_id).text
    assert client.post(address, {"kind": "fly"}).status_code == 400
    assert MeetingRequest.objects.count() == 1
    assert client.get(reverse("party_meeting_requests", args=["aaaaaaaaaa"])).status_code == 404


def test_offers_are_searched(world, client, signed_in):
    address = by_code(world.firms[0])
    page = client.get(address, {"q": "防腐"}).text
    assert "海水防腐" in page and "正极包覆" not in page
    assert "没有找到，换一个词再试" in client.get(address, {"q": "没有的词"}).text
    office = by_code(world.teams[0])
    need = make.demand(firm=world.firms[1].organisation, title="船用保持架的涂层")
    page = client.get(office, {"q": "保持架"}).text
    assert need.title in page and "某轴承企业" not in page
    assert "没有找到" in client.get(office, {"q": "没有的词"}).text
    assert (
        "没有找到" in client.get(office, {"q": world.firms[0].organisation.name}).text
    )  # an anonymous name finds none


def test_the_page_of_another_party_is_not_found(world, signed_in):
    for user in (make.firm_officer(world.firms[1].organisation), make.district_officer(), world.by):
        assert signed_in(user).get(reverse("my_meeting_requests", args=[world.firms[0].public_id])).status_code == 404


def test_a_party_without_an_answer_is_asked_to_answer_first(world, signed_in):
    Party.objects.filter(pk=world.firms[0].pk).update(answer="invited", answered_at=None)
    client = signed_in(make.firm_officer(world.firms[0].organisation))
    assert "答复参加以后" in client.get(reverse("my_meeting_requests", args=[world.firms[0].public_id])).text
    assert client.get(by_code(world.firms[0])).status_code == 404


def test_the_answer_to_an_invitation_links_to_the_page(world, client):
    assert by_code(world.firms[0]) in client.get(reverse("rsvp", args=[world.firms[0].code])).text


def test_the_number_of_queries_is_constant(world, client):
    address, numbers = by_code(world.firms[0]), []
    for offer in (world.offer, world.other):
        request_meeting(world.firms[0], offer, by=None)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
