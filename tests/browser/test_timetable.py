"""A timetable by hand at both widths: planned, stopped, moved by mouse, keys and finger, refused before it is dropped,
published with the difference shown; a party's own list."""

import os
import time
from threading import Thread

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import expect

from rounds.models import Placement, Timetable
from rounds.services import timetables
from rounds.services.publishing import publish_timetable
from rounds.services.timetables import run_planning, stop_planning
from tests.browser.conftest import PHONE
from tests.browser.test_pages import OVERFLOW, faults
from tests.rounds.rounds import planned, small_round


def shot(page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def world(transactional_db, monkeypatch):
    """One version is published; the next is planned by whoever the test says, not by a worker."""
    monkeypatch.setattr(timetables, "send_planning", lambda pk: True)
    world = small_round(firms=4, teams=2, tables=3, slots=5)
    publish_timetable(planned(world), revision=0, by=world.by)
    world.desk = reverse("admin:rounds_timetable", args=[world.round.pk])
    return world


def who_began_planning(visit, world):
    visitor = visit()
    page = visitor.sign_in(world.by)
    visitor.go(world.desk)
    page.get_by_role("button", name="开始排期").click()
    expect(page.locator("#notes")).to_contain_text("第 2 版正在排期")
    return visitor


def a_worker_that_never_finishes(monkeypatch) -> Thread:
    """It has a first plan at once and looks for a better one until somebody stops it."""
    improving_schedules = timetables.improving_schedules

    def first_plan_only(event, *, stopped, **options):
        yield next(improving_schedules(event, stopped=stopped, **options))
        while not stopped():
            time.sleep(0.05)

    def work():
        run_planning(Timetable.objects.solving().get().pk)
        connection.close()

    monkeypatch.setattr(timetables, "improving_schedules", first_plan_only)
    monkeypatch.setattr(timetables, "HEARTBEAT_SECONDS", 0.1)
    worker = Thread(target=work)
    worker.start()
    return worker


def test_planned_stopped_moved_and_published_at_a_desk(visit, world, monkeypatch):
    visitor = who_began_planning(visit, world)
    page = visitor.page
    worker = a_worker_that_never_finishes(monkeypatch)
    figures = page.locator(".tt-figures")
    expect(figures).to_contain_text("8 / 8 场")
    expect(page.get_by_role("progressbar", name="正在排期")).to_be_visible()
    assert faults(visitor) == []
    page.get_by_role("button", name="停止，保留目前最好的").click()
    worker.join(timeout=60)
    expect(page.locator("#notes")).to_contain_text("排期完成")
    expect(figures).to_contain_text("8 / 8 场")
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
    assert faults(visitor) == []
    page.keyboard.press("Enter")
    expect(page.locator("#moving")).to_be_visible()  # nothing was moved
    free = page.locator("td[data-can]:not(:has([data-meeting]))").first
    target = free.get_attribute("data-place")
    free.focus()
    expect(page.locator("#moving-why.ok")).to_contain_text("可以放")
    page.keyboard.press("Enter")
    expect(page.locator(f'td[data-place="{target}"] [data-label="{label}"]')).to_be_visible()

    # By drag, onto a free table of the same slot
    box = page.locator(f'td[data-place="{target}"]')
    row = box.locator("xpath=..")
    empty = row.locator(f"td:not(:has([data-meeting])):not({_as_published(world, label)})").first
    there = empty.get_attribute("data-place")
    box.evaluate("cell => cell.scrollIntoView({ block: 'center' })")  # not below the line that says what is moved
    box.locator("[data-grip]").hover()
    page.mouse.down()
    page.mouse.move(*[value + 30 for value in _middle(box)])
    page.locator("td[data-can]").first.wait_for()
    page.mouse.move(*_middle(empty), steps=4)
    page.mouse.up()
    expect(page.locator(f'td[data-place="{there}"] [data-label="{label}"]')).to_be_visible()
    _publish(visitor, world, label)
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 between its margins is narrower than any desk
    page.emulate_media(media="print")
    expect(page.locator(f'.sched [data-label="{label}"]')).to_be_visible()
    expect(page.locator(".sched td .free").first).to_be_hidden()


def test_a_plan_that_ended_before_the_stop_was_answered_is_told(visit, world, monkeypatch):
    page = who_began_planning(visit, world).page
    worker = a_worker_that_never_finishes(monkeypatch)
    expect(page.locator(".tt-figures")).to_contain_text("8 / 8 场")
    stop = stop_planning

    def stop_and_see_it_end(timetable, *, by):
        stop(timetable, by=by)
        worker.join(timeout=60)

    monkeypatch.setattr("rounds.views.staff.timetable.stop_planning", stop_and_see_it_end)
    page.get_by_role("button", name="停止，保留目前最好的").click()
    expect(page.locator("#notes")).to_have_text("已请求停止，保留目前最好的排法。排期完成。")
    expect(page.locator("#notes .error")).to_have_count(0)


def test_a_plan_that_cannot_be_made_is_not_told_as_made(visit, world):
    visitor = who_began_planning(visit, world)
    page = visitor.page
    expect(page.locator("#board")).not_to_contain_text("都安排上了")  # nothing is, yet
    world.round.halls.update(tables=0)
    run_planning(Timetable.objects.solving().get().pk)
    expect(page.locator("#notes .error")).to_have_text("排不出日程，原因列在下面。")
    board = page.locator("#board")
    expect(board).to_contain_text("没有洽谈桌，请至少给一个场地设置一张桌")
    for claim in ("可以这样放宽", "都安排上了", "排期之后又有"):
        expect(board).not_to_contain_text(claim)
    assert faults(visitor) == []
    shot(page, "impossible")


def _middle(locator) -> tuple[float, float]:
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _as_published(world, label: str) -> str:
    """Where the published version has this meeting, as a selector: put there again it would be no difference."""
    places = Placement.objects.current().filter(timetable__docking_round=world.round)
    place = next(place for place in places if str(place.meeting) == label)
    where = f"{place.slot_id}-{place.hall_id}-{place.table}"
    return f'[data-place="{where}"], [data-to="{where}"]'


def _publish(visitor, world, label: str) -> None:
    """What changes is seen first: the meeting that was moved by hand is among it."""
    page = visitor.page
    page.get_by_role("button", name="发布……").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("日程有变的 2 家")
    expect(dialog.locator(".tt-changes")).to_contain_text(label)
    size = page.viewport_size
    assert faults(visitor) == []
    page.set_viewport_size(size)
    shot(page, f"publish-{size['width']}")
    page.get_by_role("button", name="发布并通知").click()
    expect(page.locator("#notes")).to_contain_text("第 2 版已发布")
    assert page.evaluate(OVERFLOW) <= 0
    assert world.round.timetables.published().get().number == 2


def test_planned_moved_and_published_on_a_phone(visit, world):
    visitor = visit(PHONE)
    page = visitor.sign_in(world.by)
    visitor.go(world.desk)
    page.get_by_role("button", name="开始排期").tap()
    expect(page.locator("#notes")).to_contain_text("第 2 版正在排期")
    run_planning(Timetable.objects.solving().get().pk)
    expect(page.locator("#notes")).to_contain_text("排期完成")
    expect(page.locator(".sched").first).to_be_hidden()
    page.get_by_label("只看").select_option(label="甲公司")
    own = page.locator(".tt-lists details:visible")
    expect(own).to_have_count(1)
    line = own.locator("li").first
    label = line.get_attribute("data-label")
    line.get_by_role("button", name="移动").tap()
    places = page.get_by_role("list", name="可以放的位置")
    expect(places.get_by_role("listitem")).to_have_count(5)
    expect(places).to_contain_text("来不及")  # a time at which there is no place says why
    time_of_day = places.locator("summary b").last.inner_text()
    places.locator("summary").last.tap()
    shot(page, "moving-phone")
    assert faults(visitor) == []
    page.set_viewport_size(PHONE)
    places.locator(f"button:visible:not({_as_published(world, label)})").filter(has_not_text="对换").last.tap()
    expect(page.locator("#notes")).to_contain_text("已移到")
    expect(own.locator("li").filter(has_text=time_of_day)).to_contain_text("号桌")
    draft = Timetable.objects.get(number=2)
    moved = {str(place.meeting): place.slot for place in Placement.objects.filter(timetable=draft)}
    assert str(moved[label]).startswith(time_of_day)
    shot(page, "phone")
    _publish(visitor, world, label)
    visitor.go(reverse("party_plan", args=[world.firms[0].code]))
    expect(page.get_by_role("heading", name="甲公司的洽谈")).to_be_visible()
    expect(page.locator(".own-plan li")).to_have_count(2)
    assert faults(visitor) == []
