"""The badge in the header, the list of notices, the mail settings and the unsubscribe link."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.models import AuditRecord
from notices.models import Notice, NoticeKind, Preference
from notices.services import notify
from notices.services.notifications import NoticeDraft
from notices.unsubscribe_tokens import make_unsubscribe_token
from tests import factories as make
from tests.browser_client import Browser, readable

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return make.institution_officer(email="reader@example.cn")


def notify_user(user, key="1", kind=NoticeKind.ACCEPTED, path="/help/"):
    notify([NoticeDraft(user.pk, kind, f"第{key}条消息", path, "a", key)])


def test_the_header_counts_unread_notices_and_opening_one_redirects_to_its_page(user):
    notify_user(user)
    notify_user(user, "2")
    notify_user(make.user(), "3")
    browser = Browser(user)
    page = browser.read(reverse("help"))
    assert "<b>2</b>" in page
    page = browser.read(reverse("notices"))
    assert "第1条消息" in page and "第3条消息" not in page
    answer = browser.post(reverse("notice_read", args=[Notice.objects.get(key="1").public_id]))
    assert (answer.status_code, answer.url) == (302, "/help/")
    assert Notice.objects.for_user(user).unread().count() == 1
    browser.send(reverse("notices_read"), {})
    assert Notice.objects.for_user(user).unread().count() == 0
    assert Notice.objects.unread().count() == 1  # that of the other user


def test_the_list_can_be_filtered_by_kind(user):
    notify_user(user)
    notify_user(user, "2", kind=NoticeKind.QUESTION)
    page = Browser(user).read(reverse("notices") + "?kind=question")
    assert "第2条消息" in page and "第1条消息" not in page


def test_the_user_chooses_which_kinds_are_mailed(user):
    browser = Browser(user)
    page = browser.read(reverse("notice_preference"))
    assert "r***@example.cn" in page and "reader@" not in page
    browser.send(reverse("notice_preference"), {"mail": "1", "wanted": ["accepted", "question"]})
    saved = Preference.objects.get()
    assert not saved.no_mail and set(saved.muted) == set(NoticeKind.values) - {"accepted", "question"}


def test_the_unsubscribe_link_works_without_signing_in(user, client):
    address = reverse("unsubscribe", args=[make_unsubscribe_token(user)])
    assert "不再接收汇总邮件？" in readable(client.get(address))
    assert not Preference.objects.exists()  # mail programs fetch links in advance
    assert "已退订" in readable(client.post(address))
    assert Preference.objects.get(user=user).no_mail
    client.post(address)
    assert AuditRecord.objects.filter(action="退订邮件").count() == 1


def test_one_click_unsubscribe_needs_no_csrf_token(user):
    strict = Client(enforce_csrf_checks=True)
    address = reverse("unsubscribe", args=[make_unsubscribe_token(user)])
    assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 204
    assert Preference.objects.get(user=user).no_mail


def test_a_forged_token_is_not_found(user, client):
    other = make_unsubscribe_token(make.user()).split(":")[1]
    for token in (f"{user.pk}:{other}", "1", "nonsense"):
        assert client.post(reverse("unsubscribe", args=[token])).status_code == 404
    assert not Preference.objects.exists()


def test_a_day_to_answer_by_is_told_as_passed_when_it_has_passed(client):
    user, now = make.firm_officer(), timezone.now()
    client.force_login(user)
    for days, key in ((-3, "a"), (5, "b")):
        day = timezone.localdate() + timedelta(days=days)
        text = f"请在 {day.month} 月 {day.day} 日前答复是否愿意对接：甲。"
        notice = Notice.objects.create(
            recipient=user, kind="accepted", text=text, path="/workbench/", about=key, key=key
        )
        Notice.objects.filter(pk=notice.pk).update(made_at=now - timedelta(days=9))
    page = client.get(reverse("notices")).text
    assert page.count("（已过期）答复是否愿意对接") == 1
    assert f"请在 {day.month} 月 {day.day} 日前答复" in page
