"""The report of a round, on a desk and on a phone: followed to its rows, mended, released."""

from django.urls import reverse
from playwright.sync_api import expect

from rounds.models import RoundReport
from rounds.services.report import draft_report
from tests import factories as make
from tests.browser.barriers import barriers
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_pages import OVERFLOW
from tests.rounds.report.rounds import held_round, later


def test_a_report_is_mended_followed_and_released(visit):
    city = make.city_officer()
    first = held_round(name="秋季专场")
    s = held_round(**later(first.round))
    draft_report(s.round, by=city)
    visitor = visit()
    visitor.sign_in(city)
    page = visitor.go(reverse("admin:rounds_report", args=[s.round.pk]))
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        assert page.evaluate(OVERFLOW) <= 0
        assert barriers(page, "#rp") == []

    page.get_by_role("region", name="主要数字").get_by_role("row", name="意向金额").get_by_role(
        "link", name="100"
    ).click()
    expect(page.locator(".rp")).to_contain_text("大连东轴承有限公司")
    assert barriers(page, ".rp") == []
    page.get_by_role("link", name="回到活动总结").click()

    page.get_by_label("概况").fill("开场顺利。")
    page.get_by_role("button", name="保存文字").click()
    expect(page.get_by_role("status")).to_contain_text("已保存。")
    page.get_by_role("button", name="发布这一版").click()  # both files are set before it answers
    expect(page.get_by_role("status")).to_contain_text("已发布，Word 和 PDF 已保存，不能再改。")
    expect(page.get_by_role("button", name="保存文字")).to_have_count(0)
    assert barriers(page, "#rp") == []
    report = RoundReport.objects.get()
    assert report.status == RoundReport.Status.RELEASED
