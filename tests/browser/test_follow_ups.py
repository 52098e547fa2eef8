"""Both sides answer, each in a browser of its own: on a desk and on a phone; then they see each other's contact."""

from django.urls import reverse
from playwright.sync_api import expect

from accounts.models import Contact
from matching.services.review import accept_match
from tests import factories as make
from tests.browser.conftest import PHONE, WIDE
from tests.browser.test_pages import faults


def test_both_sides_answer_and_meet(visit):
    district, match = make.district_officer(), make.match()
    offered, needed = match.achievement, match.demand
    for item, organisation, name in ((offered, offered.institution, "司徒某"), (needed, needed.firm, "欧阳某")):
        item.contact = Contact.objects.create(organisation=organisation, name=name, phone="13904110001")
        item.save()
    accept_match(match, by=district)
    address = reverse("follow_up", args=[match.follow_up.public_id])

    office = visit(PHONE)
    page = office.sign_in(make.institution_officer(offered.institution))
    office.go(reverse("workbench"))
    page.get_by_role("link", name="去答复").click()
    page.get_by_role("link", name=offered.title).click()
    assert faults(office) == []
    page.get_by_text("愿意对接", exact=True).first.click()
    expect(page.get_by_label("联系人姓名")).to_be_hidden()
    page.get_by_label("由谁与对方联系").first.select_option("new")
    expect(page.get_by_label("联系人姓名")).to_be_visible()
    page.get_by_label("由谁与对方联系").first.select_option(str(offered.contact_id))
    page.get_by_role("button", name="答复“愿意”").click()
    office.watch.expect_refusal(422, address + "answer/")
    expect(page.get_by_role("alert")).to_contain_text("请勾选同意")
    assert faults(office) == []
    page.get_by_label("联系人本人同意").check()
    page.get_by_role("button", name="答复“愿意”").click()
    expect(page.get_by_text("已记下：愿意对接")).to_be_visible()

    firm = visit(WIDE)
    page = firm.sign_in(make.firm_officer(needed.firm))
    firm.go(address)
    page.get_by_text("愿意对接", exact=True).first.click()
    page.get_by_label("联系人本人同意").check()
    page.get_by_role("button", name="答复“愿意”").click()
    page.get_by_role("button", name="查看院校联系方式").click()
    expect(page.get_by_text("司徒某")).to_be_visible()
    assert faults(firm) == []

    officer = visit(WIDE)
    page = officer.sign_in(district)
    officer.go(address)
    assert faults(officer) == []
    page.get_by_role("textbox", name="进展").fill("约好下周看现场")
    page.get_by_role("button", name="保存进展").click()
    expect(page.get_by_text("已记录进展")).to_be_visible()
    officer.go(reverse("follow_ups"))
    assert faults(officer) == []
