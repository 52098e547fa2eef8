"""Whom one would like to meet, at both widths: the city's page of all wishes, the part of it that a district reads, the
page of a party by its code; and what the phone is for: ticked, put first, called off with a finger."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from rounds.models import FeaturedAchievement, Meeting
from rounds.services.meeting_moves import lock_meeting, remove_meeting
from rounds.services.meeting_orders import set_order
from rounds.services.meeting_requests import refuse_request, request_meeting
from rounds.services.publishing import publish_timetable
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.fixtures import LONG_TITLE
from tests.browser.test_pages import faults, walk
from tests.rounds.rounds import accept_all, planned, small_round

FINGER = """() => [...document.querySelectorAll("main :is(a, button, summary, select, input:not([type=hidden], .sr))")]
    .filter((one) => one.checkVisibility() && getComputedStyle(one).display !== "inline")
    .map((one) => [one.innerText || one.name, one.getBoundingClientRect()])
    .filter(([, {width, height}]) => Math.min(width, height) < 24).map(([name]) => name)"""
"""What is too small to be pressed with a finger. A link within a sentence may be as high as its line."""


@pytest.fixture
def world(transactional_db):
    """Of two firms and two teams: one wish wanted most, one refused, long words, an order of two talks."""
    world = small_round(firms=2, teams=2, tables=3, pairs=[(0, 0), (0, 1), (1, 0)])
    Meeting.objects.update(topic=LONG_TITLE[:120])
    world.offers = [
        make.achievement(institution=team.organisation, title=title)
        for team, title in zip([*world.teams, world.teams[1]], [LONG_TITLE, "海水防腐", "低温脱硝"], strict=True)
    ]
    for rank, offer in enumerate(world.offers, 1):
        FeaturedAchievement.objects.create(docking_round=world.round, achievement=offer, rank=rank)
    request_meeting(world.firms[0], world.offers[0], by=None, is_most=True)
    refuse_request(request_meeting(world.firms[0], world.offers[1], by=None), reason="该团队时段已满", by=world.by)
    set_order(world.meetings[0], world.meetings[1], by=world.by)
    world.page = reverse("admin:rounds_timetable_requests", args=[world.round.pk])
    return world


def test_all_wishes_before_and_after_the_timetable(visit, world):
    staff, district = visit(), visit()
    staff.sign_in(world.by)
    district.sign_in(make.district_officer())
    part = reverse("admin:rounds_timetable", args=[world.round.pk])
    queries = ("", "?state=missed", f"?party={world.firms[0].public_id}&priority=2")
    assert walk(staff, [world.page + query for query in queries]) == {}
    assert walk(district, [world.page, part]) == {}
    timetable = planned(world)
    lock_meeting(timetable, world.meetings[0], revision=0, by=world.by)
    remove_meeting(timetable, world.meetings[2], revision=1, by=world.by)
    assert walk(staff, [world.page, f"{world.page}?state=left"]) == {}
    publish_timetable(timetable, revision=2, by=world.by)
    assert walk(staff, [world.page]) == {}
    assert walk(district, [world.page, part]) == {}


def test_put_first_called_off_and_refused_on_a_phone(visit, world):
    visitor = visit(PHONE)
    page = visitor.sign_in(world.by)
    visitor.go(world.page)
    assert page.evaluate(FINGER) == []
    page.get_by_label("勾选 乙公司 × 甲大学").tap()
    change = page.get_by_role("button", name="调整优先级")
    expect(change).to_be_in_viewport()  # it comes along with the list
    page.get_by_label("把勾选的改为").select_option("must")
    change.tap()
    expect(page.get_by_role("status")).to_contain_text("已调整 1 场")
    page.get_by_text("退回", exact=False).filter(visible=True).first.tap()
    page.get_by_label("原因（提出的单位会看到）").fill("时段已满")
    assert faults(visitor) == []
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="退回意愿").tap()
    expect(page.get_by_role("status")).to_contain_text("原因已告诉提出的单位")
    page.get_by_role("button", name="添加洽谈").tap()
    expect(page.get_by_role("alert")).to_contain_text("请选择单位")
    visitor.watch.expect_refusal(422, f"{world.page}do/")
    assert faults(visitor) == []


def test_a_party_says_whom_it_would_like_to_meet_on_a_phone(visit, world):
    visitor = visit(PHONE)
    page = visitor.go(reverse("party_meeting_requests", args=[world.firms[0].code]))
    assert page.evaluate(FINGER) == []
    page.get_by_role("button", name="想谈 低温脱硝").tap()
    expect(page.get_by_role("heading", name="已提出 2 项，其中最想谈 1 项")).to_be_visible()
    page.get_by_role("button", name="标为最想谈 低温脱硝").tap()
    expect(page.get_by_role("heading", name="已提出 2 项，其中最想谈 2 项")).to_be_visible()
    assert faults(visitor) == []
    page.set_viewport_size(PHONE)
    page.get_by_role("searchbox").fill("防腐")
    page.get_by_role("button", name="查找").tap()
    expect(page.get_by_role("link", name="海水防腐")).to_be_visible()
    assert faults(visitor) == []
    accept_all(world.round)
    publish_timetable(planned(world), revision=0, by=world.by)
    code = world.firms[0].code
    assert walk(visitor, [reverse("party_meeting_requests", args=[code]), reverse("party_plan", args=[code])]) == {}
