"""大字版 on a phone and on a desk: nothing is lost, no barrier, and the keyboard goes round."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.barriers import barriers
from tests.browser.conftest import PHONE, WIDE

pytestmark = pytest.mark.long
SIZE = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def test_large_letters_by_keyboard_and_a_favourite_without_account(visit):
    achievement = make.achievement(title="船体分段焊接变形在线监测与反变形工艺参数推荐系统" * 3)
    make.demand(title="长" * 60)
    visitor = visit(PHONE)
    page = visitor.page
    visitor.go(reverse("achievement_list"))
    usual = page.evaluate(SIZE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    star = page.locator(f"#favourite-{achievement.public_id} button")
    star.click()
    expect(star).to_have_text("已收藏“" + achievement.title + "”")
    page.reload()  # a kept copy: the script marks the star
    expect(star.locator(".word")).to_have_text("已收藏")
    switch = page.get_by_role("contentinfo").get_by_role("button", name="大字版")
    switch.focus()
    page.keyboard.press("Enter")
    expect(page.locator("html.large")).to_have_count(1)
    assert 1.25 <= page.evaluate(SIZE) / usual <= 1.5
    problems = []
    for name in (
        "home",
        "achievement_list",
        "demand_list",
        "kept_favourites",
        "open_data",
        "accessibility",
        "broker_list",
    ):
        visitor.go(reverse(name))
        for size in (PHONE, {"width": 360, "height": 800}, WIDE):
            page.set_viewport_size(size)
            if (wider := page.evaluate(OVERFLOW)) > 0:
                problems.append(f"{name} at {size['width']} px: {wider} px wider than the screen")
            if size == WIDE and not 1.25 <= page.evaluate(SIZE) / usual <= 1.5:
                problems.append(f"{name}: {page.evaluate(SIZE)} px")
        page.set_viewport_size(PHONE)
        problems += [f"{name}: {barrier}" for barrier in barriers(page)]
    assert not problems
