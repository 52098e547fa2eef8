"""The bell, the list, the choices and the link that needs no sign-in."""

import pytest
from django.urls import reverse

from audit.models import AuditRecord
from notices.models import Kind, Notice, Preference
from notices.services import notify
from notices.services.telling import Line
from notices.unsubscribing import token_of
from tests import factories as make
from tests.browser_client import Browser, readable

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return make.institution_officer(email="reader@example.cn")


def tell(user, key="1", kind=Kind.ACCEPTED, path="/help/"):
    notify([Line(user.pk, kind, f"第{key}条消息", path, "a", key)])


def test_the_bell_counts_and_reading_leads_to_the_page(user):
    tell(user)
    tell(user, "2")
    tell(make.user(), "3")
    browser = Browser(user)
    page = browser.read(reverse("help"))
    assert "<b>2</b>" in page
    page = browser.read(reverse("notices"))
    assert "第1条消息" in page and "第3条消息" not in page
    answer = browser.post(reverse("notice_read", args=[Notice.objects.get(key="1").public_id]))
    assert (answer.status_code, answer.url) == (302, "/help/")
    assert Notice.objects.of(user).unread().count() == 1
    browser.send(reverse("notices_read"), {})
    assert Notice.objects.of(user).unread().count() == 0
    assert Notice.objects.unread().count() == 1  # the stranger's


def test_kinds_narrow_the_list(user):
    tell(user)
    tell(user, "2", kind=Kind.QUESTION)
    page = Browser(user).read(reverse("notices") + "?kind=question")
    assert "第2条消息" in page and "第1条消息" not in page


def test_choices(user):
    browser = Browser(user)
    page = browser.read(reverse("notice_preference"))
    assert "r***@example.cn" in page and "reader@" not in page
    browser.send(reverse("notice_preference"), {"mail": "1", "wanted": ["accepted", "question"]})
    chosen = Preference.objects.get()
    assert not chosen.no_mail and set(chosen.muted) == set(Kind.values) - {"accepted", "question"}


def test_the_link_in_a_mail_stops_the_mail_without_signing_in(user, client):
    address = reverse("unsubscribe", args=[token_of(user)])
    assert "不再接收汇总邮件？" in readable(client.get(address))
    assert not Preference.objects.exists()  # mail programs look at links by themselves
    assert "已退订" in readable(client.post(address))
    assert Preference.objects.get(user=user).no_mail
    client.post(address)
    assert AuditRecord.objects.filter(action="退订邮件").count() == 1


def test_one_click_of_a_mail_program(user):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    address = reverse("unsubscribe", args=[token_of(user)])
    assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 204
    assert Preference.objects.get(user=user).no_mail


def test_a_forged_link_is_no_link(user, client):
    other = token_of(make.user()).split(":")[1]
    for token in (f"{user.pk}:{other}", "1", "nonsense"):
        assert client.post(reverse("unsubscribe", args=[token])).status_code == 404
    assert not Preference.objects.exists()
