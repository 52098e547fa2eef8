"""Notices are stored once per key and can be withdrawn; unread ones are mailed once a day as the user prefers."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from notices.models import Delivery, Notice, NoticeKind, Preference
from notices.services import (
    make_digests,
    mark_read,
    notify,
    save_preference,
    send_delivery,
    settle_notices,
    unsubscribe,
    withdraw_notices,
)
from notices.services.notifications import NoticeDraft
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return make.user(email="reader@example.cn")


@pytest.fixture(autouse=True)
def _mail_at_any_hour(settings):
    settings.NOTICE_MAIL_HOUR = 0


def notify_user(user, key="one", *, kind=NoticeKind.ACCEPTED, text="“某成果”已采纳，请答复。", about="follow-up a"):
    return notify([NoticeDraft(user.pk, kind, text, "/workbench/", about, f"{about} {key}")])


def age_notices():
    Notice.objects.update(made_at=timezone.now() - timedelta(minutes=20))


def test_a_key_is_stored_once_per_recipient(user):
    assert (notify_user(user), notify_user(user), notify_user(user, "two")) == (1, 0, 1)
    assert Notice.objects.for_user(user).unread().count() == 2


def test_an_inactive_user_gets_no_notice(user):
    type(user).objects.update(is_active=False)
    assert notify_user(user) == 0


def test_a_withdrawn_notice_is_hidden_and_can_be_sent_again(user):
    notify_user(user)
    assert withdraw_notices("follow-up a") == 1
    assert not Notice.objects.for_user(user).exists()
    age_notices()
    assert make_digests() == 0
    assert notify_user(user) == 1


def test_one_digest_a_day_with_all_unread_notices(user):
    notify_user(user)
    notify_user(user, "read already")
    mark_read(Notice.objects.first())
    notify_user(user, "asked", kind=NoticeKind.QUESTION, text="有一个关于“某需求”的问题。")
    age_notices()
    assert (make_digests(), make_digests()) == (1, 0)
    delivery = Delivery.objects.get()
    assert "请答复" in delivery.body and "某需求" in delivery.body and "不再接收邮件" in delivery.body
    assert delivery.subject.endswith("2 条新消息")
    notify_user(user, "later")
    age_notices()
    assert make_digests() == 0
    Delivery.objects.update(day=timezone.localdate() - timedelta(days=1))
    assert make_digests() == 1
    assert "1 条新消息" in Delivery.objects.order_by("-pk")[0].subject


def test_a_new_notice_is_not_mailed_while_it_can_be_undone(user):
    notify_user(user)
    assert make_digests() == 0


def test_no_digest_before_the_configured_hour(user, settings, monkeypatch):
    settings.NOTICE_MAIL_HOUR = 24
    notify_user(user)
    age_notices()
    assert make_digests() == 0


def test_a_settled_notice_is_not_mailed(user):
    notify_user(user)
    settle_notices("follow-up a", [NoticeKind.ACCEPTED])
    age_notices()
    assert make_digests() == 0


def test_muted_kinds_are_left_out_and_unsubscribing_stops_all_mail(user):
    notify_user(user)
    notify_user(user, "two", kind=NoticeKind.QUESTION)
    age_notices()
    save_preference(user, no_mail=False, muted=["accepted", "nonsense"])
    assert Preference.objects.get().muted == ["accepted"]
    assert make_digests() == 1
    assert "1 条新消息" in Delivery.objects.get().subject
    Delivery.objects.update(day=timezone.localdate() - timedelta(days=1))
    save_preference(user, no_mail=False, muted=[])
    unsubscribe(user)
    assert make_digests() == 0


def test_a_user_without_an_address_gets_no_digest():
    notify_user(make.user())
    age_notices()
    assert make_digests() == 0


def test_a_digest_is_sent_once_with_the_unsubscribe_headers(user):
    notify_user(user)
    age_notices()
    make_digests()
    delivery = Delivery.objects.get()
    assert send_delivery(delivery.pk) is True
    assert send_delivery(delivery.pk) is False
    (sent,) = mail.outbox
    assert sent.to == ["reader@example.cn"]
    headers = sent.message()
    assert headers["Message-ID"] == f"<delivery-{delivery.public_id}@localhost>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].strip("<>") in sent.body
    delivery.refresh_from_db()
    assert (delivery.status, delivery.attempts, delivery.error) == ("sent", 1, "")


@pytest.mark.parametrize("count", [1, 5])
def test_the_number_of_queries_per_digest_is_constant(user, count, django_assert_max_num_queries):
    for _ in range(count - 1):
        notify_user(make.user(email="x@example.cn"))
    notify_user(user)
    age_notices()
    with django_assert_max_num_queries(4 + 9 * count):
        assert make_digests() == count
