"""Stars, comparison and subscriptions in a real browser: a choice over two pages of a list, without a page load."""

import re

from django.urls import reverse
from playwright.sync_api import expect

from favourites.models import Favourite
from subscriptions.models import Hit
from tests import factories as make
from tests.browser import fixtures
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults


def test_star_compare_and_subscribe_on_a_phone(visit):
    fixtures.achievements()
    firm = make.firm_officer()
    reader = visit(PHONE)
    page = reader.sign_in(firm)
    reader.go("/achievements/")
    # A star stays on the page; a ticked box is no filter that loads the list anew.
    page.get_by_role("button", name=re.compile("^收藏")).first.click()
    expect(page.get_by_role("button", name=re.compile("^已收藏"))).to_have_count(1)
    assert reader.path == "/achievements/"
    assert Favourite.objects.of_user(firm).count() == 1
    page.get_by_label(re.compile("^对比")).nth(1).check()
    expect(page.locator("#compare-count")).to_have_text("已选 1 项，最多 4 项")
    assert reader.path == "/achievements/"
    assert faults(reader) == []
    # What was ticked goes along to the next page of the list.
    page.get_by_role("link", name="下一页").click()
    page.get_by_label(re.compile("^对比")).first.check()
    expect(page.locator("#compare-count")).to_have_text("已选 2 项，最多 4 项")
    page.get_by_role("button", name="对比勾选的成果").click()
    expect(page.locator(".compare thead th a").first).to_be_visible()
    assert page.locator(".compare thead th a:not(.out)").count() == 2
    assert faults(reader) == []
    # From a search to a subscription.
    reader.go("/achievements/?q=包覆")
    page.get_by_role("link", name="订阅“包覆”").click()
    expect(page.get_by_label("要找什么")).to_have_value("包覆")
    assert faults(reader) == []
    page.get_by_role("button", name="订阅", exact=True).click()
    Hit.objects.create(user=firm, achievement=make.achievement(title=fixtures.LONG_TITLE), version="1")
    reader.go(reverse("my_subscriptions"))
    page.get_by_text("不适合…").click()
    page.get_by_label("阶段过早").check()
    assert faults(reader) == []
    page.get_by_role("button", name="不再显示").click()
    expect(page.get_by_text("还没有新内容")).to_be_visible()
    reader.go(reverse("my_favourites"))
    assert faults(reader) == []
