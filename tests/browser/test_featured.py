"""The list of a round: carried by mouse, finger and keys, pinned, previewed and put into the round."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from rounds.services.featured import featured_overview, set_rules
from tests import factories as make
from tests.browser.barriers import barriers
from tests.browser.conftest import PHONE
from tests.browser.test_pages import OVERFLOW
from tests.rounds.services.test_featured import rules


@pytest.fixture
def docking_round():
    docking_round = make.docking_round(name="冬季专场")
    for name in "甲乙丙丁戊":
        make.achievement(title=f"成果{name}")
    set_rules(docking_round, rules(4), revision=0, by=make.city_officer())
    return docking_round


@pytest.fixture
def open_page(visit, docking_round):
    def open_one(size=None):
        visitor = visit(size) if size else visit()
        visitor.sign_in(make.city_officer())
        visitor.go(reverse("admin:rounds_featured", args=[docking_round.pk]))
        return visitor

    return open_one


def titles(page) -> list[str]:
    return page.locator("#fy-chosen-list h3").all_inner_texts()


def stored(docking_round) -> list[str]:
    return [seat.candidate.title for seat in featured_overview(docking_round).proposal.chosen]


def moved(docking_round, page, wanted: list[str]) -> None:
    expect(page.locator(".notes")).to_contain_text("已移动。")
    assert titles(page) == wanted == stored(docking_round)


def test_an_item_is_dragged_to_the_top(open_page, docking_round):
    page = open_page().page
    before = titles(page)
    grip, first = page.locator("#fy-chosen-list .fy-grip").nth(3), page.locator("#fy-chosen-list .fy-row").first
    grip.scroll_into_view_if_needed()
    grip.hover()
    page.mouse.down()
    box = first.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 60, steps=12)
    page.mouse.move(box["x"] + 20, box["y"] + 4, steps=4)
    page.mouse.up()
    moved(docking_round, page, [before[3], *before[:3]])


def test_an_item_is_carried_by_keys_and_put_back_by_escape(open_page, docking_round):
    page = open_page().page
    before = titles(page)
    grip = page.locator("#fy-chosen-list .fy-grip").first
    grip.focus()
    for key in (" ", "ArrowDown", "Escape"):
        page.keyboard.press(key)
    assert titles(page) == before
    for key in (" ", "ArrowDown", "ArrowDown", " "):
        page.keyboard.press(key)
    moved(docking_round, page, [before[1], before[2], before[0], before[3]])
    expect(page.locator("#fy-chosen-list .fy-grip").nth(2)).to_be_focused()


def test_on_a_phone_it_is_pinned_and_put_into_the_round(open_page, docking_round):
    visitor = open_page(PHONE)
    page = visitor.page
    left = page.locator("#fy-bench ~ ul .fy-row").first
    title = left.locator("h3").inner_text()
    left.locator("summary").click()
    left.get_by_label("理由").fill("市领导点名")
    left.get_by_role("button", name="必选").click()
    expect(page.locator(".notes")).to_contain_text(f"{title} 进（必选：市领导点名")
    assert page.evaluate(OVERFLOW) <= 0
    page.get_by_role("button", name="确定推介名单（4 项）").click()
    expect(page.locator(".notes")).to_contain_text("推介名单已确定：新进 4 项")
    assert title in docking_round.features.values_list("achievement__title", flat=True)
    assert barriers(page, "#fy") == []


def test_other_rules_are_seen_before_they_are_taken(open_page, docking_round):
    page = open_page().page
    page.locator(".fy-rules > summary").click()
    page.get_by_label("推介数量").fill("9")
    page.get_by_role("button", name="试算").click()
    expect(page.locator("#look")).to_contain_text("这些规则不能同时满足")
    assert barriers(page, "#fy") == []
    page.get_by_role("link", name="把推介数量从 9 项改为 5 项").click()
    expect(page.locator("#look")).to_contain_text("按这些规则选 5 项，与现在的建议相比：新进 1 项")
    page.get_by_role("button", name="采用这些规则").click()
    expect(page.locator(".notes")).to_contain_text("已采用新规则")
    assert len(stored(docking_round)) == 5
