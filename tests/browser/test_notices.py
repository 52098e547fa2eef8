"""The bell, the list, the choices, the link of a mail and the page of heads: at both widths, without a barrier."""

from django.urls import reverse
from playwright.sync_api import expect

from matching.services.review import accept_match, reject_match
from notices.unsubscribe_tokens import make_unsubscribe_token
from tests import factories as make
from tests.browser.conftest import PHONE
from tests.browser.test_pages import faults, walk


def decided():
    """One match accepted and one rejected by their district; returns (the officer, the accepted one)."""
    district, match, other = make.district_officer(), make.match(), make.match()
    accept_match(match, by=district)
    reject_match(other, reason="field", by=district)
    make.match()
    return district, match


def test_reading_what_one_is_told(visit):
    _district, match = decided()
    office = visit(PHONE)
    page = office.sign_in(make.institution_officer(match.achievement.institution))
    accept = make.match(achievement=match.achievement)
    accept_match(accept, by=make.city_officer())
    office.go(reverse("workbench"))
    page.get_by_role("link", name="消息 1 条未读").click()
    assert faults(office) == []
    page.get_by_role("button", name="请在").click()
    expect(page.get_by_text("您是否愿意与对方对接？")).to_be_visible()
    office.go(reverse("notices"))
    expect(page.get_by_text("没有未读的消息")).to_be_visible()
    office.go(reverse("notice_preference"))
    page.get_by_label("答复期限将到").uncheck()
    page.get_by_role("button", name="保存设置").click()
    expect(page.get_by_label("答复期限将到")).not_to_be_checked()
    assert faults(office) == []


def test_the_link_of_a_mail(visit):
    visitor = visit()
    page = visitor.go(reverse("unsubscribe", args=[make_unsubscribe_token(make.user())]))
    assert faults(visitor) == []
    page.get_by_role("button", name="退订邮件").click()
    expect(page.get_by_role("heading", name="已退订")).to_be_visible()
    assert faults(visitor) == []


def test_the_page_of_heads(visit):
    district, _match = decided()
    for user in (district, make.city_officer()):
        visitor = visit()
        visitor.sign_in(user)
        names = ("waiting", "asking", "unanswered", "firms")
        rows = [reverse("admin:matching_desk_rows", args=[name]) for name in names]
        assert walk(visitor, [reverse("admin:matching_desk"), *rows, reverse("follow_ups")]) == {}
