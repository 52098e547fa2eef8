"""Staff pages of the event day: JSON answers with a message; a refused step changes nothing."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal
from rounds.models import Attendee, DockingRound, Meeting, Outcome, Party, SignageScreen
from tests import factories as make
from tests.browser_client import one_line
from tests.rounds.day.fixtures import running

pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    return running()


@pytest.fixture
def client(signed_in):
    return signed_in(make.city_officer(name="王晓"))


def send(client, event, view, **body):
    address = reverse(f"admin:rounds_day_{view}", args=[event.round.public_id])
    answer = client.post(address, json.dumps({"key": str(uuid4())} | body), content_type="application/json")
    return answer.status_code, answer.json() if answer["Content-Type"] == "application/json" else {}


class TestCheckIn:
    def test_a_badge_checks_in_once(self, client, event, signed_in):
        code = event.people[0].public_id
        assert send(client, event, "receive", kind="come", id=code) == (200, {"message": "客人0 已签到"})
        status, answer = send(signed_in(make.city_officer()), event, "receive", kind="come", id=code)
        assert (status, "由王晓签到" in answer["message"]) == (409, True)

    def test_a_party_checks_in_and_a_person_is_undone(self, client, event):
        party, key = event.firms[0], str(uuid4())
        make.attendee(party, name="孙二")
        send(client, event, "receive", kind="come", id=event.people[0].public_id, key=key)
        _status, answer = send(client, event, "receive", kind="party", party=party.public_id)
        assert answer["message"] == f"{party} 签到 1 人"
        _status, answer = send(client, event, "receive", kind="undo", id=event.people[0].public_id, key=key)
        assert answer["message"] == "已撤销 客人0 的签到"
        assert Attendee.objects.checked_in().get().name == "孙二"

    def test_walk_in_absence_and_return(self, client, event):
        firm = make.firm("大连新港阀门有限公司")
        assert send(client, event, "receive", kind="walk_in", name="李三", organisation=firm.name)[0] == 200
        assert Party.objects.get(organisation=firm).is_walk_in
        party = event.firms[1].public_id
        assert send(client, event, "receive", kind="absent", party=party)[0] == 200
        assert Party.objects.get(public_id=party).absent_at
        assert send(client, event, "receive", kind="back", party=party)[0] == 200
        assert Party.objects.get(public_id=party).absent_at is None

    @pytest.mark.parametrize(
        ("body", "status", "words"),
        [
            ({"kind": "come", "id": "nowhere222"}, 422, "没有这张参会证"),
            ({"kind": "come", "id": 5}, 422, "没有这张参会证"),
            ({"kind": "party", "party": ""}, 422, "没有这个参会单位"),
            ({"kind": "dance"}, 422, "没有这样的操作"),
            ({"kind": "walk_in", "name": "", "organisation": "大连北岸大学"}, 422, ""),
            ({"kind": "walk_in", "name": "李三", "organisation": " "}, 422, "单位名称"),
            ({"kind": "walk_in", "name": "李三", "organisation": "没有的公司", "region": "x"}, 422, "选择所在区市县"),
        ],
    )
    def test_an_impossible_step_is_refused_with_a_message(self, client, event, body, status, words):
        answered_with, answer = send(client, event, "receive", **body)
        assert answered_with == status
        assert words in answer["message"]
        assert not Attendee.objects.checked_in().exists()

    def test_a_badge_of_another_round_is_refused(self, client, event):
        other = make.attendee(make.party(make.docking_round(status="running")))
        assert send(client, event, "receive", kind="come", id=other.public_id)[0] == 422

    def test_a_round_that_is_not_running_refuses_check_in(self, client, event):
        event.round.status = "gathering"
        event.round.save()
        status, answer = send(client, event, "receive", kind="come", id=event.people[0].public_id)
        assert (status, "还没有开始" in answer["message"]) == (422, True)

    def test_a_step_of_another_user_is_refused(self, client, event):
        status, answer = send(client, event, "receive", kind="come", id=event.people[0].public_id, by=987654)
        assert (status, "另一个账号" in answer["message"]) == (409, True)

    @pytest.mark.parametrize("body", ["[]", "no", '{"key": "x"}'])
    def test_invalid_json_is_a_bad_request(self, client, event, body):
        address = reverse("admin:rounds_day_receive", args=[event.round.public_id])
        body = body.replace("}", f', "kind": "come", "id": "{event.people[0].public_id}"}}')
        assert client.post(address, body, content_type="application/json").status_code == 400

    def test_the_guest_list_is_sent_only_after_a_change(self, client, event):
        address = reverse("admin:rounds_day_guests", args=[event.round.public_id])
        version = client.get(address).json()["version"]
        assert client.get(address, {"have": version}).status_code == 204
        send(client, event, "receive", kind="come", id=event.people[0].public_id)
        assert client.get(address, {"have": version}).status_code == 200

    def test_weeks_before_the_day_nothing_of_it_is_offered_or_taken(self, client, event):
        DockingRound.objects.update(
            status="scheduled",
            starts_at=timezone.now() + timedelta(days=30),
            ends_at=timezone.now() + timedelta(days=30, hours=8),
        )
        page = client.get(reverse("admin:rounds_day_day", args=[event.round.public_id])).text
        assert "记为未到并改期" not in page and "告诉所有参会的人" not in page and "活动当天可以在这里" in page
        assert "建立大屏地址" in page and "保存规则" in page  # what is prepared before
        desk = client.get(reverse("admin:rounds_day_check_in", args=[event.round.public_id])).text
        assert "当天才能签到" in desk
        for body in (
            {"kind": "absent", "party": event.firms[0].public_id},
            {"kind": "come", "id": event.people[0].public_id},
        ):
            status, answer = send(client, event, "receive", **body)
            assert (status, "到当天才能办理" in answer["message"]) == (422, True)
        assert not Attendee.objects.checked_in().exists() and not Party.objects.exclude(absent_at=None).exists()


class TestTables:
    def test_a_meeting_begins_ends_and_gets_an_outcome(self, client, event):
        meeting = event.meetings[0]
        for kind, status in (("begin", "begun"), ("end", "held"), ("back", "begun")):
            assert send(client, event, "host", kind=kind, meeting=meeting.public_id)[0] == 200
            meeting.refresh_from_db()
            assert meeting.status == status
        data = {"verdict": "intent", "intent_wan": "1,200 万元", "is_signed": True, "next_step": "签合同"}
        assert send(client, event, "host", kind="outcome", meeting=meeting.public_id, **data)[0] == 200
        outcome = Outcome.objects.get()
        assert (outcome.side, outcome.intent_wan, outcome.is_signed) == ("host", 1200, True)

    def test_a_meeting_with_an_intent_is_continued_as_a_deal(self, client, event):
        meeting = event.meetings[0]
        table = reverse("admin:rounds_day_table", args=[f"{event.hall.pk}-1"])
        opening = reverse("deal_open_meeting", args=[meeting.public_id])
        for kind in ("begin", "end"):
            send(client, event, "host", kind=kind, meeting=meeting.public_id)
        assert opening not in client.get(table).text  # without an outcome
        send(client, event, "host", kind="outcome", meeting=meeting.public_id, verdict="intent", intent_wan="80")
        page = client.get(table).text
        assert opening not in page and "现场记录" in page  # the host stands for nobody
        for side in ("firm", "office"):
            Outcome.objects.create(meeting=meeting, side=side, verdict="intent", intent_wan=80)
        assert opening in client.get(table).text
        client.post(opening)
        deal = Deal.objects.get()
        assert (deal.meeting, deal.intent_wan) == (meeting, 80)
        page = client.get(table).text
        assert opening not in page and reverse("deal", args=[deal.public_id]) in page

    @pytest.mark.parametrize(
        ("outcome", "field"),
        [
            ({}, "verdict"),
            ({"verdict": "no_fit"}, "reason"),
            ({"verdict": "intent", "intent_wan": "三百"}, "intent_wan"),
            ({"verdict": "intent", "intent_wan": "-3"}, "intent_wan"),
            ({"verdict": "intent", "intent_wan": "1e400"}, "intent_wan"),
            ({"verdict": "go_on", "next_on": "明天"}, "next_on"),
        ],
    )
    def test_an_invalid_outcome_names_its_field(self, client, event, outcome, field):
        status, answer = send(client, event, "host", kind="outcome", meeting=event.meetings[0].public_id, **outcome)
        assert (status, field in answer["fields"]) == (422, True)
        assert not Outcome.objects.exists()

    def test_a_refused_step_has_a_message(self, client, event):
        meeting = event.meetings[0].public_id
        assert "还没有开始" in send(client, event, "host", kind="end", meeting=meeting)[1]["message"]
        assert "没有这样的操作" in send(client, event, "host", kind="sing", meeting=meeting)[1]["message"]
        assert send(client, event, "host", kind="begin", meeting="nowhere222")[0] == 404

    def test_the_page_of_a_table(self, client, event):
        page = client.get(reverse("admin:rounds_day_table", args=[f"{event.hall.pk}-1"]))
        assert "大连海天齿轮有限公司" in page.text
        assert "大连云帆轴承有限公司" not in page.text
        part = client.get(page.request["PATH_INFO"] + "?part=1").text
        assert "<html" not in part and '<ol class="tk-list">' in part

    @pytest.mark.parametrize("place", ["x-1", "1-x", "99999999999-1", "1", "0-1"])
    def test_an_unknown_table_is_not_found(self, client, event, place):
        assert client.get(reverse("admin:rounds_day_table", args=[place])).status_code == 404
        far = f"{event.hall.pk}-{event.hall.tables + 1}"
        assert client.get(reverse("admin:rounds_day_table", args=[far])).status_code == 404


class TestOverview:
    def test_shows_counts_free_places_and_signed_meetings(self, client, event):
        send(client, event, "receive", kind="come", id=event.people[0].public_id)
        Party.objects.filter(pk=event.firms[1].pk).update(absent_at=timezone.now())
        for side in ("firm", "office"):
            Outcome.objects.create(
                meeting=event.meetings[0], side=side, verdict="intent", intent_wan=80, is_signed=True
            )
        page = client.get(reverse("admin:rounds_day_day", args=[event.round.public_id])).text
        assert "1 / 4" in page
        assert page.count("没有双方都在场") == 2
        assert page.count("企业、院校") == 1

    def test_the_number_of_queries_is_constant(self, client, event, django_assert_max_num_queries):
        address = reverse("admin:rounds_day_day", args=[event.round.public_id])
        Party.objects.filter(pk=event.firms[0].pk).update(absent_at=timezone.now())
        with django_assert_max_num_queries(100) as few:
            client.get(address)
        for number in range(3):
            party = make.party(event.round, absent_at=timezone.now())
            meeting = make.meeting(party, event.schools[0])
            event.timetable.placements.create(meeting=meeting, slot=event.slots[2], hall=event.hall, table=number + 1)
            Outcome.objects.create(meeting=meeting, side="firm", verdict="intent", is_signed=True)
            SignageScreen.objects.create(docking_round=event.round)
        with django_assert_max_num_queries(100) as many:
            client.get(address)
        assert len(many) <= len(few) + 1  # what was signed is read only where something was

    def test_an_absent_party_returns(self, client, event):
        Party.objects.filter(pk=event.firms[1].pk).update(absent_at=timezone.now())
        address = reverse("admin:rounds_day_absence", args=[event.round.public_id])
        page = client.post(address, {"party": event.firms[1].public_id, "kind": "back"}, follow=True)
        assert "已恢复到场" in page.text

    def test_the_timetable_is_replanned_without_the_absent_party(self, client, event):
        address = reverse("admin:rounds_day_absence", args=[event.round.public_id])
        client.post(address, {"party": event.firms[0].public_id, "kind": "absent"})
        page = client.post(address, {"party": event.firms[0].public_id, "kind": "mend"})
        draft = event.round.timetables.get(status="draft")
        assert page.url == reverse("admin:rounds_timetable", args=[event.round.pk]) + f"?version={draft.number}"
        draft = event.round.timetables.get(status="draft")
        kept = set(draft.placements.values_list("meeting", flat=True))
        assert event.meetings[3].pk in kept
        assert event.meetings[1].pk not in kept

    def test_signage_screens_are_opened_and_closed(self, client, event):
        address = reverse("admin:rounds_day_signage", args=[event.round.public_id])
        client.post(address, {"hall": event.hall.pk})
        screen = SignageScreen.objects.get()
        assert screen.hall == event.hall
        assert client.get(reverse("signage", args=[screen.public_id])).status_code == 200
        client.post(address, {"end": screen.public_id})
        assert client.get(reverse("signage", args=[screen.public_id])).status_code == 404
        client.post(address, {"hall": "nonsense"})
        assert SignageScreen.objects.open().get().hall is None

    def test_a_district_opens_no_screen_for_a_round_of_the_city(self, signed_in, event):
        address = reverse("admin:rounds_day_signage", args=[event.round.public_id])
        assert signed_in(make.district_officer()).post(address, {"hall": ""}).status_code == 403
        assert not SignageScreen.objects.exists()

    def test_a_district_sees_only_tables_of_its_firms(self, signed_in, event):
        other = make.party(event.round, make.firm("大连外区企业有限公司", region_code="gaoxin"))
        meeting = make.meeting(other, event.schools[0])
        event.timetable.placements.create(meeting=meeting, slot=event.slots[2], hall=event.hall, table=3)
        page = signed_in(make.district_officer("jinpu")).get(
            reverse("admin:rounds_day_tables", args=[event.round.public_id])
        )
        assert "大连海天齿轮有限公司" in page.text
        assert "大连外区企业有限公司" not in page.text
        assert Meeting.objects.count() == 5


class TestAbsence:
    """An absence frees places. The answer names them with the best meeting for each, and one click fills a place."""

    @pytest.fixture
    def waiting(self, event):
        """A pair that was left out and is free when the first firm's first talk would be: its school, another firm."""
        firm = make.party(event.round, make.firm("大连候补企业有限公司"))
        return make.meeting(firm, event.schools[0], topic="候补")

    def test_the_answer_names_the_free_places_and_the_best_meeting_for_each(self, client, event, waiting):
        party = event.firms[0]
        status, answer = send(client, event, "receive", kind="absent", party=party.public_id)
        assert (status, answer["party"], len(answer["free_slots"])) == (200, party.public_id, 2)
        first = answer["free_slots"][0]
        assert "洽谈厅 1 号桌：大连海天齿轮有限公司 × 大连北岸大学" in first["words"]
        assert (first["offer"], first["meeting"]) == (str(waiting), waiting.public_id)

    @pytest.mark.long
    def test_one_click_puts_the_meeting_there_in_a_draft(self, client, event, waiting):
        Party.objects.filter(pk=event.firms[0].pk).update(absent_at=timezone.now())
        later = event.timetable.placements.get(meeting=event.meetings[1])
        event.timetable.placements.filter(pk=later.pk).update(slot=event.slots[2])
        day = reverse("admin:rounds_day_day", args=[event.round.public_id])
        assert f"换上 {waiting}" in one_line(client.get(day).text)
        address = reverse("admin:rounds_day_absence", args=[event.round.public_id])
        body = {"kind": "fill", "place": later.pk, "meeting": waiting.public_id}
        page = client.post(address, body, follow=True)
        draft = event.round.timetables.get(status="draft")
        place = draft.placements.get(meeting=waiting)
        assert (place.slot, place.hall, place.table) == (event.slots[2], event.hall, 1)
        assert page.request["QUERY_STRING"] == f"version={draft.number}"
        assert f"新增：{waiting}" in page.text

    @pytest.mark.long
    def test_absence_and_replanning_in_one_step(self, client, event):
        address = reverse("admin:rounds_day_absence", args=[event.round.public_id])
        assert "还没有到场的单位" in client.get(reverse("admin:rounds_day_day", args=[event.round.public_id])).text
        client.post(address, {"party": event.firms[0].public_id, "kind": "absent_mend"})
        event.firms[0].refresh_from_db()
        assert event.firms[0].absent_at
        assert event.round.timetables.filter(status="draft").count() == 1

    @pytest.mark.parametrize("change", [{"place": "x"}, {"meeting": "nowhere222"}, {"place": "99999999"}])
    def test_a_place_or_meeting_that_is_gone_is_refused_and_changes_nothing(self, client, event, waiting, change):
        Party.objects.filter(pk=event.firms[0].pk).update(absent_at=timezone.now())
        place = event.timetable.placements.get(meeting=event.meetings[0])
        body = {"kind": "fill", "place": place.pk, "meeting": waiting.public_id} | change
        address = reverse("admin:rounds_day_absence", args=[event.round.public_id])
        assert "已经不在了，请刷新后再选" in client.post(address, body, follow=True).text
        assert not event.round.timetables.filter(status="draft").exists()

    def test_a_place_whose_parties_are_present_is_not_filled(self, client, event, waiting):
        place = event.timetable.placements.get(meeting=event.meetings[0])
        body = {"kind": "fill", "place": place.pk, "meeting": waiting.public_id}
        address = reverse("admin:rounds_day_absence", args=[event.round.public_id])
        assert "双方都没有记为未到" in client.post(address, body, follow=True).text

    def test_a_district_sees_the_offer_and_only_the_city_fills_the_place(self, signed_in, event, waiting):
        client = signed_in(make.district_officer())
        answer = send(client, event, "receive", kind="absent", party=event.firms[0].public_id)[1]
        assert answer["free_slots"][0]["offer"] == str(waiting)
        assert {place["meeting"] for place in answer["free_slots"]} == {""}
        place = event.timetable.placements.get(meeting=event.meetings[0])
        body = {"kind": "fill", "place": place.pk, "meeting": waiting.public_id}
        address = reverse("admin:rounds_day_absence", args=[event.round.public_id])
        assert client.post(address, body).status_code == 403


def test_the_tabs_of_the_round_stand_on_its_day_by_the_same_names_for_each_role(event, signed_in):
    page = reverse("admin:rounds_day_day", args=[event.round.public_id])
    for officer, has_report in ((make.city_officer(), True), (make.district_officer(), False)):
        tabs = {tab.words: tab for tab in signed_in(officer).get(page).context["tabs"]}
        assert tabs["现场"].is_current and not tabs["洽谈日程"].is_current
        assert tabs["洽谈日程"].address == reverse("admin:rounds_timetable", args=[event.round.pk])
        assert ("活动总结" in tabs) == has_report
