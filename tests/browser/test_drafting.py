"""An office drops a patent certificate, compares each field with the document by keyboard, and has a draft."""

from django.urls import reverse
from playwright.sync_api import expect

from achievements.models import Achievement
from drafting.models import DraftDocument
from drafting.services.documents import read_draft_document
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults
from tests.drafting.made_files import certificate
from tests.drafting.making import UNIVERSITY

LIST = reverse("document_drafts")


def test_a_dropped_pdf_is_confirmed_by_keyboard_and_becomes_a_draft(visit):
    officer = make.institution_officer(make.institution(UNIVERSITY))
    make.achievement()  # for an industry to choose
    visitor = visit()
    visitor.sign_in(officer)
    page = visitor.go(LIST)
    assert faults(visitor) == []
    page.locator("input[type=file]").set_input_files(
        {"name": "证书.pdf", "mimeType": "application/pdf", "buffer": certificate()}
    )
    page.get_by_role("button", name="上传并读取").click()
    expect(page.get_by_text("正在读取，读好后显示在这里")).to_be_visible()

    document = DraftDocument.objects.get()
    read_draft_document(document)
    visitor.go(reverse("document_draft", args=[document.draft.public_id]))
    expect(page.locator("#f-title")).to_have_value("一种核电主泵转子的装配间隙测量装置")
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
    achievement = Achievement.objects.get(title="一种核电主泵转子的装配间隙测量装置")
    assert achievement.status == Achievement.Status.DRAFT
    assert achievement.intellectual_property.get().title == achievement.title

    visitor = visit(PHONE)
    visitor.sign_in(officer)
    visitor.go(reverse("document_draft", args=[achievement.document_drafts.get().public_id]))
    assert faults(visitor) == []
