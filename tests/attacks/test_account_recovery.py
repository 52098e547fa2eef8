"""Attacks on the reset of a password by mail and on the change of an address."""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from authentication.links import make_link_token
from authentication.models import AccountMail, AddressChange
from authentication.services.addresses import ask_address_change
from notices.models import Delivery
from tests import factories
from tests.authentication.sign_ins import (
    answer,
    code_of,
    give_totp,
    is_signed_in,
    link_in,
    prove_again,
    send_mails,
    sign_in,
)

pytestmark = pytest.mark.django_db
NEW = "Fresh-pass-2027"


@pytest.fixture
def someone():
    return factories.firm_officer(username="someone", email="someone@example.cn")


def ask(client, text, **extra):
    return client.post(reverse("password_reset"), {"name_or_address": text}, **extra)


def choose(client, link, password=NEW):
    """Open the link as the browser does and send the form."""
    page = client.get(link, follow=True)
    return client.post(page.request["PATH_INFO"], {"new_password1": password, "new_password2": password})


def test_a_link_resets_the_password_once(client, someone):
    elsewhere = Client()
    elsewhere.force_login(someone)
    ask(client, "someone")
    link = link_in(send_mails()[0])
    Client().get(link, follow=True)  # a scanner of mails opens it first
    assert choose(client, link)["Location"] == reverse("login")
    assert elsewhere.get("/workbench/").status_code == 302
    assert not is_signed_in(client)
    assert sign_in(Client(), "someone", NEW).status_code == 302
    assert "不对、已经用过" in Client().get(link, follow=True).content.decode()
    assert "刚通过邮件重置" in send_mails()[-1].body
    assert not any(NEW in message.body for message in mail.outbox)


@pytest.mark.parametrize("text", ["someone", "someone@example.cn", "SOMEONE@example.cn", "nobody", "x@example.cn"])
def test_the_answer_is_the_same_for_known_and_unknown(client, someone, text):
    answer = ask(client, text)
    assert answer["Location"] == reverse("password_reset_done")
    assert AccountMail.objects.count() == 1  # a row either way
    assert len(send_mails()) == text.lower().startswith("someone")


def test_it_is_throttled_by_name_and_by_address(client, someone):
    for number in range(5):
        ask(client, "someone", REMOTE_ADDR=f"203.0.113.{number}")
    assert AccountMail.objects.count() == 3
    statuses = [ask(client, f"name{n}", REMOTE_ADDR="198.51.100.9").status_code for n in range(11)]
    assert statuses[-1] == 429


@pytest.mark.parametrize("change", ["password", "email", "sign_in", "hour", "suspended"])
def test_a_link_is_bound_to_the_state_of_the_account(client, someone, change, monkeypatch):
    ask(client, "someone")
    link = link_in(send_mails()[0])
    if change == "password":
        someone.set_password("Other-pass-2027")
        someone.save()
    elif change == "email":
        User.objects.update(email="other@example.cn")
    elif change == "sign_in":
        sign_in(Client(), "someone")
    elif change == "suspended":
        User.objects.update(is_active=False)
    else:
        later = datetime.now() + timedelta(minutes=61)
        monkeypatch.setattr("django.contrib.auth.tokens.PasswordResetTokenGenerator._now", lambda self: later)
    if change == "suspended":
        choose(client, link)
        assert not is_signed_in(client) and sign_in(Client(), "someone", NEW).status_code == 200
    else:
        assert "不对、已经用过" in client.get(link, follow=True).content.decode()


def test_the_second_factor_stays_after_a_reset(client, someone):
    totp = give_totp(someone)
    ask(client, "someone")
    choose(client, link_in(send_mails()[0]))
    sign_in(client, "someone", NEW)
    assert not is_signed_in(client)
    answer(client, code_of(totp))
    assert is_signed_in(client) and Authenticator.objects.filter(user=someone).count() == 1


def test_the_link_names_the_own_site_whatever_host_is_sent(client, someone, settings):
    settings.ALLOWED_HOSTS = ["*"]
    ask(client, "someone", HTTP_HOST="evil.example")
    assert "evil.example" not in send_mails()[0].body


def test_a_weak_password_is_refused_and_the_link_stays(client, someone):
    ask(client, "someone")
    link = link_in(send_mails()[0])
    assert choose(client, link, "short").status_code == 200
    assert choose(client, link)["Location"] == reverse("login")


def test_links_stand_in_no_row_that_staff_can_read(client, someone):
    ask(client, "someone")
    link = link_in(send_mails()[0])
    token = link.rstrip("/").rpartition("/")[2]
    assert not Delivery.objects.exists()
    assert token not in str(list(AccountMail.objects.values()))


def test_a_mail_is_sent_once(someone, client):
    ask(client, "someone")
    assert len(send_mails()) == len(send_mails()) == 1


def test_several_accounts_of_one_address_each_get_their_own_link(client, someone):
    factories.user(username="second", email="someone@example.cn")
    factories.user(username="third", email="")
    ask(client, "someone@example.cn")
    assert sorted("second" in message.body for message in send_mails()) == [False, True]
    mail.outbox.clear()
    ask(client, "third")
    ask(client, " ")
    assert send_mails() == []


def change_address(client, user, new="new@example.cn"):
    client.force_login(user)
    prove_again(client)
    return client.post(reverse("address_change"), {"address": new})


def test_an_address_is_used_only_after_it_is_confirmed(client, someone):
    change_address(client, someone)
    confirm = link_in(send_mails()[-1])
    assert mail.outbox[-1].to == ["new@example.cn"]
    stranger = Client()  # the link is opened on the telephone, not signed in
    page = stranger.get(confirm).content.decode()
    assert "确认使用这个邮箱" in page and "new@example.cn" not in page
    someone.refresh_from_db()
    assert someone.email == "someone@example.cn"  # opening changes nothing
    assert stranger.post(confirm).status_code == 200
    someone.refresh_from_db()
    assert someone.email == "new@example.cn"
    assert stranger.post(confirm).status_code == 409
    mails = [message for message in send_mails() if message.to == ["someone@example.cn"]]
    assert len(mails) == 1 and "7 天内" in mails[0].body


def confirmed_change(client, user, new="new@example.cn") -> str:
    """Returns the link with which the old address takes it back."""
    change_address(client, user, new)
    Client().post(link_in(send_mails()[-1]))
    return next(link_in(m) for m in reversed(send_mails()) if "/undo/" in m.body)


def test_the_old_address_takes_it_back_and_ends_the_sessions(client, someone):
    thief = Client()
    sign_in(thief, "someone")
    undo = confirmed_change(Client(), someone)
    assert Client().get(undo).status_code == 200
    someone.refresh_from_db()
    assert someone.email == "new@example.cn"
    assert "已撤回" in Client().post(undo).content.decode()
    someone.refresh_from_db()
    assert someone.email == "someone@example.cn"
    assert thief.get("/workbench/").status_code == 302
    assert Client().post(undo).status_code == 409


def test_a_thief_who_changes_it_twice_is_undone_too(client, someone):
    undo = confirmed_change(client, someone, "thief1@example.cn")
    someone.refresh_from_db()
    confirmed_change(client, someone, "thief2@example.cn")
    Client().post(undo)
    someone.refresh_from_db()
    assert someone.email == "someone@example.cn"
    assert not AddressChange.objects.filter(status="confirmed").exists()


@pytest.mark.parametrize("days", [8, 30])
def test_undo_ends_after_seven_days(client, someone, days):
    undo = confirmed_change(client, someone)
    AddressChange.objects.update(confirmed_at=timezone.now() - timedelta(days=days))
    assert Client().post(undo).status_code == 409


def test_links_are_for_one_purpose_and_one_row(client, someone):
    change = ask_address_change(someone, "new@example.cn")
    confirm = make_link_token(change, "confirm")
    assert Client().post(reverse("address_undo", args=[confirm])).status_code == 404
    assert Client().post(reverse("address_confirm", args=[confirm[:-1] + "x"])).status_code == 404
    later = ask_address_change(someone, "newer@example.cn")  # the earlier one is dropped
    assert Client().post(reverse("address_confirm", args=[confirm])).status_code == 409
    AddressChange.objects.filter(pk=later.pk).update(asked_at=timezone.now() - timedelta(hours=25))
    assert Client().post(reverse("address_confirm", args=[make_link_token(later, "confirm")])).status_code == 409
    someone.refresh_from_db()
    assert someone.email == "someone@example.cn"


def test_an_address_of_somebody_else_is_not_told(client, someone):
    factories.user(email="taken@example.cn")
    taken, free = (
        change_address(client, someone, "taken@example.cn"),
        change_address(client, someone, "free@example.cn"),
    )
    assert (taken.status_code, taken["Location"]) == (free.status_code, free["Location"])


def test_address_changes_are_throttled_and_bad_ones_explained(client, someone):
    assert "邮箱格式不对" in change_address(client, someone, "not an address").content.decode()
    assert "现在的邮箱" in change_address(client, someone, "SOMEONE@example.cn").content.decode()
    statuses = [change_address(client, someone, f"n{n}@example.cn").status_code for n in range(6)]
    assert statuses[-1] == 429


@pytest.mark.parametrize("bad", ["a@b.cn\nBcc: all@example.cn", "a@b.cn,c@d.cn", "x" * 300 + "@b.cn"])
def test_addresses_with_headers_in_them_are_refused(client, someone, bad):
    assert change_address(client, someone, bad).status_code == 422


def test_links_carry_no_name_and_leave_no_referrer(client, someone):
    ask(client, "someone")
    page = client.get(link_in(send_mails()[0]))
    assert page.status_code == 302 and "someone" not in urlsplit(page["Location"]).path
    assert client.get(page["Location"])["Referrer-Policy"] == "same-origin"
