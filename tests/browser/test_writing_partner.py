"""The demand's form on a telephone: three screens, offers accepted in place, typed text kept for its user only."""

from playwright.sync_api import expect

from demands.models import Demand
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults
from tests.waiting import wait_until

NEW = "/workbench/demands/new/"
PROSE = "滚道磨削烧伤看不出来，每批只能抽检。希望检出率99%以上，检测时间不超过3分钟。联系人：张三 13812345678"
DRAFTS = (
    "Object.keys(localStorage).filter((name) => name.startsWith('draft.')).map((name) => localStorage[name]).join()"
)


def wait_for_drafts(page, is_as_wanted) -> None:
    """The text is kept a moment after the last key. Not by the page's own polling, which its policy forbids."""
    wait_until(lambda: is_as_wanted(page.evaluate(DRAFTS)))


SETTLED = """!document.querySelector('.htmx-request') && performance.now()
    - Math.max(0, ...performance.getEntriesByType('resource').map((entry) => entry.responseEnd)) > 1500"""


def wait_for_offers(page) -> None:
    """The form asks for offers a moment after the last change. To leave the page meanwhile aborts the request, and the
    console says so."""
    wait_until(lambda: page.evaluate(SETTLED))


def step(page, number: int) -> None:
    page.locator(".form-steps button").nth(number - 1).click()


def phone_faults(visitor) -> list[str]:
    """`faults` leaves the page wide."""
    complaints = faults(visitor)
    visitor.page.set_viewport_size(PHONE)
    return complaints


def test_a_demand_is_written_on_a_phone_and_its_typing_is_kept(visit):
    make.achievement(title="轴承套圈滚道磨削烧伤在线检测仪", summary="滚道上的烧伤用涡流法全检。")
    officer, colleague = make.firm_officer(), make.firm_officer()
    visitor = visit(PHONE)
    visitor.sign_in(officer)
    page = visitor.go(NEW)
    heights = []
    for number in (1, 2, 3):
        step(page, number)
        expect(page.locator(".step:visible")).to_have_count(1)
        heights.append(page.evaluate("document.documentElement.scrollHeight"))
        assert phone_faults(visitor) == []
    assert sum(heights) <= 3 * 900, heights

    step(page, 1)
    page.locator("#prose-fold summary").click()
    page.locator("#prose").fill(PROSE)
    accept = page.locator("#partner-offers li", has_text="检出率 ≥ 99 %").get_by_role("button")
    accept.click()
    expect(accept).to_have_count(0)
    step(page, 2)
    expect(page.locator("#id_indicators-0-name")).to_have_value("检出率")
    expect(page.locator("#id_indicators-0-unit")).to_have_value("%")
    step(page, 1)
    page.locator("#partner-all").click()
    expect(page.locator("#id_problem")).to_have_value("滚道磨削烧伤看不出来，每批只能抽检。")
    step(page, 3)
    page.locator("#id_contact_name").fill("李四")
    wait_for_drafts(page, lambda kept: "检测时间" in kept)
    assert "李四" not in page.evaluate(DRAFTS)
    wait_for_offers(page)

    # A refused save and a closed tab lose nothing; only the contact has to be filled in again.
    page.get_by_role("button", name="保存草稿", exact=True).last.click()
    expect(page.locator(".errsum")).to_be_visible()
    visitor.watch.expect_refusal(422, NEW)
    wait_for_offers(page)
    page.goto("about:blank")
    page = visitor.go(NEW)
    expect(page.locator(".kept-note")).to_contain_text("已恢复")
    step(page, 2)
    expect(page.locator("#id_indicators-1-name")).to_have_value("检测时间")
    step(page, 3)
    expect(page.locator("#id_contact_name")).to_have_value("")
    assert phone_faults(visitor) == []
    wait_for_offers(page)

    # A colleague at the same computer sees nothing of it, and a sign-out removes it.
    visitor.sign_in(colleague)
    page = visitor.go(NEW)
    expect(page.locator("#id_problem")).to_have_value("")
    expect(page.locator(".kept-note")).to_have_count(0)
    wait_for_offers(page)
    visitor.sign_in(officer)
    page = visitor.go(NEW)
    expect(page.locator(".kept-note")).to_be_visible()

    # Stored by the server, it is no draft any more.
    page.locator("#id_kind").select_option("problem")
    step(page, 3)
    page.locator("#id_contact_name").fill("李四")
    page.locator("#id_contact_phone").fill("0411-84700000")
    wait_for_offers(page)
    page.get_by_role("button", name="保存草稿", exact=True).last.click()
    expect(page.get_by_text("已保存“")).to_be_visible()
    assert [str(row) for row in Demand.objects.get().indicators.all()] == ["检出率 ≥ 99%", "检测时间 ≤ 3 分钟"]
    expect(page.locator("#record-form")).to_be_visible()
    wait_for_drafts(page, lambda kept: kept == "")
    wait_for_offers(page)
    page = visitor.go(NEW)
    expect(page.locator("#id_problem")).to_have_value("")
    page.locator("#id_title").fill("没有保存的名称")
    wait_for_drafts(page, lambda kept: "没有保存的名称" in kept)
    wait_for_offers(page)
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("link", name="登录").first).to_be_visible()
    assert page.evaluate(DRAFTS) == ""
