"""A broker works a mandate: a firm asks, he accepts on a telephone, the firm confirms, he asks an institution in its
name, both sides agree for themselves, a deal and its commission follow, and the contract is registered.
"""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from brokerage.models import Commission, HelpRequest
from deals.models import Contract, Deal
from deals.services.deals import open_deal
from enquiries.models import Approach
from enquiries.services.docking import agree_to_dock
from enquiries.services.thread import post_message
from mandates.models import Mandate
from matching.services.confirmations import state_stance
from tests import factories as make
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.long


def test_from_the_request_to_the_registered_contract(visit):
    district, broker, firm_row = make.district_officer(), make.broker_account(), make.firm()
    officer, achievement = make.firm_officer(firm_row), make.achievement()
    office_user = make.institution_officer(achievement.institution)
    firm, agent = visit(), visit(PHONE)

    firm.sign_in(officer)
    page = firm.go(reverse("broker_detail", args=[broker.public_id]))
    page.get_by_role("link", name="帮我找", exact=True).click()
    page.get_by_label("想请帮什么忙").fill("想找提高电池循环寿命的办法，请帮忙联系院所。")
    page.get_by_role("button", name="发出").click()
    expect(page.get_by_role("status")).to_contain_text("已送达")

    agent.sign_in(broker.user)
    phone = agent.go(reverse("pipeline"))
    phone.get_by_role("link", name="想找提高电池循环寿命的办法").click()
    phone.get_by_role("button", name="接受", exact=True).click()
    phone.get_by_label("以企业名称公开需求").check()
    phone.get_by_role("button", name="请对方确认").click()
    expect(phone.get_by_role("status")).to_contain_text("确认后")
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0

    page = firm.go(reverse("mandate", args=[Mandate.objects.get().public_id]))
    column = page.locator(".aside")
    assert column.locator(".panel").bounding_box()["width"] <= column.bounding_box()["width"]  # with a file input in it
    page.get_by_role("button", name="同意委托").click()
    expect(page.get_by_role("status")).to_contain_text("委托生效")

    phone = agent.go(reverse("achievement_detail", args=[achievement.public_id]))
    phone.get_by_label("一个问题").fill("一条老产线想换这套装置，放得下吗？")
    phone.get_by_role("button", name="发出询问").click()
    expect(phone.locator("body")).to_contain_text("您受托办理")
    approach = Approach.objects.get()
    post_message(approach, text="放得下。", by=office_user)
    for by, organisation in ((office_user, achievement.institution), (officer, firm_row)):  # each for itself
        agree_to_dock(approach, contact=make.contact(organisation), consents=True, by=by)
    approach.refresh_from_db()
    follow_up = approach.match.follow_up
    for side, by in (("office", office_user), ("firm", officer)):
        state_stance(follow_up, side=side, stance="intent", by=by)
    follow_up.refresh_from_db()
    deal = open_deal(follow_up, by=district)
    assert deal.broker == broker

    phone = agent.go(reverse("pipeline"))
    expect(phone.get_by_role("heading", name="意向")).to_be_visible()
    phone.get_by_role("link", name=deal.name).click()
    phone.get_by_role("link", name="约定佣金").click()
    phone.get_by_label("比例（%）").fill("3")
    phone.get_by_label("按什么计算").select_option(label="登记合同的成交额")
    phone.get_by_label("何时支付").select_option(label="合同登记后 30 天内")
    phone.get_by_role("button", name="请对方同意").click()
    expect(phone.get_by_text("待对方同意")).to_be_visible()
    page = firm.go(reverse("commission", args=[Commission.objects.get().public_id]))
    page.get_by_role("button", name="同意", exact=True).click()

    _sign_and_register(deal, staff=visit(), agent=agent, district=district)
    page = firm.go(reverse("commission", args=[Commission.objects.get().public_id]))
    expect(page.locator("dl.figures")).to_contain_text("3万元")  # of 100 万元
    phone = agent.go(reverse("pipeline"))
    expect(phone.get_by_role("heading", name="登记")).to_be_visible()
    assert HelpRequest.objects.get().mandate == Mandate.objects.get()
    page = firm.go(reverse("mandate", args=[Mandate.objects.get().public_id]))
    expect(page.get_by_text("发起主动对接")).to_be_visible()
    page.get_by_text("终止委托").click()
    page.get_by_role("button", name="立即终止").click()
    agent.go(reverse("approach", args=[approach.public_id]), status=404)


def _sign_and_register(deal: Deal, *, staff, agent, district) -> None:
    """The district records the signing, the broker fills in the form of the contract, the city its registration."""
    today = timezone.localdate().isoformat()
    staff.sign_in(district)
    page = staff.go(reverse("deal", args=[deal.public_id]))
    page.get_by_label("签约日期").fill(today)
    page.get_by_label("签约金额（万元）").first.fill("100")
    page.get_by_label("转化方式").select_option("commissioned")
    page.get_by_role("button", name="记录签约").click()
    expect(page.get_by_text("协议签约").first).to_be_visible()
    make.confirmed(Deal.objects.get(pk=deal.pk))
    phone = agent.go(reverse("deal", args=[deal.public_id]))
    phone.get_by_role("button", name="填报合同登记表").click()
    phone.get_by_role("button", name="已提交登记部门").click()
    expect(phone.get_by_role("status")).to_be_visible()
    staff.sign_in(make.city_officer())
    page = staff.go(reverse("contract", args=[Contract.objects.get().public_id]))
    page.get_by_label("登记编号").fill(make.registration_number())
    page.get_by_label("登记日期").fill(today)
    page.get_by_role("button", name="记为已登记").click()
    expect(page.get_by_role("status")).to_be_visible()
    deal.refresh_from_db()
    assert deal.stage == "registered"
