"""An office drops three patents, compares one with its document field by field by keyboard, and has a draft."""

from django.urls import reverse
from playwright.sync_api import expect

from achievements.models import Achievement
from drafting.models import DraftDocument
from drafting.services.documents import read_draft_document
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults
from tests.drafting.made_files import certificate, patent_b, utility_model
from tests.drafting.making import UNIVERSITY

LIST = reverse("document_drafts")
CERTIFIED = "一种核电主泵转子的装配间隙测量装置"
TITLES = ("一种用于海水淡化的氧化石墨烯复合膜及其制备方法", "一种贝类柔性夹持末端执行器", CERTIFIED)


def test_a_dropped_pdf_is_confirmed_by_keyboard_and_becomes_a_draft(visit):
    officer = make.institution_officer(make.institution(UNIVERSITY))
    make.achievement()  # for an industry to choose
    visitor = visit()
    visitor.sign_in(officer)
    page = visitor.go(LIST)
    assert faults(visitor) == []
    page.locator("input[type=file]").set_input_files(
        [
            {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": content}
            for name, content in {"公告": patent_b(), "实用新型": utility_model(), "证书": certificate()}.items()
        ]
    )
    page.get_by_role("button", name="上传并读取").click()
    expect(page.get_by_text("正在读取").first).to_be_visible()
    for document in DraftDocument.objects.all():
        read_draft_document(document)
    visitor.go(LIST)
    expect(page.get_by_text("等您核对")).to_have_count(3)
    assert faults(visitor) == []
    for title in TITLES:
        expect(page.get_by_role("link", name=title)).to_be_visible()
    page.get_by_role("link", name=CERTIFIED).click()
    expect(page.locator("#f-title")).to_have_value(CERTIFIED)
    assert faults(visitor) == []

    page.locator("#f-title").focus()
    for field in ("institution", "lead_person", "completers", "form"):
        page.keyboard.press("Enter")
        expect(page.locator(f"#f-{field}")).to_be_focused()
    for field in ("form", "industry"):
        page.locator(f"#f-{field}").select_option(index=1)
        page.keyboard.press("Enter")
    expect(page.locator("#f-summary")).to_be_focused()
    page.keyboard.insert_text("用激光位移计在装配台上测量转子与定子的间隙，误差小于 2 微米。")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#f-stage")).to_be_focused()
    page.locator("#f-stage").select_option(label="中期阶段")
    page.keyboard.press("Enter")
    expect(page.locator("#f-intellectual_property")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="技术转让")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#non_secret")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_text("已建成草稿")).to_be_visible()
    achievement = Achievement.objects.get(title=CERTIFIED)
    assert achievement.status == Achievement.Status.DRAFT
    visitor.go(LIST)
    expect(page.get_by_text("等您核对")).to_have_count(2)
    assert achievement.intellectual_property.get().title == achievement.title

    visitor = visit(PHONE)
    visitor.sign_in(officer)
    visitor.go(reverse("document_draft", args=[achievement.document_drafts.get().public_id]))
    assert faults(visitor) == []
