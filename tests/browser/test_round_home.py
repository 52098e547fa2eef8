"""A round made from the last one on three screens, to its home."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from rounds.models import DockingRound
from tests import factories as make
from tests.browser.barriers import barriers
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_pages import OVERFLOW


@pytest.mark.long
def test_a_round_is_made_from_the_last_one_and_begins_on_its_home(visit):
    begin = make.noon(days=-70) - timedelta(hours=3)
    last = make.docking_round(
        name="第二场对接会", starts_at=begin, ends_at=begin + timedelta(hours=8), place="会展中心"
    )
    last.host = make.organisation("city", "市科技局")
    last.save()
    make.hall(last, name="一号厅", tables=12)
    make.slots(last, 2)
    firm = make.party(last)
    visitor = visit(PHONE)
    visitor.sign_in(make.city_officer())
    page = visitor.go(reverse("admin:rounds_home", args=[last.pk]))
    page.get_by_role("link", name="照这一场办下一场").click()
    expect(page.get_by_label("活动名称")).to_have_value("第三场对接会")
    assert barriers(page, "main") == []
    page.get_by_role("button", name="建立活动").click()
    page.get_by_label("一号厅").fill("十二")
    page.get_by_role("button", name="保存，选参会单位").click()
    expect(page.get_by_role("alert").first).to_contain_text("一号厅")
    visitor.watch.expect_refusal(422, visitor.path)
    page.get_by_label("一号厅").fill("15")
    assert barriers(page, "main") == []
    page.get_by_role("button", name="保存，选参会单位").click()
    expect(page.get_by_role("checkbox")).not_to_be_checked()
    page.get_by_label(firm.full_name).check()
    assert barriers(page, "main") == []
    page.get_by_role("button", name="完成，到活动总览").click()
    expect(page.get_by_role("status")).to_contain_text("1 家单位列入名单，还没有邀请")
    for size in (PHONE, WIDE):
        page.set_viewport_size(size)
        assert page.evaluate(OVERFLOW) <= 0
        assert barriers(page, "main") == []
    page.get_by_role("link", name="发布活动").click()
    page.get_by_role("button", name="发布活动").click()
    expect(page.get_by_role("status")).to_contain_text("已发布，可以开始邀请。")
    expect(page.get_by_role("region", name="下一步")).to_contain_text("邀请名单上的 1 家单位")
    page.get_by_role("link", name="撤销“发布活动”").click()
    page.get_by_role("button", name="撤销“发布活动”").click()
    expect(page.get_by_role("region", name="下一步")).to_contain_text("发布活动")
    made = DockingRound.objects.get(name="第三场对接会")
    assert (made.status, made.halls.get().tables, made.parties.get().answer) == ("preparing", 15, "listed")
