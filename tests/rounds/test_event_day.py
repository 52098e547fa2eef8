"""A party's page on the event day, by code and signed in, and the signage screen of a hall."""

import json
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from core.public_id import new_public_id
from core.throttling import MAX_FAILED_ATTEMPTS
from rounds.models import Meeting, Outcome, Party, SignageScreen
from tests import factories as make
from tests.browser_client import one_line
from tests.rounds.day.fixtures import running

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_guessed():
    cache.clear()


@pytest.fixture
def event():
    return running()


def by_code(client, party, **values):
    body = {"key": str(uuid4()), "meeting": Meeting.objects.of(party).order_by("pk")[0].public_id} | values
    address = reverse("party_outcome", args=[party.code])
    return client.post(address, json.dumps(body), content_type="application/json")


class TestByCode:
    def test_shows_the_own_meetings_without_an_account(self, client, event):
        page = client.get(reverse("party_day", args=[event.firms[0].code]))
        assert page.status_code == 200
        assert "no-store" in page["Cache-Control"]
        for words in ("大连北岸大学", "大连东港学院", "洽谈厅", "现在", "下一场"):
            assert words in page.text
        assert "大连云帆轴承有限公司" not in page.text

    @pytest.mark.parametrize("answer", ["listed"])
    def test_an_unsent_code_is_not_found(self, client, event, answer):
        Party.objects.filter(pk=event.firms[0].pk).update(answer=answer, answered_at=None, invited_at=None)
        assert client.get(reverse("party_day", args=[event.firms[0].code])).status_code == 404
        assert client.get("/rounds/day/2222222222/").status_code == 404

    def test_a_declining_party_gets_a_message(self, client, event):
        party = make.party(event.round, answer="declined")
        assert "您已答复不参加" in client.get(reverse("party_day", args=[party.code])).text

    def test_records_an_outcome(self, client, event):
        answer = by_code(client, event.schools[0], verdict="intent", intent_wan="30万")
        assert answer.json() == {"message": "已记录，谢谢。"}
        outcome = Outcome.objects.get()
        assert (outcome.side, outcome.recorded_by, outcome.intent_wan) == ("office", None, 30)
        page = client.get(reverse("party_day", args=[event.schools[0].code])).text
        assert "意向金额 30 万元" in one_line(page)
        other = client.get(reverse("party_day", args=[event.firms[0].code])).text
        assert "意向金额 30" not in other

    def test_records_an_outcome_without_javascript(self, client, event):
        party = event.firms[0]
        values = {"meeting": event.meetings[0].public_id, "verdict": "no_fit", "reason": "price", "key": ""}
        page = client.post(reverse("party_outcome", args=[party.code]), values, follow=True)
        assert "已记录" in page.text
        assert Outcome.objects.get().reason == "price"
        page = client.post(reverse("party_outcome", args=[party.code]), values | {"reason": ""}, follow=True)
        assert "请选择原因" in page.text

    def test_a_meeting_of_another_party_is_not_found(self, client, event):
        answer = by_code(client, event.firms[0], meeting=event.meetings[3].public_id, verdict="go_on")
        assert answer.status_code == 404
        assert not Outcome.objects.exists()

    def test_a_meeting_of_another_round_is_not_found(self, client, event):
        stranger = make.party(make.docking_round(status="running"))
        body = {"key": str(uuid4()), "meeting": event.meetings[0].public_id, "verdict": "go_on"}
        address = reverse("party_outcome", args=[stranger.code])
        assert client.post(address, json.dumps(body), content_type="application/json").status_code == 404

    def test_no_outcome_before_the_round_runs(self, client, event):
        event.round.status = "scheduled"
        event.round.save()
        assert by_code(client, event.firms[0], verdict="go_on").status_code == 422
        page = client.get(reverse("party_day", args=[event.firms[0].code])).text
        assert page.count("记录洽谈结果") == page.count("data-opens-at") == 1  # hidden until the next talk begins

    def test_an_absent_party_is_announced_to_the_other(self, client, event):
        Party.objects.filter(pk=event.schools[0].pk).update(absent_at=timezone.now())
        assert "对方暂时没有到场" in client.get(reverse("party_day", args=[event.firms[0].code])).text

    def test_guessing_codes_is_throttled(self, client, event):
        statuses = [
            client.get(reverse("party_day", args=[new_public_id()])).status_code for _ in range(MAX_FAILED_ATTEMPTS + 1)
        ]
        assert statuses[0] == 404
        assert statuses[-1] == 429


class TestSignedIn:
    def test_redirects_to_the_only_round(self, signed_in, event):
        client = signed_in(make.firm_officer(event.firms[0].organisation))
        page = client.get(reverse("my_days"), follow=True)
        assert "大连北岸大学" in page.text
        other = make.docking_round(status="scheduled")
        make.party(other, event.firms[0].organisation)
        assert other.name in client.get(reverse("my_days")).text

    def test_the_recorder_is_the_signed_in_user(self, signed_in, event):
        user = make.institution_officer(event.schools[0].organisation)
        body = {"key": str(uuid4()), "meeting": event.meetings[0].public_id, "verdict": "go_on"}
        address = reverse("my_outcome", args=[event.schools[0].public_id])
        signed_in(user).post(address, json.dumps(body), content_type="application/json")
        assert Outcome.objects.get().recorded_by == user

    def test_other_users_get_not_found(self, signed_in, event):
        client = signed_in(make.firm_officer(event.firms[0].organisation))
        for party in (event.firms[1], event.schools[0]):
            assert client.get(reverse("my_day", args=[party.public_id])).status_code == 404
        assert "没有您参加的对接活动" in signed_in(make.city_officer()).get(reverse("my_days")).text


class TestSignage:
    def test_shows_as_many_tables_as_have_room_for_their_lines(self, client, event):
        hall = make.hall(event.round, tables=9)
        for number in range(7):
            meeting = make.meeting(
                make.party(event.round), make.party(event.round, make.institution(f"第{number}学院"))
            )
            event.timetable.placements.create(meeting=meeting, slot=event.slots[0], hall=hall, table=number + 1)
        screen = SignageScreen.objects.create(docking_round=event.round, hall=hall)
        page = client.get(reverse("signage", args=[screen.public_id]))
        assert page.text.count("data-page") == 2  # five tables of two lines, then two
        assert page.text.count('<p class="now">') == 7
        assert "大连海天齿轮有限公司" not in page.text
        part = client.get(reverse("signage", args=[screen.public_id]), {"part": 1}).text
        assert "<html" not in part

    def test_a_closed_screen_is_not_found(self, client, event):
        screen = SignageScreen.objects.create(docking_round=event.round, ended_at=timezone.now())
        assert client.get(reverse("signage", args=[screen.public_id])).status_code == 404
