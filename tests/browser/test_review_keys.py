"""The review desk by hand: one key a decision, colleagues beside, the network away, a phone, a screen reader."""

from contextlib import suppress

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from audit.models import AuditRecord
from benchmarks.keyboard_decisions import decide
from matching.models import Decision, Match, Question, Reservation
from matching.services.review import accept_match
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.review_queue import proposals
from tests.browser.test_pages import OVERFLOW, faults
from tests.waiting import wait_until

DESK = reverse("admin:matching_triage_triage")
DECIDE, PAIRS = reverse("admin:matching_triage_decide"), reverse("admin:matching_triage_pairs")


@pytest.fixture
def officer(transactional_db):
    return make.district_officer(name="王晓")


@pytest.fixture
def desk(visit, officer):
    """`desk(number)` opens the page on a queue of so many."""

    def open_one(number: int = 8, size=None, **more):
        proposals(number, **more)
        visitor = visit(size) if size else visit()
        visitor.sign_in(officer)
        visitor.go(DESK)
        return visitor

    return open_one


def shown(page) -> str:
    return page.locator("#pair").get_attribute("data-match-id")


def has_work(page) -> bool:
    """A pair is on show, and the page does not know yet that a colleague has decided it."""
    return page.evaluate("""() => {
      const id = document.querySelector("#pair").dataset.matchId;
      return Boolean(id) && document.querySelector(`#rows [data-id="${id}"]`)?.dataset.state === "due";
    }""")


def sent(page) -> None:
    """Wait until nothing is left to send."""
    expect(page.locator("body")).to_have_attribute("data-unsent", "0")


def ready(page) -> None:
    """Wait until the pair is loaded: nothing is decided unseen."""
    page.locator("#pair[data-match-id] > article, #pair:not([data-match-id])").wait_for()


def kept(page) -> str:
    """The pair on show, once its colleagues can know that it is open here."""
    match = shown(page)
    wait_until(Reservation.objects.filter(match__public_id=match, is_open=True).exists)
    return match


def left(page) -> int:
    return int(page.locator("#waiting").get_attribute("data-waiting"))


def kinds() -> list[str]:
    return list(Decision.objects.order_by("pk").values_list("kind", flat=True))


OTHER_KEYS = """() => {
  const others = [{isComposing: true}, {keyCode: 229}, {ctrlKey: true}, {altKey: true}, {metaKey: true}];
  others.push({repeat: true});
  for (const more of others) {
    document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "a", bubbles: true, cancelable: true, ...more}));
  }
}"""
"""A key that belongs to an input method, to the browser, or is held down."""
FETCHED = "path => performance.getEntriesByType('resource').filter(({ name }) => name.endsWith(path)).length"
"""How often an address has answered. A desk asks for its pairs, and 1.5 s later once more to say which one is open."""
DIALOGS = {"r": "退回原因", "h": "暂缓到哪一天", "d": "与哪一条重复", "q": "先问一个问题", "?": "快捷键"}


class TestKeyboard:
    def test_thirty_decisions(self, desk, officer):
        """More than a page loads ahead at first. `benchmarks.keyboard_decisions` takes the time of two hundred."""
        visitor = desk(30)
        page = visitor.page
        decide(page, 30)
        sent(page)
        expect(page.locator("#pair")).to_contain_text("没有等您审核的匹配了")
        assert left(page) == 0
        assert Decision.objects.count() == Match.objects.exclude(status="proposed").count() == 30
        assert Decision.objects.filter(kind="reject").count() == 10
        assert AuditRecord.objects.filter(action="审核匹配", actor=officer).count() == 30
        assert Decision.objects.filter(open_ms=None).count() == 0

    def test_keys_typed_while_a_match_loads_are_used_on_it(self, desk):
        visitor = desk(40)
        page = visitor.page
        held, keep = [], [True]
        page.route(f"**{PAIRS}", lambda route: held.append(route) if keep else route.continue_())
        page.evaluate("""() => new Promise((resolve) => {
          const press = () => {
            if (document.querySelector("#pair [data-loading]")) return resolve();
            document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "a", bubbles: true, cancelable: true}));
            setTimeout(press);
          };
          press();
        })""")
        waiting = Match.objects.get(public_id=shown(page))
        for key in ("r", "2"):  # opens a dialog, and chooses in it
            page.keyboard.press(key)
        keep.clear()
        for route in held:
            route.continue_()
        expect(page.locator("#toast")).to_contain_text("已退回")
        sent(page)
        waiting.refresh_from_db()
        assert (waiting.status, waiting.reject_reason) == ("rejected", "indicator")

    def test_walks_searches_and_narrows(self, desk):
        page = desk(30).page
        first = shown(page)
        page.keyboard.press("j")
        second = shown(page)
        assert first != second
        page.keyboard.press("k")
        assert shown(page) == first
        expect(page.locator(".q a[aria-current]")).to_have_count(1)
        page.keyboard.press("/")
        expect(page.locator("#id_q")).to_be_focused()
        title = Match.objects.order_by("score").first().demand.title
        page.keyboard.insert_text(title)
        page.keyboard.press("Enter")
        expect(page.locator("#found")).to_have_text("3 条")
        expect(page.locator(".q")).to_have_count(3)
        assert title in page.locator(".tp-title").inner_text()
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
        page.keyboard.press("Escape")

    def test_each_kind_and_its_undo(self, desk, officer):
        make.broker(name="经纪人甲")
        make.district_officer(name="李青")
        page = desk(12, needs=2).page
        before = left(page)

        def dialog(name):
            return page.get_by_role("dialog", name=name)

        def hold():
            page.keyboard.press("h")
            page.keyboard.press("2")

        def ask():
            page.keyboard.press("q")
            page.keyboard.press("1")
            page.keyboard.insert_text("批量是多少？")
            page.keyboard.press("Control+Enter")

        def broker():
            page.keyboard.press("b")
            dialog("采纳并委托经纪人").get_by_label("技术经纪人").select_option(label="经纪人甲")
            dialog("采纳并委托经纪人").get_by_role("button", name="采纳并委托").click()

        def give():
            page.keyboard.press("g")
            dialog("交给同事审核").get_by_label("同事").select_option(label="李青")
            dialog("交给同事审核").get_by_role("button", name="交给这位同事").click()

        def two(first, second):
            page.keyboard.press(first)
            page.keyboard.press(second)

        steps = {
            "accept": lambda: page.keyboard.press("a"),
            "reject": lambda: two("r", "3"),
            "hold": hold,
            "duplicate": lambda: two("d", "1"),
            "ask": ask,
            "broker": broker,
            "give": give,
        }
        for kind, step in steps.items():
            here = shown(page)
            ready(page)
            step()
            expect(page.locator("#pair")).not_to_have_attribute("data-match-id", here)
            expect(page.locator("#waiting"), kind).to_have_attribute("data-waiting", str(before - 1))
            page.keyboard.press("z")
            sent(page)
            assert (left(page), shown(page)) == (before, here), kind
            match = Match.objects.get(public_id=here)
            assert match.status == "proposed"
            assert match.held_until is match.assigned_to is match.duplicate_of is None
        assert kinds() == list(steps)
        assert Decision.objects.filter(undone_at=None).count() == 0
        assert not Question.objects.open()

    def test_undo_after_a_reload(self, desk):
        visitor = desk(3)
        page = visitor.page
        first = shown(page)
        page.keyboard.press("a")
        sent(page)
        visitor.go(DESK)
        assert shown(page) != first
        page.keyboard.press("z")
        expect(page.locator("#pair")).to_have_attribute("data-match-id", first)
        sent(page)
        assert Match.objects.get(public_id=first).status == "proposed"
        assert left(page) == 3

    def test_keys_do_nothing_while_writing_composing_or_with_others(self, desk):
        page = desk(3).page
        here = shown(page)
        page.evaluate(OTHER_KEYS)
        page.locator("#id_q").focus()
        page.keyboard.press("a")
        page.keyboard.press("Escape")
        page.keyboard.press("r")
        page.get_by_role("dialog", name="退回原因").get_by_label("补充说明（选填）").focus()
        page.keyboard.insert_text("指标")
        for key in ("a", "3", "z"):
            page.keyboard.press(key)
        page.keyboard.press("Escape")
        assert shown(page) == here and left(page) == 3
        assert Decision.objects.count() == 0

    def test_single_keys_can_be_turned_off_for_good(self, desk):
        visitor = desk(3)
        page = visitor.page
        page.get_by_role("button", name="快捷键").click()
        with page.expect_response("**/keys/"):
            page.get_by_label("使用单键快捷键").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        visitor.go(DESK)
        page.keyboard.press("a")
        expect(page.get_by_role("button", name="采纳", exact=True)).not_to_have_attribute("aria-keyshortcuts", "a")
        assert left(page) == 3
        page.get_by_role("button", name="采纳", exact=True).click()  # everything is there by mouse
        sent(page)
        assert kinds() == ["accept"]


class TestColleagues:
    @pytest.mark.long
    def test_two_on_one_queue_lose_nothing_and_decide_nothing_twice(self, desk, visit, officer, monkeypatch):
        monkeypatch.setattr("matching.review_queue.WINDOW_SIZE", 16)
        own = desk(24)  # more than the rows a page begins with
        first = kept(own.page)
        colleague = make.district_officer(name="李青")
        other = visit()
        other.sign_in(colleague)
        other.go(DESK)
        pages = [own.page, other.page]
        assert shown(other.page) != first  # the second begins where nobody is
        for _ in range(400):
            for page in pages:
                ready(page)
                if has_work(page):
                    page.keyboard.press("a")
                else:  # decided by the colleague while it stood open, or the next rows are on their way
                    page.evaluate("document.querySelector('#rows [data-state=due] a')?.click()")
                    page.wait_for_timeout(50)
            if not any(map(has_work, pages)) and not Match.objects.filter(status="proposed").exists():
                break
        for page in pages:
            sent(page)
        conflicts = sum(visitor.watch.refused.count((409, DECIDE)) for visitor in (own, other))
        for visitor in (own, other):
            with suppress(ValueError):
                while True:
                    visitor.watch.expect_refusal(409, DECIDE)
        assert Match.objects.filter(status="accepted").count() == Decision.objects.count() == 24
        messages = sum(page.locator("#troubles li").count() for page in pages)
        assert messages == conflicts  # whoever came second saw a message, each time
        # How they fall between the two is the machine's business; both took part.
        assert Decision.objects.filter(by=officer).exists()
        assert Decision.objects.filter(by=colleague).exists()

    def test_the_loser_is_told_what_the_other_decided(self, desk):
        visitor = desk(3)
        page = visitor.page
        match = Match.objects.get(public_id=shown(page))
        accept_match(match, by=make.district_officer(name="李青"))
        page.keyboard.press("r")
        page.keyboard.press("1")
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text("已由李青审核（已采纳），本次操作没有生效")
        expect(notice).not_to_contain_text("已退回")  # nothing beside it says the contrary, and nothing can be undone
        expect(page.locator("#toast")).to_be_hidden()
        expect(page.locator(f"[data-id='{match.public_id}'] .badge")).to_have_text("已采纳")
        visitor.watch.expect_refusal(409, DECIDE)
        page.get_by_role("button", name="知道了").click()
        expect(page.locator("#troubles")).to_be_hidden()
        assert left(page) == 2

    def test_a_note_is_text_and_ctrl_enter_returns_one_match_or_many(self, desk):
        page = desk(4).page
        ready(page)
        page.keyboard.press("r")
        dialog = page.get_by_role("dialog", name="退回原因")
        dialog.get_by_label("补充说明").press_sequentially("2026 年 3 月已有供应商")
        page.keyboard.press("Control+Enter")  # no reason chosen: the note is the reason
        expect(dialog).to_be_hidden()
        sent(page)
        for row in page.locator("#rows [data-state=due] .q-pick input").all()[:2]:
            row.check()
        page.locator("[data-bulk=reject]").click()
        dialog = page.get_by_role("dialog", name="批量退回")
        dialog.get_by_label("补充说明").press_sequentially("第 1 批")
        dialog.get_by_role("radio").nth(1).focus()
        page.keyboard.press("2")
        expect(dialog).to_be_hidden()
        sent(page)
        returned = Decision.objects.order_by("pk").values_list("reason", "note")
        second = Match.RejectReason.values[1]
        assert list(returned) == [("other", "2026 年 3 月已有供应商"), (second, "第 1 批"), (second, "第 1 批")]

    def test_who_is_looking_is_shown_and_what_is_given_away_taken_over(self, desk, visit):
        visitor = desk(4)
        colleague = make.district_officer(name="李青")
        page = visitor.page
        here = kept(page)
        other = visit()
        other.sign_in(colleague)
        late = other.go(f"{DESK}?match={here}")
        expect(late.locator(".tp-look")).to_have_text("王晓正在看这一条。")
        expect(late.locator(f"[data-id='{here}'] .look")).to_have_text("王晓正在看")

        page.keyboard.press("g")
        dialog = page.get_by_role("dialog", name="交给同事审核")
        dialog.get_by_label("同事").select_option(label="李青")
        dialog.get_by_role("button", name="交给这位同事").click()
        sent(page)
        visitor.go(f"{DESK}?view=colleagues")
        expect(page.get_by_role("button", name="采纳", exact=True)).to_be_disabled()
        page.get_by_role("button", name="接手").click()
        sent(page)
        expect(page.get_by_role("button", name="采纳", exact=True)).to_be_enabled()
        page.keyboard.press("a")
        sent(page)
        assert kinds() == ["give", "take", "accept"]

    def test_a_question_is_answered_and_comes_back(self, desk, visit):
        visitor = desk(2, needs=1)
        page = visitor.page
        match = Match.objects.get(public_id=shown(page))
        page.keyboard.press("q")
        page.keyboard.press("1")
        page.keyboard.insert_text("一年需要多少吨？")
        page.keyboard.press("Control+Enter")
        sent(page)
        firm = visit()
        firm.sign_in(make.firm_officer(match.demand.firm))
        asked = firm.go(reverse("workbench"))
        expect(asked.locator("#questions")).to_contain_text("一年需要多少吨？")
        assert match.achievement.title not in asked.content()
        asked.get_by_label("您的答复").fill("每年 800 吨。")
        asked.get_by_role("button", name="提交答复").click()
        expect(asked.get_by_text("已提交答复")).to_be_visible()
        visitor.go(f"{DESK}?match={match.public_id}")
        expect(page.locator("#pair")).to_contain_text("每年 800 吨。")
        expect(page.locator(f"[data-id='{match.public_id}'] .badge")).to_have_text("已答复")

    def test_the_city_is_asked_to_reconsider(self, desk, visit):
        visitor = desk(1)
        page = visitor.page
        match = Match.objects.get()
        page.keyboard.press("r")
        page.keyboard.press("1")
        sent(page)
        visitor.go(f"{DESK}?match={match.public_id}")
        page.get_by_role("button", name="请市里复议").click()
        dialog = page.get_by_role("dialog", name="请市里复议")
        dialog.get_by_label("理由").fill("企业来电说很需要。")
        dialog.get_by_role("button", name="请市里复议").click()
        expect(page.locator(".tp-state")).to_contain_text("企业来电说很需要。")
        city = visit()
        city.sign_in(make.city_officer())
        there = city.go(f"{DESK}?view=appeals")
        there.get_by_role("button", name="重新审核").click()
        dialog = there.get_by_role("dialog", name="撤回审核结果")
        dialog.get_by_label("理由").fill("请再看一次。")
        dialog.get_by_role("button", name="撤回，重新审核").click()
        sent(there)
        match.refresh_from_db()
        assert (match.status, match.appeal) == ("proposed", "")


class TestNetwork:
    def test_five_decisions_without_it_are_kept_sent_again_and_not_doubled(self, desk):
        visitor = desk(12)
        page = visitor.page
        page.wait_for_load_state("networkidle")
        visitor.context.set_offline(True)
        for _ in range(5):
            page.keyboard.press("a")
        expect(page.locator("#outbox")).to_contain_text("5 项操作待发送：已存在本机；网络断开")
        assert left(page) == 7 and Decision.objects.count() == 0

        page.route(f"**{DECIDE}", lambda route: route.abort())  # back, but not yet for what was kept
        visitor.context.set_offline(False)
        visitor.go(DESK)
        expect(page.locator("#outbox")).to_contain_text("5 项操作待发送")
        assert left(page) == 7 and Decision.objects.count() == 0
        assert page.locator(".q[data-state=accepted]").count() == 5

        page.unroute(f"**{DECIDE}")
        page.get_by_role("button", name="立即重发").click()
        sent(page)
        expect(page.locator("#outbox")).to_be_hidden()
        assert Match.objects.filter(status="accepted").count() == Decision.objects.count() == 5
        assert left(page) == 7
        assert page.evaluate("localStorage.length") == 0

    def test_an_answer_that_was_lost_on_the_way_does_not_double_the_step(self, desk):
        page = desk(3).page
        lost, is_back = [], []

        def lose(route):
            if is_back:
                return route.continue_()
            if not lost:
                route.fetch()
            lost.append(1)
            route.abort()

        page.route(f"**{DECIDE}", lose)
        page.keyboard.press("a")
        expect(page.locator("#outbox")).to_contain_text("1 项操作待发送")  # stays, also if it is sent again by itself
        is_back.append(1)
        page.get_by_role("button", name="立即重发", include_hidden=True).dispatch_event("click")
        sent(page)
        assert Decision.objects.count() == AuditRecord.objects.filter(action="审核匹配").count() == 1
        expect(page.locator("#troubles")).to_be_hidden()

    def test_conflicts_from_the_time_away_are_told(self, desk):
        visitor = desk(4)
        page = visitor.page
        page.wait_for_load_state("networkidle")
        visitor.context.set_offline(True)
        first = shown(page)
        page.keyboard.press("a")
        page.keyboard.press("a")
        page.keyboard.press("z")  # what was never sent is simply not sent
        accept_match(Match.objects.get(public_id=first), by=make.district_officer(name="李青"))
        visitor.context.set_offline(False)
        expect(page.get_by_role("alert")).to_contain_text("已由李青审核")
        visitor.watch.expect_refusal(409, DECIDE)
        assert Decision.objects.count() == 1 and left(page) == 3

    def test_a_session_that_ran_out_keeps_the_step_until_one_signs_in_again(self, desk, officer):
        visitor = desk(3)
        page = visitor.page
        page.wait_for_load_state("networkidle")
        cookies = visitor.context.cookies()
        visitor.context.clear_cookies(name="sessionid")
        page.keyboard.press("a")
        expect(page.locator("#outbox")).to_contain_text("登录已过期，请重新登录")
        visitor.context.add_cookies(cookies)
        page.get_by_role("button", name="立即重发").click()
        sent(page)
        assert kinds() == ["accept"]


class TestMany:
    def test_a_selection_with_preview_and_one_undo(self, desk):
        visitor = desk(6)
        page = visitor.page
        wait_until(lambda: page.evaluate(FETCHED, PAIRS) >= 2)  # one fetched later would tell that it is decided
        taken = Match.objects.order_by("-score")[1]
        accept_match(taken, by=make.district_officer(name="李青"))
        for row in page.locator(".q-pick input").all()[:3]:
            row.check()
        bar = page.get_by_role("group", name="批量审核")
        expect(bar).to_contain_text("已选 3 条")
        bar.get_by_role("button", name="退回…").click()
        dialog = page.get_by_role("dialog", name="批量退回")
        expect(dialog).to_contain_text("将退回 2 条，另有 1 条不会处理。")
        dialog.get_by_text("不会处理的 1 条").click()
        expect(dialog).to_contain_text("已由李青审核（已采纳）")
        dialog.get_by_role("radio", name="领域不符").check()
        dialog.get_by_role("button", name="退回 2 条").click()
        expect(page.locator("#toast")).to_contain_text("已批量退回 2 条")
        sent(page)
        assert Match.objects.filter(status="rejected").count() == 2
        expect(page.locator("#waiting")).to_have_text("3")
        page.keyboard.press("z")
        sent(page)
        expect(page.locator("#waiting")).to_have_text("5")
        assert Match.objects.filter(status="proposed").count() == 5


class TestPhone:
    def test_by_touch(self, chromium, live_server, desk, officer):
        visitor = desk(8, PHONE, needs=1)
        page = visitor.page
        assert page.evaluate(OVERFLOW) <= 0
        page.get_by_role("button", name="采纳", exact=True).click()
        page.get_by_role("button", name="退回", exact=True).click()
        dialog = page.get_by_role("dialog", name="退回原因")
        expect(dialog).to_be_in_viewport(ratio=0.9)
        dialog.get_by_text("价格或合作方式不合").click()
        dialog.get_by_role("button", name="退回这条匹配").click()
        page.get_by_role("button", name="更多").click()
        page.get_by_role("button", name="重复").click()
        dialog = page.get_by_role("dialog", name="与哪一条重复")
        dialog.get_by_role("radio").first.check()
        dialog.get_by_role("button", name="标为重复").click()
        page.get_by_role("button", name="队列").click()
        row = page.locator(".q[data-state=due] a").last
        row.click()
        expect(page.locator("#queue")).to_be_hidden()
        page.get_by_role("button", name="更多").click()
        page.get_by_role("toolbar").get_by_role("button", name="撤销").click()
        sent(page)
        assert kinds() == ["accept", "reject", "duplicate"]
        assert Decision.objects.filter(undone_at=None).count() == 2
        small = page.evaluate("""() => [...document.querySelectorAll(".tr-act > .btn, .tr-top .btn")].filter(
          (one) => one.offsetParent && Math.min(one.offsetHeight, one.offsetWidth) < 24).length""")
        assert small == 0


class TestAccess:
    def test_names_live_regions_and_no_barrier(self, desk, visit):
        visitor = desk(4, needs=2)
        page = visitor.page
        expect(page.get_by_role("navigation", name="匹配队列").get_by_role("listitem")).to_have_count(4)
        expect(page.get_by_role("main")).to_be_visible()
        toolbar = page.get_by_role("toolbar", name="审核操作")
        names = [button.get_attribute("aria-keyshortcuts") for button in toolbar.get_by_role("button").all()]
        assert names == ["a", "r", "h", "d", "q", "b", "g", "z", "k", "j"]
        page.keyboard.press("a")
        expect(page.get_by_role("status").filter(has_text="已采纳：")).to_contain_text("下一条：")
        expect(page.locator(".q a[aria-current=true]")).to_have_count(1)
        sent(page)
        assert faults(visitor) == []
        for key, name in (
            ("r", "退回原因"),
            ("h", "暂缓到哪一天"),
            ("d", "与哪一条重复"),
            ("q", "先问一个问题"),
            ("?", "快捷键"),
        ):
            page.keyboard.press(key)
            expect(page.get_by_role("dialog", name=name)).to_be_visible()
            assert faults(visitor) == [], name
            page.keyboard.press("Escape")

    def test_large_text_forced_colours_and_no_motion(self, desk):
        visitor = desk(4)
        page = visitor.page
        page.emulate_media(forced_colors="active", reduced_motion="reduce")
        page.set_viewport_size({"width": 640, "height": 450})  # a desk of 1280 × 900 at 200 %
        assert page.evaluate(OVERFLOW) <= 0
        page.get_by_role("button", name="采纳", exact=True).click()
        sent(page)
        assert kinds() == ["accept"]
        for name in ("退回", "暂缓"):
            page.get_by_role("button", name=name, exact=True).click()
            dialog = page.locator("dialog[open]")
            dialog.get_by_role("button", name="取消").click()
        assert page.evaluate("getComputedStyle(document.querySelector('.btn')).transitionDuration") == "0s"

    def test_the_auditor_reads_and_finds_nothing_to_press(self, visit):
        proposals(3)
        visitor = visit()
        visitor.sign_in(make.auditor())
        page = visitor.go(DESK)
        expect(page.locator(".tp")).to_be_visible()
        expect(page.get_by_role("toolbar")).to_have_count(0)
        page.keyboard.press("j")
        page.keyboard.press("a")
        assert Decision.objects.count() == 0
        assert faults(visitor) == []

    def test_nothing_waits(self, visit, officer):
        visitor = visit()
        visitor.sign_in(officer)
        page = visitor.go(DESK)
        expect(page.locator("#pair")).to_contain_text("没有等您审核的匹配了")
        page.keyboard.press("a")
        assert faults(visitor) == []
        visitor.go(reverse("admin:matching_triage_needs"))
        expect(page.locator("#need")).to_contain_text("没有等您审核的匹配了")
        assert faults(visitor) == []
