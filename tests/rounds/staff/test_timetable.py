"""The staff page of a timetable: contents by role, steps, numbers of queries; the plans of parties."""

import json
from copy import deepcopy

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from rounds.models import Hall, Meeting, Party, Slot
from rounds.services.meeting_moves import move_meeting, remove_meeting
from rounds.services.publishing import publish_timetable
from tests import factories as make
from tests.browser_client import one_line
from tests.html_whitespace import collapse
from tests.kept_rows import kept_rows
from tests.rounds.rounds import planned, small_round

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture(scope="module")
def kept(django_db_setup, django_db_blocker):
    with kept_rows(django_db_blocker):
        yield small_round(firms=2, teams=2, tables=3)


@pytest.fixture
def world(db, kept):
    """The round, with objects of its own for each test."""
    return deepcopy(kept)


def url(world, page: str = "") -> str:
    return reverse(f"admin:rounds_timetable{'_' + page if page else ''}", args=[world.round.pk])


def post(client, world, **body):
    return client.post(url(world, "do"), json.dumps(body), content_type="application/json")


def test_the_page_gathers_meetings_and_plans_them(world, signed_in):
    client = signed_in(world.by)
    assert "有 4 场洽谈等待安排" in one_line(client.get(url(world)).text)
    answer = post(client, world, kind="plan", version=0, seconds=5)
    assert answer.json()["solving"]
    assert "正在排期" in answer.json()["html"]


def test_a_refused_step_answers_with_a_message_and_the_board(world, signed_in):
    timetable = planned(world)
    client = signed_in(world.by)
    answer = post(client, world, kind="publish", version=timetable.number, revision=7)
    assert answer.status_code == 409
    assert "刚被别人改过" in answer.json()["message"]
    assert answer.json()["revision"] == 0


def test_cells_give_the_reasons_against_each_place(world, signed_in):
    timetable = planned(world)
    meeting = world.meetings[0]
    other = next(row for row in world.meetings[1:] if row.firm_party_id == meeting.firm_party_id)
    taken = timetable.placements.get(meeting=other)
    answer = signed_in(world.by).get(url(world, "cells"), {"version": timetable.number, "meeting": meeting.public_id})
    cells = answer.json()["cells"]
    assert len(cells) == 12
    assert "" in cells.values()
    free = next(n for n in (1, 2, 3) if not timetable.placements.filter(slot=taken.slot, table=n).exists())
    assert "甲公司" in cells[f"{taken.slot_id}-{world.hall.pk}-{free}"]


def test_cells_and_moves_agree(world, signed_in):
    """Asked place by place of a few meetings, it is what the checker says of the whole plan: by the service for each
    place, and by the page for one that fits and one that does not."""
    timetable = planned(world)
    client = signed_in(world.by)
    meeting = world.meetings[0]
    cells = client.get(url(world, "cells"), {"version": timetable.number, "meeting": meeting.public_id}).json()["cells"]
    places = list(timetable.placements.order_by("pk").values_list("meeting", "slot", "table"))
    here = timetable.placements.get(meeting=meeting)
    others = {place: words for place, words in cells.items() if place != f"{here.slot_id}-{here.hall_id}-{here.table}"}
    assert len(others) == 11 and {bool(words) for words in others.values()} == {True, False}
    for place, words in others.items():
        assert moves(timetable, meeting, place, by=world.by) is (words == ""), (place, words)
        assert list(timetable.placements.order_by("pk").values_list("meeting", "slot", "table")) == places
    for fits, status in ((False, 409), (True, 200)):
        place = next(place for place, words in others.items() if (words == "") is fits)
        step = {"kind": "move", "version": timetable.number, "meeting": meeting.public_id, "place": place}
        assert post(client, world, revision=0, **step).status_code == status, place


def moves(timetable, meeting, place: str, *, by) -> bool:
    """Whether the service moves the meeting there, as the page asks it. A move is undone, a refusal undoes itself."""
    slot, hall, table = map(int, place.split("-"))
    to = {"slot": Slot.objects.get(pk=slot), "hall": Hall.objects.get(pk=hall), "table": table}
    before = transaction.savepoint()
    try:
        move_meeting(timetable, meeting, revision=0, by=by, swap=True, **to)
    except ValidationError:
        return False
    now = timetable.placements.get(meeting=meeting)
    assert (now.slot_id, now.hall_id, now.table) == (slot, hall, table)
    transaction.savepoint_rollback(before)
    return True


def test_the_preview_counts_parties_by_way_and_names_those_to_telephone(world, signed_in):
    make.firm_officer(world.firms[0].organisation)
    timetable = planned(world)
    answer = signed_in(world.by).get(url(world, "preview"), {"version": timetable.number}).json()
    assert answer["possible"]
    assert "日程有变的 <b>4 家：发平台消息 1 家，要打电话 3 家</b>" in one_line(answer["html"])
    assert "以下 3 家没有邮箱也没有账号" in one_line(answer["html"])


def test_a_no_show_makes_a_draft_with_its_changes(world, signed_in):
    publish_timetable(planned(world), revision=0, by=world.by)
    answer = post(signed_in(world.by), world, kind="happen", what="no_show", party=world.firms[0].public_id, version=1)
    assert answer.status_code == 200
    assert answer.json()["version"] == 2
    page = collapse(answer.json()["html"].encode()).decode()
    assert "与发布版相比：2 场有变" in page
    assert "取消：甲公司 × 甲大学" in page


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "fly"}, 400),
        ({"kind": "move", "version": 1, "place": "x"}, 404),
        ({"kind": "lock", "version": 3}, 404),
    ],
)
def test_invalid_input_is_no_server_error(world, signed_in, body, status):
    planned(world)
    assert post(signed_in(world.by), world, **body).status_code == status


@pytest.mark.parametrize("bad", ["table", "hall", "late"])
def test_an_incomplete_disruption_is_refused_with_a_message(world, signed_in, bad):
    planned(world)
    answer = post(signed_in(world.by), world, kind="happen", what=bad, party=world.firms[0].public_id, version=1)
    assert answer.status_code == 409
    assert answer.json()["message"].startswith("请")


def test_an_auditor_reads_only(world, signed_in):
    timetable = planned(world)
    client = signed_in(make.auditor())
    page = client.get(url(world))
    assert page.status_code == 200
    assert "data-grip" not in page.text
    assert post(client, world, kind="publish", version=1, revision=0).status_code == 403
    timetable.refresh_from_db()
    assert timetable.status == "draft"


def test_the_number_of_queries_is_constant(signed_in):
    small, large = small_round(firms=1, teams=1), small_round(firms=3, teams=3, tables=4)
    client = signed_in(small.by)
    numbers = []
    for world in (small, large):
        make.party(world.round)  # comes without a meeting, in both
        timetable = planned(world)
        remove_meeting(timetable, world.meetings[0], revision=0, by=world.by)

        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(world)).status_code == 200
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


# --- A party's own list ------------------------------------------------------------------------------------------
def test_a_party_reads_only_its_own_plan(world, signed_in):
    publish_timetable(planned(world), revision=0, by=world.by)
    client = signed_in(make.firm_officer(world.firms[0].organisation))
    page = client.get(reverse("my_plan", args=[world.firms[0].public_id]))
    assert "甲大学" in page.text and "乙大学" in page.text
    assert "乙公司" not in page.text
    assert client.get(reverse("my_plan", args=[world.firms[1].public_id])).status_code == 404


def test_an_anonymous_firm_is_masked_until_both_sides_are_willing(signed_in):
    from matching.models import FollowUp

    world = small_round(firms=1, teams=1, pairs=[])
    firm, office = world.firms[0].organisation, world.teams[0].organisation
    match = make.match(
        achievement=make.achievement(institution=office),
        demand=make.demand(firm=firm, is_anonymous=True, public_alias="某轴承企业"),
        status="accepted",
        reviewed_by=world.by,
        reviewed_at=timezone.now(),
    )
    follow_up = FollowUp.objects.create(match=match, owner=world.by)
    make.meeting(world.firms[0], world.teams[0], match=match)
    publish_timetable(planned(world), revision=0, by=world.by)
    client = signed_in(make.institution_officer(office))
    address = reverse("my_plan", args=[world.teams[0].public_id])
    number = Meeting.objects.get(match=match).anonymous_number
    assert f"匿名企业 {number:02d}" in client.get(address).text
    assert "甲公司" not in client.get(address).text
    agreed = {"status": "talks", "agreed_at": timezone.now(), "next_on": timezone.localdate()}
    FollowUp.objects.filter(pk=follow_up.pk).update(**agreed, **make.own_words(match))
    assert "甲公司" in client.get(address).text


def test_the_calendar_keeps_uids_raises_sequences_and_cancels_meetings(world, client):
    from icalendar import Calendar

    publish_timetable(planned(world), revision=0, by=world.by)
    address = reverse("party_calendar", args=[world.firms[0].code])
    entries = Calendar.from_ical(client.get(address).content).walk("VEVENT")
    uids = {str(entry["uid"]) for entry in entries}
    assert uids == {f"meeting-{meeting.public_id}@dalian-techtransfer" for meeting in world.meetings[:2]}
    assert {entry["sequence"] for entry in entries} == {1}
    Meeting.objects.filter(pk=world.meetings[0].pk).update(status="dropped", dropped_reason="改期")
    publish_timetable(planned(world), revision=0, by=world.by)
    again = Calendar.from_ical(client.get(address).content).walk("VEVENT")
    assert {str(entry["uid"]): str(entry["status"]) for entry in again} == {
        f"meeting-{world.meetings[0].public_id}@dalian-techtransfer": "CANCELLED",
        f"meeting-{world.meetings[1].public_id}@dalian-techtransfer": "CONFIRMED",
    }
    assert {entry["sequence"] for entry in again} == {2}


def test_an_unknown_code_and_the_code_of_a_declining_party_open_nothing(world, client):
    assert client.get(reverse("party_plan", args=["aaaaaaaaaa"])).status_code == 404
    Party.objects.filter(pk=world.firms[0].pk).update(answer="declined")
    assert client.get(reverse("party_plan", args=[world.firms[0].code])).status_code == 404


def test_a_meeting_added_while_the_published_version_is_withdrawn_waits_for_the_next_plan(signed_in, monkeypatch):
    world = small_round(firms=2, teams=2, tables=3, pairs=[(0, 0), (1, 1)])
    publish_timetable(planned(world), revision=0, by=world.by)
    monkeypatch.setattr("rounds.views.staff.timetable.replan", lambda *_args, **_kwargs: None)
    pair = {"firm": world.firms[0].public_id, "team": world.teams[1].public_id}
    answer = post(signed_in(world.by), world, kind="add", version=1, **pair)
    assert answer.status_code == 200
    assert "重新排期时安排" in answer.json()["message"]
