"""A timetable by hand: planned, moved with the keys and by drag, refused before it is dropped, published; a party's own
list on a phone."""

import os

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from docking.models import Timetable
from docking.services import publish_timetable, run_planning, timetables
from tests.browser.conftest import PHONE
from tests.browser.test_pages import OVERFLOW, faults
from tests.docking.rounds import planned, small_round


def shot(page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def world(transactional_db):
    return small_round(firms=4, teams=2, tables=3, slots=5)


def test_planned_moved_and_published_by_hand(visit, world, monkeypatch):
    desk = reverse("admin:docking_timetable", args=[world.round.pk])
    monkeypatch.setattr(timetables, "send_planning", lambda pk: True)  # no worker here: planned below
    visitor = visit()
    page = visitor.sign_in(world.by)
    visitor.go(desk)
    page.get_by_role("button", name="开始排期").click()
    expect(page.locator("#notes")).to_contain_text("第 1 版正在排期")
    run_planning(Timetable.objects.get().pk)
    expect(page.locator("#notes")).to_contain_text("排期完成")
    shot(page, "desk")

    # With the keys: up with Enter, to another place with the arrows, refused there in words, down where it may go
    grip = page.locator("[data-grip]").first
    label = grip.locator("xpath=..").get_attribute("data-label")
    grip.focus()
    page.keyboard.press("Enter")
    page.locator("td[data-can]").first.wait_for()
    shot(page, "moving")
    page.locator("td[data-cannot]").first.focus()
    expect(page.locator("#moving-why.no")).to_contain_text("来不及")
    page.keyboard.press("Enter")
    expect(page.locator("#moving")).to_be_visible()  # nothing was moved
    free = page.locator("td[data-can]:not(:has([data-meeting]))").first
    target = free.get_attribute("data-place")
    free.focus()
    expect(page.locator("#moving-why.ok")).to_contain_text("可以放")
    page.keyboard.press("Enter")
    expect(page.locator(f'td[data-place="{target}"] [data-label="{label}"]')).to_be_visible()
    assert faults(visitor) == []

    # By drag, onto a free table of the same slot
    box = page.locator(f'td[data-place="{target}"]')
    row = box.locator("xpath=..")
    empty = row.locator("td:not(:has([data-meeting]))").first
    there = empty.get_attribute("data-place")
    box.locator("[data-grip]").hover()
    page.mouse.down()
    page.mouse.move(*[value + 30 for value in _middle(box)])
    page.locator("td[data-can]").first.wait_for()
    page.mouse.move(*_middle(empty), steps=4)
    page.mouse.up()
    expect(page.locator(f'td[data-place="{there}"] [data-label="{label}"]')).to_be_visible()

    page.get_by_role("button", name="发布……").click()
    expect(page.get_by_role("dialog")).to_contain_text("家单位的日程有变")
    shot(page, "publish")
    page.get_by_role("button", name="发布并通知").click()
    expect(page.locator("#notes")).to_contain_text("第 1 版已发布")
    assert page.evaluate(OVERFLOW) <= 0


def _middle(locator) -> tuple[float, float]:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_on_a_phone_each_party_has_its_list(visit, world):
    publish_timetable(planned(world), revision=0, by=world.by)
    visitor = visit(PHONE)
    page = visitor.go(reverse("party_plan", args=[world.firms[0].code]))
    expect(page.get_by_role("heading", name="甲公司的洽谈")).to_be_visible()
    expect(page.locator(".own-plan li")).to_have_count(2)
    shot(page, "own")
    assert faults(visitor) == []
    assert page.evaluate(OVERFLOW) <= 0
    page.set_viewport_size(PHONE)
    visitor.sign_in(world.by)
    visitor.go(reverse("admin:docking_timetable", args=[world.round.pk]))
    expect(page.locator(".sched").first).to_be_hidden()
    page.get_by_label("只看").select_option(label="甲公司")
    expect(page.locator(".tt-lists details:visible")).to_have_count(1)
    shot(page, "phone")
    assert faults(visitor) == []
    assert page.evaluate(OVERFLOW) <= 0
