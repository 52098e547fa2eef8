"""Attacks on passwords: spraying, distributed and parallel guessing, and locking somebody else out."""

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache, caches
from django.test import Client
from django.urls import reverse

from audit.models import AuditRecord
from authentication.devices import COOKIE
from authentication.models import KnownDevice
from authentication.services import sign_in_limits as limits
from tests import factories
from tests.authentication.sign_ins import PASSWORD, is_signed_in, sign_in
from tests.concurrency import run_both

pytestmark = pytest.mark.django_db
OUTSIDE, OFFICE = "203.0.113.7", "198.51.100.9"


@pytest.fixture
def officer():
    return factories.city_officer(username="officer")


def spray(names: int, **extra) -> list[int]:
    """One wrong password for each of so many names, each from a browser without cookies."""
    return [sign_in(Client(), f"name{n}", "Wrong-pass-2026", **extra).status_code for n in range(names)]


def from_anywhere(username: str, times: int) -> list[int]:
    """Wrong passwords for one name, each from another address."""
    return [
        sign_in(Client(), username, "Wrong-pass-2026", REMOTE_ADDR=f"203.0.{n // 200}.{n % 200 + 1}").status_code
        for n in range(times)
    ]


def used_to_sign_in(client: Client, username: str, address: str) -> None:
    """The user has signed in with this browser from this address, and has signed out."""
    assert sign_in(client, username, REMOTE_ADDR=address).status_code == 302
    client.post(reverse("logout"))


@pytest.mark.long
def test_spraying_twenty_names_locks_the_address(officer):
    """Attack 9."""
    statuses = spray(20, REMOTE_ADDR=OUTSIDE)
    assert statuses[:15] == [200] * 15 and set(statuses[15:]) == {429}
    answer = sign_in(Client(), "officer", REMOTE_ADDR=OUTSIDE)  # even with the right password
    assert answer.status_code == 429 and int(answer["Retry-After"]) == 900
    assert sign_in(Client(), "officer", REMOTE_ADDR=OFFICE).status_code == 302


@pytest.mark.long
def test_spraying_does_not_lock_out_who_usually_signs_in_there(officer):
    browser = Client()
    used_to_sign_in(browser, "officer", OFFICE)
    spray(20, REMOTE_ADDR=OFFICE)
    assert sign_in(browser, "officer", REMOTE_ADDR=OFFICE).status_code == 302
    assert sign_in(Client(), "officer", REMOTE_ADDR=OFFICE).status_code == 302  # a new browser at the same address


def test_right_passwords_behind_one_address_are_not_counted(officer):
    """A hundred people of one university sign in within minutes."""
    for number in range(20):
        factories.user(username=f"person{number}")
        assert sign_in(Client(), f"person{number}", REMOTE_ADDR=OFFICE).status_code == 302


def test_addresses_of_one_subscriber_count_as_one(officer):
    statuses = [
        sign_in(Client(), f"name{n}", "Wrong-pass-2026", REMOTE_ADDR=f"2001:db8:1:2::{n + 1:x}").status_code
        for n in range(16)
    ]
    assert statuses[-1] == 429


@pytest.mark.long
def test_guessing_one_name_from_many_addresses_is_locked_and_takes_longer_each_time(officer):
    statuses = from_anywhere("officer", 12)
    assert statuses == [200] * 10 + [429] * 2
    assert sign_in(Client(), "officer", REMOTE_ADDR="192.0.2.77").status_code == 429
    cache.delete_many([limits._key(kind, "officer") for kind in ("name", "name-closed")])  # a quarter of an hour later
    from_anywhere("officer", 11)
    assert int(sign_in(Client(), "officer", REMOTE_ADDR="192.0.2.77")["Retry-After"]) > 1700


@pytest.mark.parametrize("name", ["officer", "nobody-has-this-name"])
def test_a_locked_name_says_nothing_about_whether_it_exists(officer, name):
    from_anywhere(name, 11)
    page = sign_in(Client(), name, REMOTE_ADDR="192.0.2.77")
    assert page.status_code == 429 and "已暂停从不常用的地方登录" in page.content.decode()
    assert name not in page.content.decode()


@pytest.mark.long
def test_nobody_is_locked_out_of_a_usual_place(officer):
    """The attacker fails on the officer's name from everywhere, also from the officer's own address."""
    browser = Client()
    used_to_sign_in(browser, "officer", OFFICE)
    from_anywhere("officer", 15)
    for _ in range(6):
        sign_in(Client(), "officer", "Wrong-pass-2026", REMOTE_ADDR=OFFICE)
    assert sign_in(Client(), "officer", REMOTE_ADDR=OFFICE).status_code == 429  # axes: this name at this address
    assert sign_in(browser, "officer", REMOTE_ADDR="192.0.2.50").status_code == 302  # the browser, wherever it is


def test_a_known_browser_may_not_guess_without_end(officer):
    browser = Client()
    used_to_sign_in(browser, "officer", OFFICE)
    wrong = [sign_in(browser, "officer", "Wrong-pass-2026", REMOTE_ADDR=OFFICE).status_code for _ in range(6)]
    assert wrong == [200] * 5 + [429]


def test_the_cookie_of_another_user_is_no_key(officer):
    factories.user(username="thief")
    browser = Client()
    used_to_sign_in(browser, "thief", OFFICE)
    from_anywhere("officer", 11)
    assert sign_in(browser, "officer", REMOTE_ADDR="192.0.2.50").status_code == 429
    forged = Client()
    forged.cookies[COOKIE] = "A" * 43
    assert sign_in(forged, "officer", REMOTE_ADDR="192.0.2.51").status_code == 429


@pytest.mark.long
def test_own_sign_ins_between_the_guesses_do_not_reset_the_address(officer):
    factories.user(username="own")
    statuses = []
    for number in range(16):
        statuses.append(sign_in(Client(), f"name{number}", "Wrong-pass-2026", REMOTE_ADDR=OUTSIDE).status_code)
        sign_in(Client(), "own", REMOTE_ADDR=OUTSIDE)
    assert statuses[-1] == 429


def test_forged_proxy_headers_and_spellings_of_a_name_do_not_help(officer):
    spellings = ["officer", "OFFICER", "Officer", "ｏｆｆｉｃｅｒ", " officer "]
    statuses = [
        sign_in(
            Client(),
            spellings[n % 5],
            "Wrong-pass-2026",
            HTTP_X_FORWARDED_FOR=f"10.0.0.{n}",
            REMOTE_ADDR=f"192.0.2.{n}",
        ).status_code
        for n in range(11)
    ]
    assert statuses[-1] == 429


def test_only_the_entry_of_the_own_proxy_counts(officer, settings):
    settings.BEHIND_TLS_PROXY, settings.SECURE_SSL_REDIRECT = True, False
    statuses = [
        sign_in(Client(), f"name{n}", "Wrong-pass-2026", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}, {OUTSIDE}").status_code
        for n in range(16)
    ]
    assert statuses[-1] == 429


def test_password_of_an_open_session_cannot_be_guessed_either(officer, client):
    client.force_login(officer)
    page = reverse("account_reauthenticate")
    statuses = [client.post(page, {"password": f"Wrong-pass-{n}"}).status_code for n in range(6)]
    assert statuses[-2:] == [429, 429]


def test_the_system_administrator_opens_a_locked_name(officer):
    from_anywhere("officer", 11)
    admin = Client()
    admin.force_login(factories.sysadmin())
    admin.post(reverse("admin:accounts_user_unlock", args=[officer.pk]), {"_form_submitted": "1"})
    assert sign_in(Client(), "officer", REMOTE_ADDR="192.0.2.77").status_code == 302
    assert AuditRecord.objects.filter(action="解除登录锁定").exists()


def test_processes_share_the_counters(officer):
    """Each thread has a connection to Redis of its own, as each process has."""
    attempt = limits.describe_attempt("officer", OUTSIDE, "")

    def count() -> int:
        try:
            return sum(limits.begin_attempt(attempt) == 0 for _ in range(2))
        finally:
            caches["default"].close()

    assert sum(run_both(*[count] * 10)) == limits.FAILURES_PER_NAME


def test_without_redis_signing_in_works_and_axes_still_locks(officer, settings, closed_port):
    settings.CACHES = settings.CACHES | {
        "default": settings.CACHES["default"] | {"LOCATION": f"redis://127.0.0.1:{closed_port}/0"}
    }
    assert sign_in(Client(), "officer").status_code == 302
    statuses = [sign_in(Client(), "officer", "Wrong-pass-2026", REMOTE_ADDR=OUTSIDE).status_code for _ in range(6)]
    assert statuses[-1] == 429
    assert AccessAttempt.objects.get().failures_since_start == 5


def test_a_device_is_forgotten_after_ninety_days(officer, client):
    used_to_sign_in(client, "officer", OFFICE)
    device = KnownDevice.objects.get()
    assert limits.describe_attempt("officer", None, client.cookies[COOKIE].value).device_hash == device.token_hash
    KnownDevice.objects.update(last_seen_at=device.last_seen_at.replace(year=2020))
    assert not limits.describe_attempt("officer", OFFICE, client.cookies[COOKIE].value).is_usual


def test_what_is_stored_holds_no_token(officer, client):
    response = sign_in(client, "officer")
    cookie = response.cookies[COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cookie.value not in str(list(KnownDevice.objects.values()))
    assert is_signed_in(client) and PASSWORD not in str(list(AccessAttempt.objects.values()))
