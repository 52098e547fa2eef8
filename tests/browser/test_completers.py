"""The office asks a completer on a phone and lets a college take part; what both change comes back field by field."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from achievements.services.revisions import pending_revision
from portfolio.models import RenewalAnswer
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults


def test_a_renewal_answered_on_a_phone_and_a_proposal_of_a_college(visit):
    school = make.institution()
    office, lead = (
        make.institution_officer(school),
        {"lead_person": "周老师", "college": "化工学院", "institution": school},
    )
    near = timezone.localdate() + timedelta(days=9)
    valid, changed = (make.achievement(title=title, expires_on=near, **lead) for title in ("甲成果", "乙成果"))

    desk = visit()
    page = desk.sign_in(office)
    desk.go(reverse("my_achievements"))
    for item in (valid, changed):
        page.locator(f"input[name=chosen][value='{item.public_id}']").check()
    page.get_by_role("button", name="请负责人核对").click()
    page.get_by_role("button", name="发起，生成链接").click()
    expect(page.get_by_text("已发起，1 个链接")).to_be_visible()
    assert faults(desk) == []
    link = page.locator("input[value^='http'][value*='/renewals/'], textarea:has-text('/renewals/')").first
    path = "/renewals/" + link.input_value().split("/renewals/")[1].split("/")[0] + "/"

    phone = visit(PHONE)
    answer = phone.go(path)
    assert faults(phone) == []
    answer.locator("section", has_text="甲成果").get_by_role("button", name="仍有效").tap()
    expect(answer.get_by_text("您的答复：仍有效")).to_be_visible()
    part = answer.locator("section", has_text="乙成果")
    part.get_by_text("有更正").tap()
    part.get_by_label("应用场景").fill("用于海上平台的防腐。")
    part.get_by_label("意向价格下限").fill("120")
    part.get_by_role("button", name="提交更正").tap()
    expect(answer.get_by_text("都已答复，谢谢。")).to_be_visible()
    assert faults(phone) == []

    desk.go(reverse("renewal_answers"))
    page.get_by_role("button", name="全部续期两年").click()
    expect(page.get_by_text("已续期 1 项")).to_be_visible()
    page.get_by_label("采纳：意向价格下限").uncheck()
    page.get_by_role("button", name="采纳勾选的，并续期").click()
    expect(page.get_by_text("没有等处理的答复")).to_be_visible()
    for item in (valid, changed):
        item.refresh_from_db()
        assert item.expires_on > near
    assert set(pending_revision(changed).after) == {"scenario"} and changed.price_min_wan is None
    assert not RenewalAnswer.objects.undecided().exists()

    desk.go(reverse("delegations"))
    page.get_by_label("学院", exact=True).select_option("化工学院")
    page.get_by_label("学院经办人的邮箱").fill("dean@example.cn")
    page.get_by_role("button", name="发出邀请").click()
    invitation = page.get_by_role("textbox", name="链接").input_value()
    assert faults(desk) == []
    college = visit(PHONE)
    joining = college.go("/invitations/" + invitation.split("/invitations/")[1])
    values = {"收到邀请的邮箱": "dean@example.cn", "姓名": "李老师", "用户名": "dean"}
    for label, value in values.items():
        joining.get_by_label(label).fill(value)
    for label in ("密码", "再次输入密码"):
        joining.get_by_label(label, exact=True).fill("Xk-93kd-ppQz-2d")
    joining.get_by_role("button", name="建立账号并加入").tap()
    joining.get_by_label("用户名").fill("dean")
    joining.get_by_label("密码", exact=True).fill("Xk-93kd-ppQz-2d")
    joining.get_by_label("密码", exact=True).press("Enter")
    joining.get_by_role("link", name="查看成果").tap()
    expect(joining.get_by_role("heading", name="授权给我的成果")).to_be_visible()
    assert faults(college) == []
    joining.get_by_role("link", name="甲成果").tap()
    joining.get_by_label("希望的合作方").fill("有中试线的本地企业")
    joining.get_by_role("button", name="提交给单位").tap()
    expect(joining.get_by_role("heading", name="您的修改建议，等单位处理")).to_be_visible()
    assert faults(college) == []
    desk.go(reverse("proposals"))
    assert faults(desk) == []
    page.get_by_role("button", name="采纳勾选的").click()
    expect(page.get_by_text("没有等处理的建议")).to_be_visible()
    assert set(pending_revision(valid).after) == {"wanted_partner"}
