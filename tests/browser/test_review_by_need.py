"""The by-need view by hand: one key a need, fast typing, colleagues, the network away, a phone, without JavaScript."""

import time

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from demands.models import Demand
from matching.models import DemandReview, Match, Reservation
from matching.services.demand_review import DemandStep, choose_none
from matching.services.review import accept_match
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.review_needs import needs
from tests.browser.test_pages import OVERFLOW, faults
from tests.browser.test_review_keys import sent
from tests.waiting import wait_until

DESK = reverse("admin:matching_triage_needs")
CARDS, CHOOSE = reverse("admin:matching_triage_cards"), reverse("admin:matching_triage_choose")


@pytest.fixture
def officer(transactional_db):
    return make.district_officer(name="王晓")


@pytest.fixture
def desk(visit, officer):
    """`desk(rows)` opens the view on these needs."""

    def open_view(*size, **more):
        visitor = visit(*size, **more)
        visitor.sign_in(officer)
        visitor.go(DESK)
        return visitor

    return open_view


def shown(page) -> str:
    return page.locator("#choice").get_attribute("data-id")


def statuses(rows) -> list[str]:
    return list(Match.objects.filter(pk__in=[row.pk for row in rows]).order_by("pk").values_list("status", flat=True))


ACCEPTED_FIRST = ["accepted", "passed", "passed", "passed", "passed"]
PASSED, REJECTED = ["passed"] * 5, ["rejected"] * 5


class TestKeys:
    def test_each_key(self, desk):
        rows = needs(8)
        page = desk().page
        page.keyboard.press("1")  # accepts and moves on
        expect(page.locator("#choice")).to_have_attribute("data-id", rows[1][0].demand.public_id)
        page.keyboard.press("0")
        page.keyboard.press("Shift+Digit2")
        page.keyboard.press("3")  # something is ticked, so a digit ticks
        expect(page.locator("#choose")).to_contain_text("采纳 2、3，看下一个")
        page.keyboard.press("Enter")
        page.keyboard.press("r")
        expect(page.get_by_role("group", name="都不合适：这个需求往哪里去")).to_be_visible()
        page.get_by_label("回企业问清楚（需求诊断）").check()
        page.keyboard.press("3")
        page.keyboard.press("h")
        page.keyboard.press("2")
        page.keyboard.press("j")  # not decided
        page.keyboard.press("0")
        page.keyboard.press("z")
        expect(page.locator("#choice")).to_have_attribute("data-id", rows[6][0].demand.public_id)
        sent(page)
        assert [statuses(candidates) for candidates in rows] == [
            ACCEPTED_FIRST, PASSED, ["passed", "accepted", "accepted", "passed", "passed"], REJECTED,
            *[["proposed"] * 5] * 4,
        ]  # fmt: skip
        assert Demand.objects.get(pk=rows[3][0].demand_id).status == "diagnosis"
        assert Match.objects.on_hold().count() == 5
        assert DemandReview.objects.not_undone().count() == 5
        expect(page.locator("#decided")).to_have_text("4")
        expect(page.locator("#decided-none")).to_have_text("2")
        expect(page.locator("#left")).to_have_text("3")

    def test_undo_of_an_acceptance_after_a_reload(self, desk):
        rows = needs(2)
        page = desk().page
        page.keyboard.press("2")
        sent(page)
        page.reload()
        page.keyboard.press("z")
        expect(page.locator("#choice")).to_have_attribute("data-id", rows[0][0].demand.public_id)
        expect(page.get_by_role("status").filter(has_text="已撤销：")).to_have_count(1)
        page.keyboard.press("1")
        sent(page)
        assert statuses(rows[0]) == ACCEPTED_FIRST

    def test_digits_only_tick_if_the_officer_prefers(self, desk, officer):
        rows = needs(2)
        page = desk().page
        page.keyboard.press("?")
        page.get_by_label("按一个数字就采纳并看下一个").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        page.keyboard.press("2")
        page.keyboard.press("1")
        expect(page.locator("#choose")).to_contain_text("采纳 2，看下一个")
        page.keyboard.press("Enter")
        sent(page)
        assert statuses(rows[0]) == ["passed", "accepted", "passed", "passed", "passed"]
        page.reload()
        page.keyboard.press("1")
        expect(page.locator("#choose")).to_contain_text("采纳 1，看下一个")

    def test_what_cannot_be_done_is_said(self, desk):
        rows = needs(2, candidates=4)
        accept_match(rows[0][0], by=make.city_officer())
        accept_match(rows[0][1], by=make.city_officer())
        page = desk().page
        for key, words in (
            ("5", "没有候选 5"),
            ("Enter", "先按数字选候选"),
            ("Shift+Digit1", None),
            ("2", "最多采纳三条"),
            ("z", "没有可以撤销的操作"),
            ("k", "已经是第一个需求"),
        ):
            page.keyboard.press(key)
            if words:
                expect(page.locator("#toast")).to_contain_text(words)
        assert not DemandReview.objects.exists()

    def test_enter_belongs_to_a_focused_link_or_button(self, desk):
        needs(2)
        page = desk().page
        page.keyboard.press("Shift+Digit1")
        page.get_by_text("企业原话").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".bn-core details")).to_have_attribute("open", "")
        assert not DemandReview.objects.exists()


class TestTypingFast:
    """No key is dropped: what is typed while a need loads is used on that need."""

    PATTERN = "10"
    EXPECTED = {"1": ACCEPTED_FIRST, "0": PASSED}

    @pytest.mark.parametrize(("number", "delay"), [(14, 0), (8, 0.4)])
    def test_many_needs_without_a_pause(self, desk, number, delay):
        rows = needs(number)
        visitor = desk()
        page = visitor.page

        def later(route):
            time.sleep(delay)
            route.continue_()

        if delay:
            page.route(f"**{CARDS}", later)
        typed = (self.PATTERN * 20)[:number]
        for key in typed:
            page.keyboard.press(key)
        expect(page.locator("#need")).to_contain_text("没有等您审核的匹配了")
        sent(page)
        assert [statuses(candidates) for candidates in rows] == [self.EXPECTED[key] for key in typed]
        assert DemandReview.objects.count() == number

    def test_keys_typed_before_the_next_need_is_there_wait_for_it(self, desk):
        rows = needs(12)
        visitor = desk()
        page = visitor.page
        held, keep = [], [True]
        page.route(f"**{CARDS}", lambda route: held.append(route) if keep else route.continue_())
        for key in "000000000":
            page.keyboard.press(key)
        expect(page.locator("#need")).to_contain_text("正在载入这个需求")
        page.keyboard.press("1")
        keep.clear()
        for route in held:
            route.continue_()
        expect(page.locator("#choice")).to_have_attribute("data-id", rows[10][0].demand.public_id)
        sent(page)
        assert [statuses(candidates) for candidates in rows] == [*[PASSED] * 9, ACCEPTED_FIRST, *[["proposed"] * 5] * 2]

    def test_undo_and_the_next_decision_without_a_pause(self, desk):
        rows = needs(3)
        page = desk().page
        page.keyboard.press("0")
        sent(page)
        page.keyboard.press("z")
        page.keyboard.press("1")
        page.keyboard.press("0")
        expect(page.locator("#choice")).to_have_attribute("data-id", rows[2][0].demand.public_id)
        sent(page)
        assert [statuses(candidates) for candidates in rows[:2]] == [ACCEPTED_FIRST, PASSED]


class TestColleagues:
    def test_second_of_two_officers_is_told_and_the_need_comes_again(self, desk):
        rows = needs(2)
        visitor = desk()
        page = visitor.page
        expect(page.locator("#choice")).to_have_attribute("data-id", rows[0][0].demand.public_id)
        accept_match(rows[0][0], by=make.district_officer(name="李青"))
        page.keyboard.press("1")
        expect(page.locator("#troubles")).to_contain_text("已由李青审核（已采纳）")
        sent(page)
        page.keyboard.press("0")
        expect(page.locator("#choice")).to_have_attribute("data-id", rows[0][0].demand.public_id)
        expect(page.locator(".bn-others")).to_contain_text("已采纳 1")
        expect(page.locator(".bn-cand")).to_have_count(4)
        page.keyboard.press("0")
        sent(page)
        assert statuses(rows[0]) == ["accepted", "passed", "passed", "passed", "passed"]
        visitor.watch.expect_refusal(409, CHOOSE)

    def test_an_open_need_is_reserved_and_shown_to_colleagues(self, desk, visit):
        rows = needs(1)
        desk()
        wait_until(lambda: Reservation.objects.filter(is_open=True).count() == 5)
        other = visit()
        other.sign_in(make.district_officer(name="李青"))
        page = other.go(reverse("admin:matching_triage_need", args=[rows[0][0].demand.public_id]))
        expect(page.get_by_text("王晓正在看")).to_have_count(5)


class TestNetwork:
    def test_decisions_are_kept_and_sent_later(self, desk):
        rows = needs(3)
        visitor = desk()
        page = visitor.page
        page.wait_for_load_state("networkidle")
        page.context.set_offline(True)
        page.keyboard.press("1")
        page.keyboard.press("0")
        expect(page.locator("#outbox")).to_contain_text("2 项操作待发送")
        page.context.set_offline(False)
        sent(page)
        assert [statuses(candidates) for candidates in rows[:2]] == [ACCEPTED_FIRST, PASSED]
        visitor.watch.take_complaints()  # the requests that failed


class TestPhone:
    def test_by_touch(self, desk):
        rows = needs(4)
        visitor = desk(PHONE)
        page = visitor.page
        assert page.evaluate(OVERFLOW) <= 0
        scroller = page.get_by_role("region", name="5 个候选成果，并排比较")
        assert scroller.evaluate("(one) => one.scrollWidth > one.clientWidth")  # it is swiped, the page is not
        page.locator("label.bn-pick").first.tap()
        page.locator("#choose").tap()
        page.get_by_role("button", name="都不合适", exact=True).tap()
        page.locator("#more-none summary").tap()
        page.get_by_label("指标不符").check()
        page.get_by_role("button", name="都不合适，看下一个").tap()
        page.locator("#more-hold summary").tap()
        page.get_by_role("button", name="一周后").tap()
        sent(page)
        assert [statuses(candidates) for candidates in rows] == [
            ACCEPTED_FIRST, PASSED, REJECTED, ["proposed"] * 5,
        ]  # fmt: skip
        assert Match.objects.on_hold().count() == 5

    def test_targets_are_large_enough(self, desk):
        needs(1)
        page = desk(PHONE).page
        small = page.evaluate("""() => [...document.querySelectorAll(".bn-act .btn, .bn-top .btn, .bn-pick")].filter(
          (one) => one.offsetParent && Math.min(one.offsetHeight, one.offsetWidth) < 24).length""")
        assert small == 0


class TestWithoutJavaScript:
    def test_choose_none_and_hold(self, desk):
        rows = needs(4)
        page = desk(javascript=False).page
        page.locator("label.bn-pick").nth(1).click()
        page.get_by_role("button", name="采纳勾选的，看下一个").click()
        expect(page.get_by_text("已采纳 1 条，其余 4 条记为未选")).to_be_visible()
        page.locator("#more-none summary").click()
        page.get_by_label("阶段过早").check()
        page.get_by_role("button", name="都不合适，看下一个").click()
        page.get_by_role("button", name="都不合适", exact=True).click()
        page.locator("#more-hold summary").click()
        page.get_by_role("button", name="明天").click()
        expect(page.get_by_role("heading", name="没有等您审核的匹配了")).to_be_visible()
        assert [statuses(candidates) for candidates in rows] == [
            ["passed", "accepted", "passed", "passed", "passed"], REJECTED, PASSED, ["proposed"] * 5,
        ]  # fmt: skip


class TestAccess:
    def test_names_announcements_and_no_barrier(self, desk):
        rows = needs(2)
        visitor = desk()
        page = visitor.page
        expect(page.get_by_role("heading", level=1)).to_have_text(rows[0][0].demand.title)
        expect(page.get_by_role("checkbox", name="选候选 1")).to_have_attribute("aria-keyshortcuts", "1")
        assert faults(visitor) == []
        for key in "rh":
            page.keyboard.press(key)
            assert faults(visitor) == [], key
            page.keyboard.press("Escape")
        page.locator("#queue summary").click()
        assert faults(visitor) == []
        page.locator("#queue summary").click()
        page.locator("#need-h").focus()
        page.keyboard.press("1")
        status = page.get_by_role("status").filter(has_text="下一个需求：")
        expect(status).to_contain_text(f"已采纳 1：{rows[0][0].demand.title}")
        expect(page.locator("#need-h")).to_be_focused()  # it was in the part that was replaced
        page.keyboard.press("0")
        expect(page.locator("#need")).to_contain_text("没有等您审核的匹配了")
        sent(page)
        assert faults(visitor) == []

    def test_on_a_phone_no_barrier(self, desk):
        needs(1)
        assert faults(desk(PHONE)) == []

    def test_without_single_keys_everything_is_done_with_buttons(self, desk):
        rows = needs(2)
        page = desk().page
        page.keyboard.press("?")
        page.get_by_label("使用单键快捷键").uncheck()
        page.get_by_role("button", name="知道了").click()
        page.keyboard.press("1")
        page.get_by_role("checkbox", name="选候选 2").focus()
        page.keyboard.press("Space")
        page.keyboard.press("Enter")
        sent(page)
        assert statuses(rows[0]) == ["passed", "accepted", "passed", "passed", "passed"]

    def test_the_auditor_reads_and_finds_nothing_to_press(self, visit):
        needs(2)
        visitor = visit()
        visitor.sign_in(make.auditor())
        page = visitor.go(DESK)
        expect(page.locator(".bn-cand")).to_have_count(5)
        expect(page.locator(".bn-act, .bn-pick")).to_have_count(0)
        page.keyboard.press("1")
        page.keyboard.press("0")
        page.keyboard.press("j")
        assert faults(visitor) == []
        assert not DemandReview.objects.exists()

    def test_a_sample_of_those_passed_over_is_checked(self, visit):
        rows = needs(2)
        officer = make.district_officer()
        for candidates in rows:
            step = DemandStep(shown={row.public_id: row.revision for row in candidates})
            choose_none(candidates[0].demand, step=step, by=officer)
        visitor = visit()
        visitor.sign_in(make.city_officer())
        page = visitor.go(reverse("admin:matching_desk"))
        page.get_by_role("link", name="随机抽查 20 条").click()
        expect(page.locator("#found")).to_have_text("10 条")
        page.get_by_role("button", name="重新审核").click()
        page.get_by_role("dialog").get_by_label("理由").fill("看漏了")
        page.get_by_role("dialog").get_by_role("button", name="撤回，重新审核").click()
        sent(page)
        assert Match.objects.filter(status="proposed").count() == 1
        assert faults(visitor) == []
