"""The office hands a question over by key, the completer answers on a telephone, the office sends, the firm reads."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from correspondence.handover_links import token_of
from correspondence.models import Handover
from enquiries.models import Approach
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults

pytestmark = pytest.mark.long
TITLE = "水下超声检测与长长长长长长长长长长长长长长长长长长长长长长长长长长长的名称"


def test_a_question_goes_to_a_completers_phone_and_the_answer_to_the_firm(visit):
    item = make.achievement(title=TITLE, lead_person="张三")
    firm_user = make.firm_officer(make.firm("大连隐名重工有限公司"))
    make.approach(achievement=item, by=firm_user, is_anonymous=True, text="水深两百米还能测吗？有没有数据？")
    make.approach(
        achievement=make.achievement(institution=item.institution), firm=make.firm(), text="另一个问题：能便宜些吗？"
    )
    approach = Approach.objects.get(achievement=item)
    office, phone, firm = visit(), visit(PHONE), visit(PHONE)
    office.sign_in(make.institution_officer(item.institution))
    page = office.go(reverse("inbox"))
    assert faults(office) == []
    page.locator("body").press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    rows = page.locator("#inbox li")
    expect(rows.first).to_have_class("on")
    at = 0 if TITLE in rows.first.inner_text() else 1
    if at:
        page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(page.get_by_role("button", name="标为已读")).to_have_count(0)  # the page has told the firm that it is read
    page.locator("body").press("h")
    expect(page.get_by_label("交给谁")).to_be_focused()
    page.get_by_label("交给谁").select_option(label="张三")
    page.get_by_label("给完成人的话").fill("请写深度和误差。")
    page.get_by_role("button", name="交给完成人", exact=True).last.click()
    link = page.get_by_label("发给对方的话")
    handover = Handover.objects.get()
    path = reverse("handover", args=[token_of(handover)])
    expect(link).to_have_value(re.compile(re.escape(path)))
    assert faults(office) == []

    page = phone.go(path)
    assert faults(phone) == []
    page.set_viewport_size(PHONE)
    assert "隐名" not in page.content()
    page.get_by_label("您的答复").fill("打我手机 13940001234")
    page.get_by_role("button", name="交答复").click()
    phone.watch.expect_refusal(422, path)
    expect(page.get_by_role("alert").first).to_contain_text("手机")
    expect(page.get_by_label("您的答复")).to_have_value("打我手机 13940001234")
    page.get_by_label("您的答复").fill("两百米误差 <3%，有三年数据。")
    page.get_by_role("button", name="交答复").click()
    expect(page.get_by_text("已收到您的答复")).to_be_visible()

    page = office.go(reverse("inbox") + "?state=approve")
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_label("答复", exact=True)).to_have_value("两百米误差 <3%，有三年数据。")
    page.get_by_role("button", name="核对无误，发给对方").click()
    expect(page.get_by_text("另一个问题").first).to_be_visible()  # on to the next row that waits

    firm.sign_in(firm_user)
    page = firm.go(reverse("approach", args=[approach.public_id]))
    expect(page.get_by_text("两百米误差 <3%，有三年数据。")).to_be_visible()
    expect(page.get_by_text("由完成人提供，科技处发送")).to_be_visible()
    assert "张三" not in page.content()
