"""What guests see and do beside the answer itself: talks to accept, who comes, a calendar that follows the plan."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from rounds.models import Meeting, Party
from rounds.services.invitation_answers import InvitationReply, answer_invitation
from rounds.services.meeting_moves import move_meeting
from rounds.services.publishing import publish_timetable
from rounds.services.timetables import new_version
from tests import factories as make
from tests.rounds.rounds import planned, small_round
from tests.rounds.test_invitations import fields

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture(autouse=True)
def _nobody_has_guessed():
    cache.clear()


def test_a_guest_names_companions_needs_and_busy_times(client):
    docking_round = make.docking_round()
    slots = make.slots(docking_round, 2)
    party = make.party(docking_round, answer="invited")
    address = reverse("rsvp", args=[party.code])
    wrong = client.post(address, fields({"name": "", "dietary": "清真"}))
    assert wrong.status_code == 422 and "把姓名也填上" in wrong.text
    alone = client.post(address, fields({"name": "王五", "is_companion": "on"}))
    assert alone.status_code == 422 and "至少填写一位参会人员" in alone.text
    people = [
        {"name": "王五", "stands_in_for": "张三", "access": "轮椅通道"},
        {"name": "赵六", "is_companion": "on", "dietary": "清真"},
    ]
    page = client.post(address, fields(*people, busy=[slots[1].pk], shows_name="on"), follow=True)
    assert "活动开始以前可以回来更改" in page.text
    party.refresh_from_db()
    assert party.shows_name and party.aways.get().from_at == slots[1].starts_at
    rows = party.attendees.values_list("name", "role", "stands_in_for", "dietary", "access")
    assert list(rows) == [("王五", "guest", "张三", "", "轮椅通道"), ("赵六", "companion", "", "清真", "")]
    again = client.get(address).text
    assert 'value="清真"' in again and f'value="{slots[1].pk}" id="id_busy_1" checked' in again.replace("\n", " ")


def test_a_guest_accepts_and_refuses_talks_by_code(client):
    world = small_round(firms=2, teams=1)
    Meeting.objects.update(firm_word="accepted", institution_word="asked")
    address = reverse("party_meeting_requests", args=[world.teams[0].code])
    page = client.get(address).text
    assert "2 场洽谈等您答复" in page and "甲公司" in page
    first, other = world.meetings
    need = make.demand(firm=world.firms[0].organisation)
    Meeting.objects.filter(pk=first.pk).update(unmatched_demand=need)
    assert f'href="{reverse("demand_detail", args=[need.public_id])}"' in client.get(address).text
    page = client.post(address, {"kind": "accept", "talk": first.public_id}, follow=True).text
    assert "已接受" in page and "您已接受 1 场" in page and "双方都已接受" in page
    assert "不接受" in client.post(address, {"kind": "refuse", "talk": other.public_id}, follow=True).text
    first.refresh_from_db()
    other.refresh_from_db()
    assert (first.institution_word, other.status) == ("accepted", "dropped")
    stranger = make.meeting(world.firms[0], make.party(world.round, make.institution("大连别的大学")))
    assert "没有找到这场洽谈" in client.post(address, {"kind": "accept", "talk": stranger.public_id}, follow=True).text


def test_who_comes_is_shown_as_far_as_each_agreed(client):
    world = small_round(firms=3, teams=1, pairs=[])
    open_firm, hidden, reader = world.firms
    Party.objects.filter(pk__in=[open_firm.pk, world.teams[0].pk]).update(shows_name=True)
    make.attendee(open_firm, name="欧阳某某")
    make.demand(firm=open_firm.organisation, title="公开的轴承需求")
    make.demand(firm=open_firm.organisation, title="匿名的轴承需求", is_anonymous=True, public_alias="某企业")
    page = client.get(reverse("party_participants", args=[reader.code])).text
    assert open_firm.organisation.name in page and "公开的轴承需求" in page
    assert hidden.organisation.name not in page and "其中 2" in page
    assert "欧阳某某" not in page and "匿名的轴承需求" not in page
    assert client.get(reverse("party_participants", args=["abcdefghjk"])).status_code == 404


def test_the_calendar_follows_the_plan_and_a_no(client):
    world = small_round(firms=1, teams=1, tables=1, slots=3)
    first = planned(world)
    publish_timetable(first, revision=0, by=world.by)
    party = world.firms[0]
    plan = client.get(reverse("party_plan", args=[party.code])).text
    address = reverse("party_calendar", args=[party.code])
    assert f"webcal://testserver{address}" in plan and "加入日历后会自动更新" not in plan
    assert f"webcal://testserver{address}" in client.get(reverse("party_day", args=[party.code])).text
    agenda = client.get(reverse("round_agenda", args=[world.round.public_id])).text
    whole = reverse("round_calendar", args=[world.round.public_id])
    assert f"webcal://testserver{whole}" in agenda and "X-PUBLISHED-TTL:PT6H" in client.get(whole).text
    before = client.get(address)
    assert "X-PUBLISHED-TTL:PT1H" in before.text
    assert client.get(address, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    place = first.placements.get()
    slot = next(each for each in world.slots if each.pk != place.slot_id)
    draft = new_version(world.round, by=world.by, based_on=first, status="draft")
    place.pk, place.timetable = None, draft
    place.save(force_insert=True)
    move_meeting(draft, place.meeting, slot=slot, hall=place.hall, table=1, revision=0, by=world.by)
    publish_timetable(draft, revision=1, by=world.by)
    after = client.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200 and _line(after, "UID") == _line(before, "UID")
    assert _line(after, "DTSTART") != _line(before, "DTSTART") and _line(after, "SEQUENCE") == "SEQUENCE:2"
    answer_invitation(party, InvitationReply(coming=False), revision=0)
    gone = client.get(address)
    assert gone.status_code == 200 and "STATUS:CANCELLED" in gone.text and "STATUS:CONFIRMED" not in gone.text


def _line(response, name: str) -> str:
    return next(line for line in response.text.splitlines() if line.startswith(name))
