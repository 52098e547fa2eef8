"""Notices and the day's mail: told once, withdrawn with what they told of, one mail a day, chosen, stopped."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from notices.models import Delivery, Kind, Notice, Preference
from notices.services import (
    make_digests,
    mark_read,
    notify,
    save_preference,
    send_delivery,
    settle_notices,
    stop_mail,
    withdraw_notices,
)
from notices.services.telling import Line
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return make.user(email="reader@example.cn")


@pytest.fixture(autouse=True)
def _any_hour(settings):
    settings.NOTICE_MAIL_HOUR = 0


def tell(user, key="one", *, kind=Kind.ACCEPTED, text="“某成果”已采纳，请答复。", about="follow-up a"):
    return notify([Line(user.pk, kind, text, "/workbench/", about, f"{about} {key}")])


def older():
    Notice.objects.update(made_at=timezone.now() - timedelta(minutes=20))


def test_the_same_thing_is_told_once(user):
    assert (tell(user), tell(user), tell(user, "two")) == (1, 0, 1)
    assert Notice.objects.of(user).unread().count() == 2


def test_who_has_left_is_not_told(user):
    type(user).objects.update(is_active=False)
    assert tell(user) == 0


def test_what_is_taken_back_is_withdrawn_and_may_be_told_again(user):
    tell(user)
    assert withdraw_notices("follow-up a") == 1
    assert not Notice.objects.of(user).exists()
    older()
    assert make_digests() == 0
    assert tell(user) == 1


def test_one_mail_a_day_with_everything_unread(user):
    tell(user)
    tell(user, "read already")
    mark_read(Notice.objects.first())
    tell(user, "asked", kind=Kind.QUESTION, text="有一个关于“某需求”的问题。")
    older()
    assert (make_digests(), make_digests()) == (1, 0)
    letter = Delivery.objects.get()
    assert "请答复" in letter.body and "某需求" in letter.body and "不再接收邮件" in letter.body
    assert letter.subject.endswith("2 条新消息")
    tell(user, "later")
    older()
    assert make_digests() == 0
    Delivery.objects.update(day=timezone.localdate() - timedelta(days=1))
    assert make_digests() == 1
    assert "1 条新消息" in Delivery.objects.order_by("-pk")[0].subject


def test_what_is_just_told_waits_until_it_can_no_longer_be_taken_back(user):
    tell(user)
    assert make_digests() == 0


def test_nothing_before_the_hour(user, settings, monkeypatch):
    settings.NOTICE_MAIL_HOUR = 24
    tell(user)
    older()
    assert make_digests() == 0


def test_what_is_done_waits_for_no_mail(user):
    tell(user)
    settle_notices("follow-up a", [Kind.ACCEPTED])
    older()
    assert make_digests() == 0


def test_kinds_can_be_left_out_and_mail_stopped(user):
    tell(user)
    tell(user, "two", kind=Kind.QUESTION)
    older()
    save_preference(user, no_mail=False, muted=["accepted", "nonsense"])
    assert Preference.objects.get().muted == ["accepted"]
    assert make_digests() == 1
    assert "1 条新消息" in Delivery.objects.get().subject
    Delivery.objects.update(day=timezone.localdate() - timedelta(days=1))
    save_preference(user, no_mail=False, muted=[])
    stop_mail(user)
    assert make_digests() == 0


def test_nobody_without_an_address_is_mailed():
    tell(make.user())
    older()
    assert make_digests() == 0


def test_the_mail_itself(user):
    tell(user)
    older()
    make_digests()
    letter = Delivery.objects.get()
    assert send_delivery(letter.pk) is True
    assert send_delivery(letter.pk) is False
    (sent,) = mail.outbox
    assert sent.to == ["reader@example.cn"]
    headers = sent.message()
    assert headers["Message-ID"] == f"<delivery-{letter.public_id}@localhost>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].strip("<>") in sent.body
    letter.refresh_from_db()
    assert (letter.status, letter.attempts, letter.error) == ("sent", 1, "")


@pytest.mark.parametrize("count", [1, 5])
def test_digests_ask_the_same_for_each_person(user, count, django_assert_max_num_queries):
    for _ in range(count - 1):
        tell(make.user(email="x@example.cn"))
    tell(user)
    older()
    with django_assert_max_num_queries(4 + 9 * count):
        assert make_digests() == count
