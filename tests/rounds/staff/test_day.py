"""The doors of the day: JSON in, a sentence out; a wrong step is refused in words and changes nothing."""

import json
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from deals.models import Deal
from rounds.models import Attendee, Meeting, Outcome, Party, SignageScreen
from tests import factories as make
from tests.rounds.day.fixtures import running

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene():
    return running()


@pytest.fixture
def client(signed_in):
    return signed_in(make.city_officer(name="王晓"))


def send(client, scene, door, **body):
    address = reverse(f"admin:rounds_day_{door}", args=[scene.round.public_id])
    answer = client.post(address, json.dumps({"key": str(uuid4())} | body), content_type="application/json")
    return answer.status_code, answer.json() if answer["Content-Type"] == "application/json" else {}


class TestDoor:
    def test_a_badge_comes_once(self, client, scene, signed_in):
        code = scene.people[0].public_id
        assert send(client, scene, "receive", kind="come", id=code) == (200, {"message": "客人0 已签到"})
        status, said = send(signed_in(make.city_officer()), scene, "receive", kind="come", id=code)
        assert (status, "由王晓签到" in said["message"]) == (409, True)

    def test_a_whole_party_and_undo(self, client, scene):
        party, key = scene.firms[0], str(uuid4())
        make.attendee(party, name="孙二")
        send(client, scene, "receive", kind="come", id=scene.people[0].public_id, key=key)
        _status, said = send(client, scene, "receive", kind="party", party=party.public_id)
        assert said["message"] == f"{party} 签到 1 人"
        _status, said = send(client, scene, "receive", kind="undo", id=scene.people[0].public_id, key=key)
        assert said["message"] == "已撤销 客人0 的签到"
        assert Attendee.objects.checked_in().get().name == "孙二"

    def test_walk_ins_absence_and_back(self, client, scene):
        firm = make.firm("大连新港阀门有限公司")
        assert send(client, scene, "receive", kind="walk_in", name="李三", organisation=firm.name)[0] == 200
        assert Party.objects.get(organisation=firm).is_walk_in
        party = scene.firms[1].public_id
        assert send(client, scene, "receive", kind="absent", party=party)[0] == 200
        assert Party.objects.get(public_id=party).absent_at
        assert send(client, scene, "receive", kind="back", party=party)[0] == 200
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
    def test_what_cannot_be_done(self, client, scene, body, status, words):
        found, said = send(client, scene, "receive", **body)
        assert found == status
        assert words in said["message"]
        assert not Attendee.objects.checked_in().exists()

    def test_a_badge_of_another_round(self, client, scene):
        other = make.attendee(make.party(make.docking_round(status="running")))
        assert send(client, scene, "receive", kind="come", id=other.public_id)[0] == 422

    def test_a_round_that_does_not_go_on(self, client, scene):
        scene.round.status = "gathering"
        scene.round.save()
        status, said = send(client, scene, "receive", kind="come", id=scene.people[0].public_id)
        assert (status, "还没有开始" in said["message"]) == (422, True)

    def test_what_another_person_left_in_the_browser(self, client, scene):
        status, said = send(client, scene, "receive", kind="come", id=scene.people[0].public_id, by=987654)
        assert (status, "另一个账号" in said["message"]) == (409, True)

    @pytest.mark.parametrize("body", ["[]", "no", '{"key": "x"}'])
    def test_nonsense(self, client, scene, body):
        address = reverse("admin:rounds_day_receive", args=[scene.round.public_id])
        body = body.replace("}", f', "kind": "come", "id": "{scene.people[0].public_id}"}}')
        assert client.post(address, body, content_type="application/json").status_code == 400

    def test_the_list_only_when_it_changed(self, client, scene):
        address = reverse("admin:rounds_day_guests", args=[scene.round.public_id])
        version = client.get(address).json()["version"]
        assert client.get(address, {"have": version}).status_code == 204
        send(client, scene, "receive", kind="come", id=scene.people[0].public_id)
        assert client.get(address, {"have": version}).status_code == 200


class TestTable:
    def test_begins_ends_and_says_what_came_of_it(self, client, scene):
        meeting = scene.meetings[0]
        for kind, status in (("begin", "begun"), ("end", "held"), ("back", "begun")):
            assert send(client, scene, "host", kind=kind, meeting=meeting.public_id)[0] == 200
            meeting.refresh_from_db()
            assert meeting.status == status
        said = {"verdict": "intent", "intent_wan": "1,200 万元", "is_signed": True, "next_step": "签合同"}
        assert send(client, scene, "host", kind="outcome", meeting=meeting.public_id, **said)[0] == 200
        outcome = Outcome.objects.get()
        assert (outcome.side, outcome.intent_wan, outcome.is_signed) == ("host", 1200, True)

    def test_a_talk_with_an_intent_is_carried_on_as_a_deal(self, client, scene):
        meeting = scene.meetings[0]
        table = reverse("admin:rounds_day_table", args=[f"{scene.hall.pk}-1"])
        opening = reverse("deal_open_meeting", args=[meeting.public_id])
        for kind in ("begin", "end"):
            send(client, scene, "host", kind=kind, meeting=meeting.public_id)
        assert opening not in client.get(table).text  # nobody has said that anything came of it
        send(client, scene, "host", kind="outcome", meeting=meeting.public_id, verdict="intent", intent_wan="80")
        assert opening in client.get(table).text
        client.post(opening)
        deal = Deal.objects.get()
        assert (deal.meeting, deal.intent_wan) == (meeting, 80)
        page = client.get(table).text
        assert opening not in page and reverse("deal", args=[deal.public_id]) in page

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({}, "verdict"),
            ({"verdict": "no_fit"}, "reason"),
            ({"verdict": "intent", "intent_wan": "三百"}, "intent_wan"),
            ({"verdict": "intent", "intent_wan": "-3"}, "intent_wan"),
            ({"verdict": "intent", "intent_wan": "1e400"}, "intent_wan"),
            ({"verdict": "go_on", "next_on": "明天"}, "next_on"),
        ],
    )
    def test_what_cannot_be_said(self, client, scene, said, field):
        status, told = send(client, scene, "host", kind="outcome", meeting=scene.meetings[0].public_id, **said)
        assert (status, field in told["fields"]) == (422, True)
        assert not Outcome.objects.exists()

    def test_refused_in_words(self, client, scene):
        meeting = scene.meetings[0].public_id
        assert "还没有开始" in send(client, scene, "host", kind="end", meeting=meeting)[1]["message"]
        assert "没有这样的操作" in send(client, scene, "host", kind="sing", meeting=meeting)[1]["message"]
        assert send(client, scene, "host", kind="begin", meeting="nowhere222")[0] == 404

    def test_the_page(self, client, scene):
        page = client.get(reverse("admin:rounds_day_table", args=[f"{scene.hall.pk}-1"]))
        assert "大连海天齿轮有限公司" in page.text
        assert "大连云帆轴承有限公司" not in page.text
        assert client.get(page.request["PATH_INFO"] + "?part=1").text.startswith("<ol")

    @pytest.mark.parametrize("place", ["x-1", "1-x", "99999999999-1", "1", "0-1"])
    def test_a_table_that_is_none(self, client, scene, place):
        assert client.get(reverse("admin:rounds_day_table", args=[place])).status_code == 404
        far = f"{scene.hall.pk}-{scene.hall.tables + 1}"
        assert client.get(reverse("admin:rounds_day_table", args=[far])).status_code == 404


class TestOverview:
    def test_counts_frees_and_shows_what_was_signed(self, client, scene):
        send(client, scene, "receive", kind="come", id=scene.people[0].public_id)
        Party.objects.filter(pk=scene.firms[1].pk).update(absent_at=timezone.now())
        for side in ("firm", "office"):
            Outcome.objects.create(
                meeting=scene.meetings[0], side=side, verdict="intent", intent_wan=80, is_signed=True
            )
        page = client.get(reverse("admin:rounds_day_day", args=[scene.round.public_id])).text
        assert "1 / 4" in page
        assert page.count("没有双方都在场") == 2
        assert page.count("企业、院校") == 1

    def test_same_number_of_queries_with_more_rows(self, client, scene, django_assert_max_num_queries):
        address = reverse("admin:rounds_day_day", args=[scene.round.public_id])
        Party.objects.filter(pk=scene.firms[0].pk).update(absent_at=timezone.now())
        with django_assert_max_num_queries(100) as few:
            client.get(address)
        for number in range(3):
            party = make.party(scene.round, absent_at=timezone.now())
            meeting = make.meeting(party, scene.schools[0])
            scene.timetable.placements.create(meeting=meeting, slot=scene.slots[2], hall=scene.hall, table=number + 1)
            Outcome.objects.create(meeting=meeting, side="firm", verdict="intent", is_signed=True)
            SignageScreen.objects.create(docking_round=scene.round)
        with django_assert_max_num_queries(100) as many:
            client.get(address)
        assert len(many) <= len(few) + 1  # what was signed is read only where something was

    def test_a_party_comes_back(self, client, scene):
        Party.objects.filter(pk=scene.firms[1].pk).update(absent_at=timezone.now())
        address = reverse("admin:rounds_day_absence", args=[scene.round.public_id])
        page = client.post(address, {"party": scene.firms[1].public_id, "kind": "back"}, follow=True)
        assert "已恢复到场" in page.text

    def test_the_timetable_is_mended_for_the_absent(self, client, scene):
        address = reverse("admin:rounds_day_absence", args=[scene.round.public_id])
        client.post(address, {"party": scene.firms[0].public_id, "kind": "absent"})
        page = client.post(address, {"party": scene.firms[0].public_id, "kind": "mend"})
        draft = scene.round.timetables.get(status="draft")
        assert page.url == reverse("admin:rounds_timetable", args=[scene.round.pk]) + f"?version={draft.number}"
        draft = scene.round.timetables.get(status="draft")
        kept = set(draft.placements.values_list("meeting", flat=True))
        assert scene.meetings[3].pk in kept
        assert scene.meetings[1].pk not in kept

    def test_walls_are_opened_and_given_up(self, client, scene):
        address = reverse("admin:rounds_day_walls", args=[scene.round.public_id])
        client.post(address, {"hall": scene.hall.pk})
        wall = SignageScreen.objects.get()
        assert wall.hall == scene.hall
        assert client.get(reverse("wall", args=[wall.public_id])).status_code == 200
        client.post(address, {"end": wall.public_id})
        assert client.get(reverse("wall", args=[wall.public_id])).status_code == 404
        client.post(address, {"hall": "nonsense"})
        assert SignageScreen.objects.open().get().hall is None

    def test_a_district_opens_no_wall_at_the_city_s(self, signed_in, scene):
        address = reverse("admin:rounds_day_walls", args=[scene.round.public_id])
        assert signed_in(make.district_officer()).post(address, {"hall": ""}).status_code == 403
        assert not SignageScreen.objects.exists()

    def test_tables_of_their_own_firms_only(self, signed_in, scene):
        other = make.party(scene.round, make.firm("大连外区企业有限公司", region_code="gaoxin"))
        meeting = make.meeting(other, scene.schools[0])
        scene.timetable.placements.create(meeting=meeting, slot=scene.slots[2], hall=scene.hall, table=3)
        page = signed_in(make.district_officer("jinpu")).get(
            reverse("admin:rounds_day_tables", args=[scene.round.public_id])
        )
        assert "大连海天齿轮有限公司" in page.text
        assert "大连外区企业有限公司" not in page.text
        assert Meeting.objects.count() == 5


class TestAbsence:
    """Whoever does not come gives up places: the answer says which and who could have them, one press prepares it."""

    @pytest.fixture
    def waiting(self, scene):
        """A pair that was left out and is free when the first firm's first talk would be: its school, another firm."""
        firm = make.party(scene.round, make.firm("大连候补企业有限公司"))
        return make.meeting(firm, scene.schools[0], topic="候补")

    def test_the_answer_names_the_places_and_the_best_pair_for_them(self, client, scene, waiting):
        party = scene.firms[0]
        status, told = send(client, scene, "receive", kind="absent", party=party.public_id)
        assert (status, told["party"], len(told["freed"])) == (200, party.public_id, 2)
        first = told["freed"][0]
        assert "洽谈厅 1 号桌：大连海天齿轮有限公司 × 大连北岸大学" in first["words"]
        assert (first["offer"], first["meeting"]) == (str(waiting), waiting.public_id)

    def test_one_press_puts_the_pair_there_in_a_draft(self, client, scene, waiting):
        Party.objects.filter(pk=scene.firms[0].pk).update(absent_at=timezone.now())
        later = scene.timetable.placements.get(meeting=scene.meetings[1])
        scene.timetable.placements.filter(pk=later.pk).update(slot=scene.slots[2])
        day = reverse("admin:rounds_day_day", args=[scene.round.public_id])
        assert f"换上 {waiting}" in client.get(day).text
        address = reverse("admin:rounds_day_absence", args=[scene.round.public_id])
        body = {"kind": "fill", "place": later.pk, "meeting": waiting.public_id}
        page = client.post(address, body, follow=True)
        draft = scene.round.timetables.get(status="draft")
        place = draft.placements.get(meeting=waiting)
        assert (place.slot, place.hall, place.table) == (scene.slots[2], scene.hall, 1)
        assert page.request["QUERY_STRING"] == f"version={draft.number}"
        assert f"新增：{waiting}" in page.text

    def test_marked_and_mended_in_one_press(self, client, scene):
        address = reverse("admin:rounds_day_absence", args=[scene.round.public_id])
        assert "还没有签到的单位" in client.get(reverse("admin:rounds_day_day", args=[scene.round.public_id])).text
        client.post(address, {"party": scene.firms[0].public_id, "kind": "absent_mend"})
        scene.firms[0].refresh_from_db()
        assert scene.firms[0].absent_at
        assert scene.round.timetables.filter(status="draft").count() == 1

    @pytest.mark.parametrize("change", [{"place": "x"}, {"meeting": "nowhere222"}, {"place": "99999999"}])
    def test_what_is_gone_is_told_and_changes_nothing(self, client, scene, waiting, change):
        Party.objects.filter(pk=scene.firms[0].pk).update(absent_at=timezone.now())
        place = scene.timetable.placements.get(meeting=scene.meetings[0])
        body = {"kind": "fill", "place": place.pk, "meeting": waiting.public_id} | change
        address = reverse("admin:rounds_day_absence", args=[scene.round.public_id])
        assert "已经不在了，请刷新后再选" in client.post(address, body, follow=True).text
        assert not scene.round.timetables.filter(status="draft").exists()

    def test_a_place_whose_sides_are_here_is_not_given_away(self, client, scene, waiting):
        place = scene.timetable.placements.get(meeting=scene.meetings[0])
        body = {"kind": "fill", "place": place.pk, "meeting": waiting.public_id}
        address = reverse("admin:rounds_day_absence", args=[scene.round.public_id])
        assert "双方都没有记为未到" in client.post(address, body, follow=True).text

    def test_a_district_is_told_the_pair_and_leaves_the_press_to_the_city(self, signed_in, scene, waiting):
        client = signed_in(make.district_officer())
        told = send(client, scene, "receive", kind="absent", party=scene.firms[0].public_id)[1]
        assert told["freed"][0]["offer"] == str(waiting)
        assert {one["meeting"] for one in told["freed"]} == {""}
        place = scene.timetable.placements.get(meeting=scene.meetings[0])
        body = {"kind": "fill", "place": place.pk, "meeting": waiting.public_id}
        address = reverse("admin:rounds_day_absence", args=[scene.round.public_id])
        assert client.post(address, body).status_code == 403


def test_the_way_to_the_timetable_is_named_as_the_page_it_opens(scene, signed_in):
    """A district looks at a plan that is there, the city makes it."""
    for officer, words in ((make.city_officer(), ">排期</a>"), (make.district_officer(), ">洽谈日程</a>")):
        page = signed_in(officer).get(reverse("admin:rounds_day_day", args=[scene.round.public_id])).text
        assert words in page
