"""A need that nothing fits becomes a call, is bid for on a telephone, opened by two, reviewed, awarded, paid by
milestones."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from challenges.models import Bid, Challenge
from deals.models import Deal
from mechanism.models import ChallengeReview
from mechanism.services.challenge_reviews import declare_no_relation, give_scores
from tests import factories as make
from tests.achievements import uploads
from tests.browser.conftest import PHONE
from tests.challenges import calls

pytestmark = pytest.mark.long
ROUTE = "三维视觉识别，力控抓取，先台架后上桥"
PDF = {"name": "材料.pdf", "mimeType": "application/pdf", "buffer": uploads.PDF}


def test_from_a_need_to_a_milestone(visit):
    people = calls.city(budget_min_wan=150)
    experts = calls.experts()
    officer = make.institution_officer(make.institution("揭榜大学"))
    firm, staff = visit(), visit()
    bidder = visit(PHONE, javascript=False)  # nothing typed is lost without a script either

    firm.sign_in(people.owner)
    page = firm.go(reverse("own_challenges"))
    page.get_by_role("button", name="起草榜单").click()
    _write_terms(page)
    expect(page.get_by_text("齐全")).to_be_visible()
    page.get_by_label("同意按这些条款公开发榜").check()
    page.get_by_role("button", name="同意并提交").click()
    expect(page.get_by_text("待区县核对")).to_be_visible()
    challenge = Challenge.objects.get()
    for user, button in ((people.district, "核对通过"), (people.city, "发榜")):
        staff.sign_in(user)
        page = staff.go(reverse("admin:challenges_page", args=[challenge.public_id]))
        page.get_by_role("button", name=button, exact=True).click()
        expect(page.get_by_role("status")).to_be_visible()

    phone = bidder.sign_in(officer)
    bidder.go(reverse("challenge_detail", args=[challenge.public_id]))
    expect(phone.get_by_text("≤ 70 秒").first).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    phone.locator(".cta-m").get_by_role("button", name="我来揭榜").click()  # stays in reach of the thumb
    phone.get_by_label("团队").fill("先写一句")
    phone.locator("#id_file").set_input_files(PDF)
    phone.get_by_role("button", name="上传", exact=True).click()
    expect(phone.get_by_role("status")).to_contain_text("已上传")
    expect(phone.get_by_label("团队")).to_have_value("先写一句")  # saved with the file
    _write_bid(phone)
    expect(phone.locator("#receipt-h")).to_be_visible()
    phone.get_by_label("团队").fill("四名骨干，能驻场")
    phone.get_by_label("报价（万元）").press("Enter")  # saves, and does not take back what was handed in
    expect(phone.get_by_role("status")).to_contain_text("草稿已保存")
    expect(phone.get_by_label("团队")).to_have_value("四名骨干，能驻场")
    expect(phone.locator("#receipt-h")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    bid = Bid.objects.get()
    staff.go(reverse("bid_read", args=[bid.public_id]), status=404)

    calls.past_deadline(challenge)
    page = staff.go(reverse("admin:challenges_page", args=[challenge.public_id]))
    page.get_by_role("button", name="发起开标").click()
    expect(page.get_by_text("开标由您发起")).to_be_visible()
    page = firm.go(reverse("own_challenge", args=[challenge.public_id]))
    page.get_by_role("button", name="一起开标").click()
    page.get_by_role("link", name="揭榜大学").click()
    expect(page.get_by_text(ROUTE)).to_be_visible()

    page = staff.go(reverse("admin:mechanism_challenge_review", args=[challenge.public_id]))
    for expert in experts:
        page.get_by_label(str(expert)).check()
    page.get_by_role("button", name="邀请", exact=True).click()
    expect(page.get_by_text("待评审")).to_have_count(3)
    first, *others = ChallengeReview.objects.order_by("pk")
    _score(visit(), first)
    for review in others:
        declare_no_relation(review)
        scores = dict.fromkeys(("industry", "basis", "technology", "finance"), 70)
        give_scores(review, scores={bid.pk: scores}, comments={bid.pk: "路线可行，指标可以考核。"})
    page = staff.go(reverse("admin:mechanism_challenge_review", args=[challenge.public_id]))
    page.get_by_label("揭榜大学（76.67 分）").check()
    page.get_by_label("评审结论").fill("推荐一份，达到榜单指标。")
    page.get_by_role("button", name="结束评审，请企业选定").click()
    expect(page.get_by_role("status")).to_be_visible()

    page = firm.go(reverse("own_challenge", args=[challenge.public_id]))
    page.get_by_label("揭榜大学（76.67 分）").check()
    page.get_by_label("理由").fill("指标最好，有现场记录。")
    page.get_by_role("button", name="选定并公示").click()
    expect(page.get_by_role("status")).to_be_visible()
    reader = visit().go(reverse("challenge_detail", args=[challenge.public_id]))
    expect(reader.get_by_text("登录后可以对结果提出异议")).to_be_visible()
    yesterday = timezone.now() - timedelta(days=1)
    Challenge.objects.update(chosen_at=yesterday, public_until=timezone.localdate(yesterday))
    page = staff.go(reverse("admin:challenges_page", args=[challenge.public_id]))
    page.get_by_role("button", name="确认", exact=True).click()
    expect(page.get_by_role("status")).to_be_visible()
    page = firm.go(reverse("own_challenge", args=[challenge.public_id]))
    page.get_by_role("button", name="建立成交项目").click()
    expect(page.get_by_text("还没有到账记录")).to_be_visible()
    deal = Deal.objects.get(origin=Deal.Origin.CHALLENGE)
    assert deal.open_challenge.list_number == challenge.list_number
    _sign_and_pay(deal, firm=firm, bidder=bidder, staff=staff)
    page = firm.go(reverse("own_challenge", args=[challenge.public_id]))
    expect(page.locator("#deal-h + div")).to_contain_text("到账 60 万元 认得出 已核实")


def _sign_and_pay(deal: Deal, *, firm, bidder, staff) -> None:
    """The city records the signing, both confirm; the firm records what it has paid, both and the city stand by it."""
    address = reverse("deal", args=[deal.public_id])
    expect(firm.go(address).get_by_text("下一步：双方商定并签订合同")).to_be_visible()
    page = staff.go(address)
    page.get_by_label("签约金额（万元）").first.fill("140")
    page.get_by_label("转化方式").select_option("commissioned")
    page.get_by_role("button", name="记录签约").click()
    expect(page.get_by_role("status")).to_contain_text("已记录签约")
    for visitor in (firm, bidder):
        _confirm(visitor)
    page = firm.go(address)
    page.get_by_text("记录到账", exact=True).first.click()
    page.get_by_label("到账金额（万元）").fill("60")
    page.locator("#id_payment-note").fill("认得出")
    page.locator("#id_payment-voucher").set_input_files(PDF)
    page.get_by_role("button", name="记录到账").click()
    expect(page.get_by_role("status")).to_contain_text("已记录到账")
    page = firm.go(reverse("own_challenge", args=[deal.challenge.public_id]))
    expect(page.locator("#deal-h + div")).to_contain_text("核实凭证以后计入")
    _confirm(bidder)
    page = staff.go(address)
    page.get_by_label("核实结果").select_option("yes")
    page.get_by_role("button", name="记录核实结果").click()
    expect(page.get_by_role("status")).to_contain_text("已记录核实结果")


def _confirm(visitor) -> None:
    """The one record that waits for the visitor's word."""
    page = visitor.go(reverse("confirmations"))
    page.get_by_role("link", name="去核对").click()
    page.get_by_role("button", name="确认无误").click()
    expect(page.get_by_role("status")).to_contain_text("已确认")


def _write_terms(page) -> None:
    selectors = ("#id_basis_weight", "[for=id_basis_weight]")
    field, label = (page.locator(selector).bounding_box() for selector in selectors)
    assert field["y"] - label["y"] - label["height"] >= 5  # the ring of a focused field is clear of its label
    page.get_by_label("榜单题目").fill("岸桥下自动拆装转锁")
    page.get_by_label("谁可以揭榜").fill("高校、院所，或者几家联合\n做过识别加抓取的实物")
    page.get_by_label("总投入（万元）").fill("300")
    indicator = {"指标": "拆锁时间", "数值": "70", "单位": "秒", "现在是多少": "240", "怎样验收": "现场连续 200 箱"}
    for label, value in indicator.items():
        page.get_by_label(f"第 1 行，{label}", exact=True).fill(value)
    page.locator("#id_indicator-0-comparison").select_option(label="≤")
    for line, (month, title, standard, percent) in enumerate(
        (("4", "认得出", "八种", "40"), ("12", "上桥", "200 箱", "60"))
    ):
        for name, value in (("month", month), ("title", title), ("standard", standard), ("percent", percent)):
            page.locator(f"#id_milestone-{line}-{name}").fill(value)
    page.get_by_role("button", name="保存", exact=True).click()


def _write_bid(page) -> None:
    values = {"团队": "三名骨干，能驻场", "研究基础": "有样机", "技术路线": ROUTE, "经费预算": "设备 60，人工 80"}
    values |= {"报价（万元）": "140", "承诺：": "≤ 65 秒", "“认得出”": "先认八种", "“上桥”": "夜间连续试"}
    for label, value in values.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="保存并密封递交").click()


def _score(visitor, review: ChallengeReview) -> None:
    page = visitor.go(reverse("challenge_review", args=[review.code]))
    expect(page.get_by_text("揭榜大学")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text(ROUTE)
    page.get_by_label("我与发榜企业").check()
    page.get_by_role("button", name="声明并看方案").click()
    expect(page.get_by_text(ROUTE)).to_be_visible()
    for label in ("产业带动作用", "研究基础", "技术指标", "财务指标"):
        page.get_by_label(f"方案 1：{label}").fill("90")
    page.get_by_label("方案 1：意见").fill("路线可行，指标可以考核，建议现场先核。")
    page.get_by_role("button", name="提交评审").click()
    expect(page.get_by_text("已收到您的评审")).to_be_visible()
