"""A new firm in one sitting: it signs up, types its problem, finds a candidate, asks; the institution answers on a
telephone, they choose a time, both agree, both have an intent, a deal is opened.
"""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import SignUp
from deals.models import Deal
from enquiries.models import Approach
from members.services.sign_ups import approve_sign_up
from sheets.credit_code import check_character
from tests import factories as make
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.long
PASSWORD = "Demo-pass-2026"
CODE = "91210200MADEM0007"
SIGN_UP = {
    "企业名称": "大连新芽电池有限公司",
    "统一社会信用代码": CODE + check_character(CODE),
    "联系人": "游千帆",
    "联系电话": "13904110009",
    "用户名": "newfirm",
    "密码": PASSWORD,
    "再次输入密码": PASSWORD,
}


def test_from_sign_up_to_a_deal(visit):
    district = make.district_officer()
    achievement = make.achievement()
    office_user = make.institution_officer(achievement.institution)
    firm, office = visit(), visit(PHONE)
    _sign_up(firm)
    approve_sign_up(SignUp.objects.get(), by=district, checks=["已核对营业执照"])
    page = firm.go(reverse("home"))
    page.get_by_label("您的难题", exact=True).fill("电池的正极材料循环寿命太短，跑三百次就衰减，想把循环寿命提高一倍。")
    page.get_by_role("button", name="找能解决的").click()
    candidate = page.get_by_role("article").filter(has_text=achievement.title)
    expect(candidate).to_contain_text("循环寿命")
    candidate.get_by_role("link", name="我想谈这项").click()
    page.get_by_label("一个问题").fill("一条老产线想换这套装置，厂房层高六米，放得下吗？")
    page.get_by_label("想试用或打样").check()
    page.get_by_label("先匿名").check()
    page.get_by_role("button", name="下一步：登录后发出").click()
    page.get_by_label("用户名").fill("newfirm")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_label("一个问题")).to_have_value("一条老产线想换这套装置，厂房层高六米，放得下吗？")
    expect(page.get_by_label("先匿名")).to_be_checked()
    page.get_by_role("button", name="发出询问").click()
    expect(page.locator("[aria-current=step]")).to_contain_text("已送达")
    thread = firm.path
    firm_name = Approach.objects.get().firm.name

    phone = office.sign_in(office_user)
    office.go(reverse("workbench"))
    phone.get_by_role("link", name="去答复").first.click()
    phone.get_by_role("link", name=achievement.title).click()
    expect(phone.get_by_role("button", name="标为已读")).to_have_count(0)  # the page has said so itself
    expect(phone.locator("body")).not_to_contain_text(firm_name)
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    phone.get_by_label("要说的话").fill("放得下，层高五米即可。")
    phone.get_by_role("button", name="发送").click()
    expect(phone.get_by_text("已发送。")).to_be_visible()
    phone.get_by_text("约个时间谈").click()
    moment = timezone.localtime() + timedelta(days=2)
    phone.get_by_label("时间 1").fill(moment.strftime("%Y-%m-%dT14:00"))
    phone.get_by_label("地点或方式").fill("网络会议")
    phone.get_by_role("button", name="提出时间").click()
    expect(phone.get_by_text("等对方选定").first).to_be_visible()

    page = firm.go(thread)
    expect(page.get_by_text("放得下，层高五米即可。")).to_be_visible()
    page.get_by_role("button", name="选这个时间").click()
    expect(page.get_by_role("link", name="加入日历")).to_be_visible()
    _agree(page, "企业对接人", "13904110001", button="提出转入对接")
    phone = office.go(thread)
    _agree(phone, "院校对接人", "13904110002", button="同意，转入对接")
    expect(phone.locator("body")).to_contain_text(firm_name)

    for visitor, button in ((firm, "我方有意向"), (office, "确认")):
        visitor.go(thread).get_by_role("link", name="打开对接").click()
        visitor.page.get_by_role("button", name=button, exact=True).click()
        expect(visitor.page.get_by_role("status")).to_be_visible()
    staff = visit()
    staff.sign_in(district)
    page = staff.go(firm.path)
    page.get_by_role("button", name="转入成交").click()
    page.wait_for_url("**/deals/**")
    assert Deal.objects.get().origin == Deal.Origin.APPROACH
    firm.go(reverse("demand_detail", args=[Approach.objects.get().demand.public_id]))
    visit().go(reverse("demand_detail", args=[Approach.objects.get().demand.public_id]), status=404)


def _sign_up(firm) -> None:
    page = firm.go(reverse("sign_up"))
    for label, value in SIGN_UP.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("所属区市县").select_option(label="金普新区")
    page.get_by_label("我同意平台").check()
    page.get_by_role("button", name="提交注册申请").click()
    expect(page.get_by_text("待审核")).to_be_visible()


def _agree(page, name: str, phone: str, *, button: str) -> None:
    section = page.locator("section", has=page.get_by_text("转入对接", exact=False)).filter(has=page.locator("#dock-h"))
    if not section.get_by_label("联系人姓名").is_visible():
        section.locator("#dock-h").click()
    section.get_by_label("联系人姓名").fill(name)
    section.get_by_label("联系电话").fill(phone)
    section.get_by_label("联系人本人同意").check()
    section.get_by_role("button", name=button).click()
