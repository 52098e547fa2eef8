"""Searching and narrowing in a real browser: with an input method, with and without JavaScript, on a phone."""

import re
from urllib.parse import quote

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from core.pagination import PAGE_SIZE
from taxonomy.models import Industry
from tests import factories as make
from tests.browser import fixtures
from tests.browser.conftest import PHONE

LIST = "/achievements/"
BEARINGS, ALL = 8, 23
"""Of the rows here: every third of 23 is about bearings."""


def rows(page):
    return page.locator("#results .row")


def count_of(page, label: str):
    """What stands beside a choice of the filter: the number, and for screen readers its unit."""
    return page.locator(".opt", has_text=label).locator("b")


def number_of(page, label: str) -> str:
    return count_of(page, label).evaluate("shown => shown.firstChild.data")


def is_answer(response) -> bool:
    return response.request.headers.get("hx-request") == "true"


class TestInputMethod:
    """As a pinyin input method types: letters that are only a proposal, then the characters chosen."""

    @pytest.fixture
    def page(self, visit):
        fixtures.achievements()
        make.achievement(title="zheng ji 拼音写成的名称")
        page = visit().go(LIST)
        page.locator("#q").click()
        return page

    def test_a_search_in_the_middle_of_composing_loses_nothing(self, page):
        keyboard = page.context.new_cdp_session(page)
        with page.expect_response(is_answer) as early:
            keyboard.send("Input.imeSetComposition", {"text": "zheng ji", "selectionStart": 8, "selectionEnd": 8})
        assert "q=zheng" in early.value.url
        expect(page.locator("#found-total")).to_have_text("1")
        expect(page.locator("#q")).to_have_value("zheng ji")
        keyboard.send("Input.imeSetComposition", {"text": "zheng ji cai", "selectionStart": 12, "selectionEnd": 12})
        keyboard.send("Input.insertText", {"text": "正极材料"})
        expect(page.locator("#found-total")).to_have_text(str(ALL - BEARINGS))
        expect(page.locator("#q")).to_have_value("正极材料")
        expect(page.locator("#q")).to_be_focused()
        expect(rows(page).first.locator("h3 mark")).to_have_text("正极材料")
        page.keyboard.insert_text("表面")
        expect(page).to_have_url(re.compile(quote("正极材料表面")))
        expect(page.locator("#q")).to_have_value("正极材料表面")
        expect(page.locator("#found-total")).to_have_text(str(ALL - BEARINGS))

    def test_enter_sends_at_once(self, page):
        page.keyboard.insert_text("轴承")
        with page.expect_response(is_answer):
            page.keyboard.press("Enter")
        expect(page.locator("#found-total")).to_have_text(str(BEARINGS))
        assert rows(page).count() == BEARINGS
        assert page.locator("#q").input_value() == "轴承"


def test_suggestions_are_chosen_by_keys_and_the_form_works_without_scripts(visit):
    fixtures.achievements()
    page = visit().go(reverse("search"))
    page.locator("#q").press_sequentially("zhouc")
    option = page.get_by_role("option", name="轴承")
    expect(option.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(option.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(option).to_have_count(0)
    page.keyboard.press("Backspace")
    expect(option.first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?q=" + quote("轴承")))
    expect(page.get_by_role("heading", name=re.compile("^成果 "))).to_be_visible()
    plain = visit(javascript=False).go(reverse("help"))
    plain.get_by_role("button", name="查找").click()  # only wide screens have room for its field
    plain.locator("#q").fill("轴承")
    plain.locator("#q").press("Enter")
    expect(plain.get_by_role("heading", name=re.compile("^成果 "))).to_be_visible()


class TestNarrowing:
    def test_counts_chips_and_address_follow_and_back_returns(self, visit):
        fixtures.achievements()
        page = visit().go(LIST + "?q=正极")
        lab, concept = page.get_by_label("小试"), page.get_by_label("概念验证")
        before = number_of(page, "高端装备")
        assert int(before) > 0

        lab.check()
        expect(page.locator(".chip")).to_have_count(1)
        expect(page.locator("#found-total")).not_to_have_text(str(ALL - BEARINGS))
        labs = page.locator("#found-total").inner_text()
        assert page.url.endswith("bucket=lab")
        assert labs == number_of(page, "小试") == str(rows(page).count())
        expect(count_of(page, "高端装备")).to_have_count(0)  # a choice that brings nothing is not shown

        concept.check()  # within one facet more choices bring more
        expect(page.locator(".chip")).to_have_count(2)
        both = int(labs) + int(number_of(page, "概念验证"))
        expect(page.locator("#found-total")).to_have_text(str(both))

        page.go_back()
        expect(page.locator(".chip")).to_have_count(1)
        expect(page.locator("#found-total")).to_have_text(labs)
        expect(lab).to_be_checked()
        expect(concept).not_to_be_checked()
        expect(page.locator("#q")).to_have_value("正极")
        expect(page.locator("header .brand")).to_be_visible()  # a page, not a bare fragment

        page.get_by_label("概念验证").check()  # and it still answers
        expect(page.locator("#found-total")).to_have_text(str(both))
        page.locator(".chip", has_text="小试").click()
        expect(page.locator(".chip")).to_have_count(1)
        expect(page.get_by_label("小试")).not_to_be_checked()

    def test_a_page_left_for_an_achievement_is_found_again(self, visit):
        fixtures.achievements()
        page = visit().go(LIST)
        page.get_by_label("小试").check()
        expect(page.locator(".chip")).to_have_count(1)
        total = page.locator("#found-total").inner_text()
        rows(page).first.get_by_role("link").first.click()
        page.wait_for_url("**/achievements/*/")
        page.go_back()
        expect(page.locator("#found-total")).to_have_text(total)
        expect(page.get_by_label("小试")).to_be_checked()

    def test_order(self, visit):
        fixtures.achievements()
        page = visit().go(LIST)
        first = rows(page).first.inner_text()
        page.get_by_label("排序").select_option(label="成熟度从高到低")
        expect(rows(page).first).not_to_have_text(first)
        expect(rows(page).first).to_contain_text("可产业化")
        assert "sort=maturity" in page.url

    def test_the_same_without_javascript(self, visit):
        fixtures.achievements()
        page = visit(javascript=False).go(LIST)
        page.locator("#q").fill("正极")
        page.get_by_role("button", name="搜索").click()
        expect(page.locator("#found-total")).to_have_text(str(ALL - BEARINGS))
        page.get_by_label("小试").check()
        page.get_by_role("button", name="应用筛选").click()
        page.wait_for_url("**bucket=lab*")
        expect(page.locator(".chip")).to_have_count(1)
        assert page.locator("#found-total").inner_text() == number_of(page, "小试")
        expect(page.locator("#q")).to_have_value("正极")
        page.locator(".chip").click()
        expect(page.locator("#found-total")).to_have_text(str(ALL - BEARINGS))
        page.go_back()
        expect(page.get_by_label("小试")).to_be_checked()

    def test_turning_pages(self, visit):
        fixtures.achievements()
        page = visit().go(LIST)
        assert rows(page).count() == PAGE_SIZE
        page.get_by_role("link", name="下一页").click()
        page.wait_for_url("**page=2")
        expect(rows(page)).to_have_count(ALL - PAGE_SIZE)

    def test_needs_and_agencies_narrow_too(self, visit):
        for industry in Industry.objects.filter(parent=None)[:2]:
            make.demand(industry=industry)
        fixtures.agency("大连示例技术转移中心")
        page = visit().go(reverse("demand_list"))
        page.locator(".opt").first.get_by_role("checkbox").check()
        expect(page.locator("#found-total")).to_have_text("1")
        page.goto(page.url.partition("/demands/")[0] + reverse("agency_list"))
        expect(page.get_by_label("成果中试")).to_have_count(0)  # no agency offers it
        page.locator(".opt").first.get_by_role("checkbox").check()
        expect(page.locator("#found-total")).to_have_text("1")
        expect(page.locator(".chip")).to_have_count(1)


class TestPhone:
    def test_filter_is_a_sheet_that_opens_applies_and_closes(self, visit):
        fixtures.achievements()
        page = visit(PHONE).go(LIST)
        sheet = page.locator("#fx")
        expect(sheet).to_be_hidden()
        page.get_by_role("button", name="筛选").click()
        expect(sheet).to_be_visible()
        box = sheet.bounding_box()
        assert box["x"] == 0
        assert box["width"] == PHONE["width"]
        assert box["y"] + box["height"] <= PHONE["height"] + 1

        page.get_by_label("小试").check()
        done = sheet.get_by_role("button", name="项结果")
        expect(done).not_to_have_text(f"看 {ALL} 项结果")
        expect(sheet).to_be_visible()  # one may tick more before looking
        number = number_of(page, "小试")
        expect(done).to_have_text(f"看 {number} 项结果")
        done.click()
        expect(sheet).to_be_hidden()
        expect(page.get_by_role("button", name="筛选（已选 1 项）")).to_be_visible()
        expect(rows(page)).to_have_count(int(number))

        page.get_by_role("button", name="筛选").click()
        page.keyboard.press("Escape")
        expect(sheet).to_be_hidden()

    def test_the_same_without_javascript(self, visit):
        fixtures.achievements()
        page = visit(PHONE, javascript=False).go(LIST)
        page.get_by_role("button", name="筛选").click()
        page.get_by_label("小试").check()
        page.get_by_role("button", name="应用筛选").click()
        page.wait_for_url("**bucket=lab*")
        expect(page.locator("#fx")).to_be_hidden()
        expect(page.locator(".chip")).to_have_count(1)
