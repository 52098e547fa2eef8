from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.middleware import RenewingSessionMiddleware
from accounts.sessions import SessionStore
from audit.models import AuditRecord
from tests import factories

pytestmark = pytest.mark.django_db
PASSWORD = "Demo-pass-2026"


def sign_in(client, username="someone", password=PASSWORD, **extra):
    return client.post(reverse("login"), {"username": username, "password": password}, **extra)


@pytest.fixture
def someone():
    return factories.firm_officer(username="someone")


class TestSigningIn:
    def test_login_redirects_to_the_workbench(self, client, someone):
        assert sign_in(client)["Location"] == reverse("workbench")

    def test_staff_login_redirects_to_the_workbench(self, client):
        factories.city_officer(username="someone")
        assert sign_in(client)["Location"] == reverse("workbench")

    def test_login_redirects_to_the_requested_page(self, client, someone):
        wanted = reverse("password_change")
        response = client.post(reverse("login"), {"username": "someone", "password": PASSWORD, "next": wanted})
        assert response["Location"] == wanted

    @pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
    def test_login_never_redirects_to_another_site(self, client, someone, away):
        response = client.post(reverse("login"), {"username": "someone", "password": PASSWORD, "next": away})
        assert response["Location"] == reverse("workbench")

    def test_failed_login_does_not_reveal_whether_the_user_exists(self, client, someone):
        wrong_password = sign_in(client, password="wrong").content.decode()
        unknown_user = sign_in(client, username="nobody").content.decode()
        assert "用户名或密码不对" in wrong_password
        assert "用户名或密码不对" in unknown_user

    def test_login_page_of_the_demo_names_the_logins_file(self, client, settings):
        settings.SITE = settings.SITE | {"is_demo": True}
        assert "demo_logins.json" in client.get(reverse("login")).content.decode()
        settings.SITE = settings.SITE | {"is_demo": False}
        assert "demo_logins.json" not in client.get(reverse("login")).content.decode()

    def test_logout_needs_post(self, client, someone):
        client.force_login(someone)
        assert client.get(reverse("logout")).status_code == 405
        assert client.post(reverse("logout"))["Location"] == reverse("home")
        assert not Session.objects.exists()


class TestLock:
    def fail(self, client, times, **extra):
        return [sign_in(client, password="wrong", **extra).status_code for _ in range(times)]

    def test_fifth_failure_locks_and_shows_the_duration(self, client, someone):
        assert self.fail(client, 5) == [200, 200, 200, 200, 429]
        response = sign_in(client)
        assert response.status_code == 429
        assert "请在约 15 分钟后再试" in response.content.decode()
        assert int(response["Retry-After"]) <= 15 * 60

    def test_lockout_page_shows_the_remaining_time(self, client, someone):
        self.fail(client, 5)
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=11, seconds=30))
        assert "请在约 4 分钟后再试" in sign_in(client).content.decode()

    def test_login_works_after_the_lockout(self, client, someone):
        self.fail(client, 5)
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
        assert sign_in(client).status_code == 302

    def test_lockout_applies_to_one_user_and_address(self, client, someone):
        self.fail(client, 5, REMOTE_ADDR="203.0.113.7")
        assert sign_in(client, REMOTE_ADDR="198.51.100.9").status_code == 302

    def test_lockout_applies_to_other_browsers(self, client, someone):
        self.fail(client, 5, HTTP_USER_AGENT="one")
        assert sign_in(client, HTTP_USER_AGENT="two").status_code == 429

    def test_forged_forwarded_address_does_not_avoid_the_lockout(self, client, someone):
        for number in range(5):
            sign_in(client, password="wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
        assert sign_in(client, HTTP_X_FORWARDED_FOR="203.0.113.99").status_code == 429

    def test_successful_login_resets_the_count(self, client, someone):
        self.fail(client, 4)
        sign_in(client)
        client.post(reverse("logout"))
        assert self.fail(client, 4) == [200] * 4

    def test_admin_login_redirects_to_the_login_page(self, client, someone):
        response = client.post(reverse("admin:login"), {"username": "someone", "password": PASSWORD})
        assert response["Location"].startswith(reverse("login"))
        assert client.get(reverse("admin:index"))["Location"] == f"{reverse('admin:login')}?next=/admin/"

    def test_user_without_admin_access_gets_403_instead_of_a_redirect_loop(self, client, someone):
        client.force_login(someone)
        assert client.get(reverse("admin:index"), follow=True).status_code == 403


class TestIdle:
    def test_every_page_renews_the_session_for_half_an_hour(self, client, someone, settings):
        assert settings.SESSION_COOKIE_AGE == 30 * 60
        client.force_login(someone)
        Session.objects.update(expire_date=timezone.now() + timedelta(minutes=2))
        client.get(reverse("password_change"))
        assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=29)

    def test_the_next_page_within_a_minute_writes_no_session(self, client, someone):
        client.force_login(someone)
        before = Session.objects.get().expire_date
        with CaptureQueriesContext(connection) as queries:
            response = client.get(reverse("password_change"))
        assert not [query["sql"] for query in queries if query["sql"].startswith("UPDATE")]
        assert "sessionid" not in response.cookies
        assert Session.objects.get().expire_date == before

    def test_a_slow_page_renews_the_session_without_undoing_what_another_stored(self, client, someone, rf):
        client.force_login(someone)
        Session.objects.update(expire_date=timezone.now() + timedelta(minutes=2))
        request = rf.get("/")
        request.COOKIES["sessionid"] = key = client.cookies["sessionid"].value

        def slow_page(request):
            assert "wish" not in request.session
            other = SessionStore(key)
            other["wish"] = "kept"
            other.save()
            Session.objects.update(expire_date=timezone.now() + timedelta(minutes=2))
            return HttpResponse()

        RenewingSessionMiddleware(slow_page)(request)
        assert SessionStore(key)["wish"] == "kept"
        assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=29)

    def test_a_page_that_reads_no_session_renews_it_and_stays_the_same_for_everybody(self, client, someone, rf):
        client.force_login(someone)
        Session.objects.update(expire_date=timezone.now() + timedelta(minutes=2))
        request = rf.get("/")
        request.COOKIES["sessionid"] = client.cookies["sessionid"].value
        response = RenewingSessionMiddleware(lambda request: HttpResponse())(request)
        assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=29)
        assert not response.has_header("Vary") and not response.cookies

    def test_expired_session_redirects_to_login_with_a_notice(self, client, someone):
        client.force_login(someone)
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        response = client.get(reverse("password_change"), follow=True)
        assert response.redirect_chain[-1][0] == f"{reverse('login')}?next={reverse('password_change')}&idle=1"
        assert "超过 30 分钟没有操作" in response.content.decode()

    def test_expired_session_in_the_admin(self, client):
        client.force_login(factories.city_officer())
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        assert "超过 30 分钟没有操作" in client.get(reverse("admin:index"), follow=True).content.decode()

    def test_anonymous_user_gets_no_expiry_notice(self, client):
        response = client.get(reverse("password_change"), follow=True)
        assert "没有操作" not in response.content.decode()

    def test_session_cookie_is_http_only_and_ends_with_the_browser(self, client, someone):
        sign_in(client)
        cookie = client.cookies["sessionid"]
        assert (cookie["max-age"], cookie["expires"], cookie["httponly"], cookie["samesite"]) == ("", "", True, "Lax")


class TestTrail:
    def actions(self):
        return list(AuditRecord.objects.exclude(action="加入单位").order_by("pk").values_list("action", "object_label"))

    def test_login_and_logout_are_audited(self, client, someone):
        sign_in(client, REMOTE_ADDR="203.0.113.7")
        client.post(reverse("logout"))
        assert self.actions() == [("登录", someone.name), ("退出", someone.name)]
        assert AuditRecord.objects.get(action="登录").ip == "203.0.113.7"

    def test_failures_are_audited_and_the_lockout_once(self, client, someone):
        for _ in range(8):
            sign_in(client, password="wrong")
        assert self.actions().count(("登录失败", someone.name)) == 5
        assert self.actions().count(("登录锁定", someone.name)) == 1

    def test_unknown_usernames_are_not_stored(self, client):
        sign_in(client, username="Typed-my-Passw0rd", password="Typed-again-1")
        assert self.actions() == [("登录失败", "未知用户名")]
        assert "Typed" not in str(list(AuditRecord.objects.values()))


class TestPassword:
    def change(self, client, new):
        return client.post(
            reverse("password_change"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        )

    def test_password_change_is_audited_without_the_password(self, client, someone):
        client.force_login(someone)
        assert self.change(client, "Other-pass-2027")["Location"] == reverse("password_change_done")
        assert AuditRecord.objects.get(action="修改密码").changes == {}
        assert client.get(reverse("password_change_done")).status_code == 200

    def test_password_change_ends_other_sessions(self, client, someone):
        from django.test import Client

        elsewhere = Client()
        elsewhere.force_login(someone)
        client.force_login(someone)
        self.change(client, "Other-pass-2027")
        assert elsewhere.get(reverse("password_change")).status_code == 302
        assert client.get(reverse("password_change")).status_code == 200

    @pytest.mark.parametrize("weak", ["Ab1-", "alllowercaseletters", "1234567890", "Password123"])
    def test_weak_passwords_are_refused(self, client, someone, weak):
        client.force_login(someone)
        assert self.change(client, weak).status_code == 200
        someone.refresh_from_db()
        assert someone.check_password(PASSWORD)
