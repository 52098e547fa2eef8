"""The staff page of requested meetings: states in the plan, steps, and visibility of rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rounds.models import FeaturedAchievement, Meeting, MeetingOrder, Party
from rounds.services.meeting_moves import lock_meeting, remove_meeting
from rounds.services.meeting_orders import set_order
from rounds.services.meeting_requests import request_meeting
from rounds.services.publishing import publish_timetable
from tests import factories as make
from tests.browser_client import one_line
from tests.rounds.rounds import planned, small_round

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return small_round(firms=2, teams=2, tables=3)


def url(world, page: str = "requests") -> str:
    return reverse(f"admin:rounds_timetable_{page}", args=[world.round.pk])


def post(client, world, **body):
    return client.post(url(world, "requests_do"), body, follow=True)


@pytest.mark.long
def test_each_meeting_shows_its_place_its_lock_or_the_reason_for_none(world, signed_in):
    timetable = planned(world)
    meeting, other = world.meetings[0], world.meetings[1]
    lock_meeting(timetable, meeting, revision=0, by=world.by)
    remove_meeting(timetable, other, revision=1, by=world.by)
    Meeting.objects.filter(pk=world.meetings[2].pk).update(priority=1)
    client = signed_in(world.by)
    page = client.get(url(world)).text
    assert "对照第 1 版（草稿）" in page
    place = timetable.placements.select_related("hall").get(meeting=meeting)
    assert f"{place.hall.name} {place.table} 号桌" in one_line(page)
    assert "锁定</span>" in page and "工作人员移出" in page
    for query, count in (("state=left", 1), ("state=locked", 1), ("state=placed", 3), ("priority=1", 1), ("", 4)):
        assert f'id="rows-h">{count} 场' in client.get(f"{url(world)}?{query}").text, query
    of_firm = client.get(f"{url(world)}?party={world.firms[0].public_id}&state=nonsense&priority=77").text
    assert 'id="rows-h">2 场' in of_firm
    assert "没有这样的洽谈" in client.get(f"{url(world)}?state=missed").text


@pytest.mark.long
def test_priorities_are_changed_and_a_stale_page_is_refused(world, signed_in):
    client = signed_in(world.by)
    body = {"kind": "priority", "value": "3", "chosen": [meeting.public_id for meeting in world.meetings[:2]]}
    body |= {f"seen-{meeting.public_id}": "2" for meeting in world.meetings[:2]}
    assert "已调整 2 场" in post(client, world, **body).text
    assert Meeting.objects.filter(priority=3).count() == 2
    assert "刚由别人改为“高”" in post(client, world, **(body | {"value": "1"})).text
    assert "请先勾选洽谈" in post(client, world, kind="priority", value="3").text
    must = {"kind": "priority", "value": "must", "chosen": world.meetings[3].public_id}
    assert "已调整 1 场" in post(client, world, **must).text
    assert "已经是这个优先级" in post(client, world, **must).text


def test_meetings_are_dropped_only_with_a_reason(world, signed_in):
    client = signed_in(world.by)
    body = {"kind": "drop", "chosen": [meeting.public_id for meeting in world.meetings[:2]]}
    assert "取消洽谈请说明原因" in post(client, world, **body).text
    assert "已取消 2 场" in post(client, world, **body, reason="双方已谈过").text
    assert Meeting.objects.filter(status="dropped").count() == 2


@pytest.mark.long
def test_a_meeting_is_added_and_a_refused_form_keeps_its_input(world, signed_in):
    client = signed_in(world.by)
    pair = {"firm": world.firms[0].public_id, "team": world.teams[0].public_id}
    body = {"kind": "add", "priority": "3", "topic": "检测合作", **pair}
    answer = post(client, world, **body)
    assert answer.status_code == 422
    assert "请写明为什么添加这场洽谈" in answer.text
    assert "已有一场洽谈" in post(client, world, **body, why="企业来电").text
    Meeting.objects.filter(firm_party=world.firms[0], institution_party=world.teams[0]).delete()
    Party.objects.filter(pk=world.firms[0].pk).update(answer="declined")
    refused = post(client, world, **body, why="企业来电")
    assert "还没有答复参加" in refused.text
    assert 'value="检测合作"' in refused.text
    Party.objects.filter(pk=world.firms[0].pk).update(answer="coming")
    assert "已添加：甲公司 × 甲大学" in post(client, world, **body, why="企业来电").text
    made = Meeting.objects.get(firm_party=world.firms[0], institution_party=world.teams[0])
    assert (made.why, made.priority, made.origin) == ("企业来电", 3, "staff")
    assert "这个单位已不在名单上" in post(client, world, **(body | {"firm": "aaaaaaaaaa"}), why="企业来电").text


@pytest.mark.long
def test_orders_are_set_lifted_and_refused_with_a_message(world, signed_in):
    client = signed_in(world.by)
    meeting, other = world.meetings[0], world.meetings[1]
    body = {"kind": "order", "before": meeting.public_id, "after": other.public_id}
    assert "已定先后" in post(client, world, **body).text
    assert "已有这条先后要求" in post(client, world, **body).text
    turned = {"kind": "order", "before": other.public_id, "after": meeting.public_id}
    assert "绕成了圈" in post(client, world, **turned).text
    assert "请选择在前和在后的洽谈" in post(client, world, kind="order", before=meeting.public_id, after="").text
    order = MeetingOrder.objects.get()
    assert "已取消先后要求" in post(client, world, kind="lift", order=order.public_id).text
    assert "取消了" in post(client, world, kind="lift", order=order.public_id).text


def test_a_meeting_request_is_shown_and_refused_with_a_reason(world, signed_in):
    Meeting.objects.all().delete()
    offer = make.achievement(institution=world.teams[0].organisation, title="包覆技术")
    FeaturedAchievement.objects.create(docking_round=world.round, achievement=offer, rank=1)
    meeting_request = request_meeting(world.firms[0], offer, by=None, is_most=True)
    client = signed_in(world.by)
    page = client.get(url(world)).text
    assert "企业意愿：包覆技术" in page and "最想谈" in page
    assert "请说明原因" in post(client, world, kind="refuse", wish=meeting_request.public_id, reason="").text
    assert (
        "原因已告诉提出的单位"
        in post(client, world, kind="refuse", wish=meeting_request.public_id, reason="时段已满").text
    )
    meeting_request.refresh_from_db()
    assert meeting_request.status == "refused"


@pytest.mark.parametrize("body", [{"kind": "fly"}, {}, {"kind": "lift", "order": "x"}, {"kind": "refuse"}])
def test_invalid_input_is_no_server_error(world, signed_in, body):
    assert post(signed_in(world.by), world, **body).status_code in {400, 404}


def test_a_closed_round_is_read_only(world, signed_in):
    type(world.round).objects.filter(pk=world.round.pk).update(
        status="closed", closed_at=world.round.ends_at, match_run=make.match_run()
    )
    page = signed_in(world.by).get(url(world)).text
    assert 'name="chosen"' not in page and "手工添加一场" not in page


def test_a_district_sees_its_rows_and_the_number_of_the_others(world, signed_in):
    far = world.firms[1].organisation
    far.stat_region = make.region("gaoxin")
    far.save()
    set_order(world.meetings[0], world.meetings[1], by=world.by)
    set_order(world.meetings[2], world.meetings[3], by=world.by)
    publish_timetable(planned(world), revision=0, by=world.by)
    client = signed_in(make.district_officer())
    page = client.get(url(world)).text
    assert "甲公司 × 甲大学" in page and "另有 2 场属于其他区市县" in one_line(page)
    assert "乙公司" not in page
    assert 'name="chosen"' not in page and "手工添加一场" not in page
    timetable = client.get(reverse("admin:rounds_timetable", args=[world.round.pk])).text
    assert "本区企业的 2 场，全场共 4 场" in one_line(timetable)
    assert "甲公司" in timetable and "乙公司" not in timetable
    assert client.post(url(world, "requests_do"), {"kind": "drop"}).status_code == 403
    board = reverse("admin:rounds_timetable_board", args=[world.round.pk])
    assert client.get(board).status_code == 403


def test_a_district_sees_no_draft(world, signed_in):
    planned(world)
    client = signed_in(make.district_officer())
    assert "洽谈日程还没有发布" in client.get(reverse("admin:rounds_timetable", args=[world.round.pk])).text
    assert "还没有排期" in client.get(url(world)).text


@pytest.mark.long
def test_the_number_of_queries_is_constant(signed_in):
    small, large = small_round(firms=1, teams=1), small_round(firms=3, teams=3, tables=4)
    client, district = signed_in(small.by), signed_in(make.district_officer())
    numbers = []
    for world in (small, large):
        publish_timetable(planned(world), revision=0, by=world.by)
        for reader in (client, district):
            for page in (url(world), reverse("admin:rounds_timetable", args=[world.round.pk])):
                with CaptureQueriesContext(connection) as queries:
                    assert reader.get(page).status_code == 200
                numbers.append(len(queries))
    assert numbers[:4] == numbers[4:]
