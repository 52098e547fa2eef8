"""Reading with the keyboard only, and on paper."""

import io

from django.urls import reverse
from playwright.sync_api import expect
from pypdf import PdfReader

from achievements.models import Achievement, Indicator
from tests import factories as make
from tests.browser import fixtures

PAGE_OF_A4 = {"width": 794, "height": 1123}
"""Pixels of a sheet at 96 dpi."""


def focused(page) -> str:
    """The text, or the id, of what has the focus."""
    return page.evaluate("document.activeElement.innerText?.trim() || document.activeElement.id")


class TestKeyboard:
    def test_first_stop_skips_the_menu(self, visit):
        page = visit().go(reverse("achievement_list"))
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="跳到正文")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "main"
        page.keyboard.press("Tab")
        expect(page.locator("#q")).to_be_focused()

    def test_stops_come_in_reading_order_each_with_a_ring(self, visit):
        page = visit().go(reverse("achievement_list"))
        order = []
        for _ in range(15):
            page.keyboard.press("Tab")
            order.append(focused(page))
            ring = page.evaluate("getComputedStyle(document.activeElement).outline")
            assert "3px" in ring, (order, ring)
        assert order == [
            "跳到正文",
            "大连科技成果对接",
            "说出难题",
            "收藏夹",
            "登录",
            "大字版",
            "找成果",
            "找需求",
            "揭榜挂帅",
            "服务机构",
            "对接活动",
            "中试基地",
            "政策指南",
            "成效数据",
            "q",
        ]

    def test_search_and_tick_without_a_mouse(self, visit):
        fixtures.achievements()
        page = visit().go(reverse("achievement_list"))
        page.get_by_label("搜索成果").focus()
        page.keyboard.insert_text("轴承")
        page.keyboard.press("Enter")
        page.wait_for_url("**/achievements/?q=*")
        total = page.locator("#found-total")
        expect(total).to_have_text("8")
        page.get_by_label("小试").focus()
        page.keyboard.press("Space")
        expect(page.locator(".chip")).to_have_count(1)
        expect(page.get_by_label("小试")).to_be_focused()  # not thrown back to the top of the page
        page.keyboard.press("Tab")
        expect(page.get_by_label("中试")).to_be_focused()

    def test_enter_signs_in_and_a_mistake_is_announced(self, visit):
        user = make.firm_officer()
        visitor = visit()
        page = visitor.go(reverse("login") + "?next=/help/")
        expect(page.get_by_label("用户名")).to_be_focused()
        page.keyboard.insert_text(user.username)
        page.keyboard.press("Tab")
        page.keyboard.insert_text("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("用户名或密码不对")
        page.get_by_label("密码").focus()
        page.keyboard.insert_text("Demo-pass-2026")
        page.keyboard.press("Enter")
        page.wait_for_url("**/help/")


class TestPaper:
    def test_an_achievement_prints_its_text_and_not_the_menu(self, visit):
        achievement = fixtures.full_achievement()
        long = "这一段很长，写的是现场工况和试验的经过；" * 40
        Achievement.objects.filter(pk=achievement.pk).update(
            summary=long, innovation=long, scenario=long, economics=long
        )
        for number in range(6):  # the bars and the table are cut before the sheet is
            Indicator.objects.create(
                achievement=achievement, name=long[:60], value="9", unit="min", today="4 min", order=number
            )
        page = visit(PAGE_OF_A4).go(reverse("achievement_detail", args=[achievement.public_id]))
        page.emulate_media(media="print")
        for gone in (page.get_by_role("navigation", name="主导航"), page.locator(".foot"), page.locator(".cta-m")):
            expect(gone).to_be_hidden()
        expect(page.get_by_role("button", name="下一步：登录后发出")).to_be_hidden()
        for kept in ("解决什么问题", "关键指标", "知识产权"):
            expect(page.get_by_role("heading", name=kept)).to_be_visible()
        assert len(PdfReader(io.BytesIO(page.pdf(format="A4", prefer_css_page_size=True))).pages) == 1
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
