"""The district's review, by hand in the admin."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from audit.models import AuditRecord
from matching.models import Match
from tests import factories as make
from tests.browser.conftest import PHONE

LIST = reverse("admin:matching_match_changelist")


@pytest.fixture
def two_matches():
    """For firms of 金普新区, and one for a firm elsewhere that its officers may not see."""
    firm = make.firm("大连示例轴承有限公司")
    make.match(demand=make.demand(firm=make.firm("大连别处有限公司", region_code="gaoxin")))
    return [make.match(demand=make.demand(firm=firm)) for _ in range(2)]


def address(match) -> str:
    return reverse("admin:matching_match_change", args=[match.pk])


def press(page, name: str, *, submit: str = "") -> None:
    """A step at the top of the form, then the button of its dialog."""
    page.get_by_role("link", name=name, exact=True).click()
    page.locator("#dialog").get_by_role("button", name=submit or name, exact=True).click()


class TestDistrict:
    def test_sees_the_evidence_accepts_one_and_rejects_one_with_a_reason(self, visit, two_matches):
        officer = make.district_officer()
        wanted, unwanted = two_matches
        visitor = visit()
        visitor.sign_in(officer)
        page = visitor.go(LIST)
        expect(page.get_by_text("大连示例轴承有限公司 · 金普新区")).to_have_count(2)
        expect(page.get_by_text("大连别处有限公司")).to_have_count(0)
        page.get_by_role("row", name=wanted.demand.title).get_by_role("link").first.click()
        page.wait_for_url(f"**{address(wanted)}*")

        expect(page.locator(".ev-score")).to_contain_text("80")
        expect(page.locator(".ev-why mark")).to_have_text(["正极材料", "循环寿命"])
        expect(page.locator(".ev-facts")).to_contain_text("成果价格、需求预算面议")
        expect(page.locator(".ev-pair")).to_contain_text(wanted.demand.problem)
        expect(page.locator(".ev-pair")).to_contain_text(wanted.achievement.summary)

        press(page, "采纳")
        expect(page.get_by_text("已采纳这条匹配。")).to_be_visible()
        expect(page.get_by_role("link", name="退回", exact=True)).to_have_count(0)

        visitor.go(address(unwanted))
        press(page, "退回")
        dialog = page.locator("#dialog")
        expect(dialog).to_be_visible()  # nothing is chosen for the officer, and without a reason nothing happens
        expect(dialog).to_contain_text("请选择退回原因。")
        dialog.get_by_label("退回原因").select_option(label="指标不符")
        dialog.get_by_label("补充说明（选填）").fill("循环次数只有要求的一半。")
        dialog.get_by_role("button", name="退回", exact=True).click()
        expect(page.get_by_text("已退回这条匹配。")).to_be_visible()
        expect(page.locator("#content")).to_contain_text("指标不符")

        wanted.refresh_from_db()
        unwanted.refresh_from_db()
        assert (wanted.status, wanted.reviewed_by) == (Match.Status.ACCEPTED, officer)
        assert (unwanted.status, unwanted.reject_reason) == (Match.Status.REJECTED, Match.RejectReason.INDICATOR)
        assert unwanted.review_note == "循环次数只有要求的一半。"
        assert AuditRecord.objects.filter(action="审核匹配", actor=officer).count() == 2

    def test_a_colleague_with_an_old_page_is_told(self, visit, two_matches):
        match = two_matches[0]
        first, second = make.district_officer(name="先来的"), make.district_officer(name="后到的")
        early, late = visit(), visit()
        for visitor, officer in ((early, first), (late, second)):
            visitor.sign_in(officer)
            visitor.go(address(match))
        late.page.get_by_role("link", name="退回", exact=True).click()
        dialog = late.page.locator("#dialog")
        dialog.get_by_label("退回原因").select_option(label="领域不符")

        press(early.page, "采纳")
        expect(early.page.get_by_text("已采纳这条匹配。")).to_be_visible()

        dialog.get_by_role("button", name="退回", exact=True).click()
        notice = late.page.get_by_text("本次操作没有生效")
        expect(notice).to_contain_text("已由先来的审核（已采纳）")
        match.refresh_from_db()
        assert (match.status, match.reviewed_by) == (Match.Status.ACCEPTED, first)

    def test_several_at_once_from_the_list(self, visit, two_matches):
        visitor = visit()
        visitor.sign_in(make.district_officer())
        page = visitor.go(LIST)
        page.locator("#action-toggle").check()
        page.locator("select[name=action]").select_option(label="退回所选匹配")
        page.get_by_role("button", name="执行").click()
        expect(page.get_by_text("共选中 2 项")).to_be_visible()
        page.get_by_label("退回原因").select_option(label="阶段过早")
        page.get_by_role("button", name="退回", exact=True).click()
        expect(page.get_by_text("已退回 2 条匹配。")).to_be_visible()
        assert set(Match.objects.filter(status="rejected").values_list("pk", flat=True)) == {m.pk for m in two_matches}

    def test_on_a_phone(self, visit, two_matches):
        visitor = visit(PHONE)
        visitor.sign_in(make.district_officer())
        page = visitor.go(address(two_matches[0]))
        page.get_by_role("button", name="操作").or_(page.locator("a", has_text="more_horiz")).first.click()
        press(page, "采纳")
        expect(page.get_by_text("已采纳这条匹配。")).to_be_visible()
