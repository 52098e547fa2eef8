import re
from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from accounts.models import SignUp
from audit.models import AuditRecord
from tests import factories
from tests.accounts.services.test_sign_ups import application, code

pytestmark = pytest.mark.django_db
PASSWORD = "Demo-pass-2026"


def sign_in(client, username="someone", password=PASSWORD, **extra):
    return client.post(reverse("login"), {"username": username, "password": password}, **extra)


@pytest.fixture
def someone():
    return factories.firm_officer(username="someone")


class TestSigningIn:
    def test_lands_on_the_workbench(self, client, someone):
        assert sign_in(client)["Location"] == reverse("workbench")

    def test_staff_land_there_too(self, client):
        factories.city_officer(username="someone")
        assert sign_in(client)["Location"] == reverse("workbench")

    def test_goes_on_to_where_one_wanted_to_be(self, client, someone):
        wanted = reverse("password_change")
        response = client.post(reverse("login"), {"username": "someone", "password": PASSWORD, "next": wanted})
        assert response["Location"] == wanted

    @pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
    def test_never_leads_to_another_site(self, client, someone, away):
        response = client.post(reverse("login"), {"username": "someone", "password": PASSWORD, "next": away})
        assert response["Location"] == reverse("workbench")

    def test_a_wrong_password_is_told_without_saying_which_was_wrong(self, client, someone):
        wrong_password = sign_in(client, password="wrong").content.decode()
        unknown_user = sign_in(client, username="nobody").content.decode()
        assert "用户名或密码不对" in wrong_password
        assert "用户名或密码不对" in unknown_user

    def test_the_demo_tells_where_its_logins_are(self, client, settings):
        settings.SITE = settings.SITE | {"is_demo": True}
        assert "demo_logins.json" in client.get(reverse("login")).content.decode()
        settings.SITE = settings.SITE | {"is_demo": False}
        assert "demo_logins.json" not in client.get(reverse("login")).content.decode()

    def test_out_only_by_post(self, client, someone):
        client.force_login(someone)
        assert client.get(reverse("logout")).status_code == 405
        assert client.post(reverse("logout"))["Location"] == reverse("home")
        assert not Session.objects.exists()


class TestLock:
    def fail(self, client, times, **extra):
        return [sign_in(client, password="wrong", **extra).status_code for _ in range(times)]

    def test_the_fifth_failure_locks_and_says_how_long(self, client, someone):
        assert self.fail(client, 5) == [200, 200, 200, 200, 429]
        response = sign_in(client)
        assert response.status_code == 429
        assert "请在约 15 分钟后再试" in response.content.decode()
        assert int(response["Retry-After"]) <= 15 * 60

    def test_the_rest_of_the_wait_is_told(self, client, someone):
        self.fail(client, 5)
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=11, seconds=30))
        assert "请在约 4 分钟后再试" in sign_in(client).content.decode()

    def test_after_the_wait_the_right_password_opens(self, client, someone):
        self.fail(client, 5)
        AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
        assert sign_in(client).status_code == 302

    def test_it_locks_this_visitor_only(self, client, someone):
        self.fail(client, 5, REMOTE_ADDR="203.0.113.7")
        assert sign_in(client, REMOTE_ADDR="198.51.100.9").status_code == 302

    def test_another_browser_does_not_help(self, client, someone):
        self.fail(client, 5, HTTP_USER_AGENT="one")
        assert sign_in(client, HTTP_USER_AGENT="two").status_code == 429

    def test_a_made_up_forwarded_address_does_not_help(self, client, someone):
        for number in range(5):
            sign_in(client, password="wrong", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")
        assert sign_in(client, HTTP_X_FORWARDED_FOR="203.0.113.99").status_code == 429

    def test_success_starts_the_count_again(self, client, someone):
        self.fail(client, 4)
        sign_in(client)
        client.post(reverse("logout"))
        assert self.fail(client, 4) == [200] * 4

    def test_the_admin_has_no_door_beside_it(self, client, someone):
        response = client.post(reverse("admin:login"), {"username": "someone", "password": PASSWORD})
        assert response["Location"].startswith(reverse("login"))
        assert client.get(reverse("admin:index"))["Location"] == f"{reverse('admin:login')}?next=/admin/"

    def test_who_has_no_business_there_is_told_instead_of_sent_in_circles(self, client, someone):
        client.force_login(someone)
        assert client.get(reverse("admin:index"), follow=True).status_code == 403


class TestIdle:
    def test_every_page_renews_half_an_hour(self, client, someone, settings):
        assert settings.SESSION_COOKIE_AGE == 30 * 60
        client.force_login(someone)
        Session.objects.update(expire_date=timezone.now() + timedelta(minutes=2))
        client.get(reverse("password_change"))
        assert Session.objects.get().expire_date > timezone.now() + timedelta(minutes=29)

    def test_who_waited_too_long_is_out_and_told_why(self, client, someone):
        client.force_login(someone)
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        response = client.get(reverse("password_change"), follow=True)
        assert response.redirect_chain[-1][0] == f"{reverse('login')}?next={reverse('password_change')}&idle=1"
        assert "超过 30 分钟没有操作" in response.content.decode()

    def test_in_the_admin_too(self, client):
        client.force_login(factories.city_officer())
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        assert "超过 30 分钟没有操作" in client.get(reverse("admin:index"), follow=True).content.decode()

    def test_who_was_never_in_is_not_told_so(self, client):
        response = client.get(reverse("password_change"), follow=True)
        assert "没有操作" not in response.content.decode()

    def test_the_cookie_dies_with_the_browser_and_scripts_cannot_read_it(self, client, someone):
        sign_in(client)
        cookie = client.cookies["sessionid"]
        assert (cookie["max-age"], cookie["expires"], cookie["httponly"], cookie["samesite"]) == ("", "", True, "Lax")


class TestTrail:
    def actions(self):
        return list(AuditRecord.objects.exclude(action="加入单位").order_by("pk").values_list("action", "object_label"))

    def test_in_and_out(self, client, someone):
        sign_in(client, REMOTE_ADDR="203.0.113.7")
        client.post(reverse("logout"))
        assert self.actions() == [("登录", someone.name), ("退出", someone.name)]
        assert AuditRecord.objects.get(action="登录").ip == "203.0.113.7"

    def test_failures_and_the_lock_once(self, client, someone):
        for _ in range(8):
            sign_in(client, password="wrong")
        assert self.actions().count(("登录失败", someone.name)) == 5
        assert self.actions().count(("登录锁定", someone.name)) == 1

    def test_what_an_unknown_visitor_typed_is_not_kept(self, client):
        sign_in(client, username="Typed-my-Passw0rd", password="Typed-again-1")
        assert self.actions() == [("登录失败", "未知用户名")]
        assert "Typed" not in str(list(AuditRecord.objects.values()))


class TestPassword:
    def change(self, client, new):
        return client.post(
            reverse("password_change"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
        )

    def test_is_changed_and_told_in_the_trail_without_the_password(self, client, someone):
        client.force_login(someone)
        assert self.change(client, "Other-pass-2027")["Location"] == reverse("password_change_done")
        assert AuditRecord.objects.get(action="修改密码").changes == {}
        assert client.get(reverse("password_change_done")).status_code == 200

    def test_puts_other_sessions_out(self, client, someone):
        from django.test import Client

        elsewhere = Client()
        elsewhere.force_login(someone)
        client.force_login(someone)
        self.change(client, "Other-pass-2027")
        assert elsewhere.get(reverse("password_change")).status_code == 302
        assert client.get(reverse("password_change")).status_code == 200

    @pytest.mark.parametrize("weak", ["Ab1-", "alllowercaseletters", "1234567890", "Password123"])
    def test_weak_ones_are_refused(self, client, someone, weak):
        client.force_login(someone)
        assert self.change(client, weak).status_code == 200
        someone.refresh_from_db()
        assert someone.check_password(PASSWORD)


class TestSignUp:
    def filled(self, **fields) -> dict:
        return {
            "firm_name": "大连演示轴承有限公司",
            "credit_code": code(),
            "stat_region": factories.region("jinpu").pk,
            "name": "演示员",
            "phone": "13800001234",
            "username": "bearing",
            "password": "Bearing-2026-ok",
            "password_again": "Bearing-2026-ok",
            "consent": "on",
        } | fields

    def test_leads_to_a_page_that_says_what_comes_next(self, client):
        response = client.post(reverse("sign_up"), self.filled(), follow=True)
        page = response.content.decode()
        assert response.redirect_chain[-1][0] == reverse("sign_up_state", args=[SignUp.objects.get().public_id])
        assert "金普新区科技部门会核对" in page
        assert "13800001234" not in page

    def test_says_each_mistake_at_its_field_and_keeps_what_was_written(self, client):
        response = client.post(reverse("sign_up"), self.filled(credit_code=code()[:-1], password_again="Other-2026-ok"))
        page = response.content.decode()
        assert response.status_code == 422
        assert "有 2 处需要修改" in page
        assert "应为 18 位，现在是 17 位" in page
        assert 'value="大连演示轴承有限公司"' in page
        assert "Bearing-2026-ok" not in page

    def test_what_only_the_service_knows_is_told_too(self, client):
        factories.user(username="bearing")
        page = client.post(reverse("sign_up"), self.filled()).content.decode()
        assert re.search(r'href="#id_username">[^<]*已有人使用', page)

    def test_a_double_click_makes_one_application(self, client):
        client.post(reverse("sign_up"), self.filled())
        response = client.post(reverse("sign_up"), self.filled())
        assert response.status_code == 422
        assert SignUp.objects.count() == 1

    def test_only_reporting_units_can_be_chosen(self, client):
        response = client.post(reverse("sign_up"), self.filled(stat_region=factories.region("210213").pk))
        assert response.status_code == 422

    @pytest.mark.parametrize("decided", ["approved", "rejected"])
    def test_the_state_page_tells_the_decision(self, client, decided):
        from accounts.services.sign_ups import approve_sign_up, reject_sign_up

        sign_up, officer = application(), factories.city_officer()
        if decided == "approved":
            approve_sign_up(sign_up, by=officer)
        else:
            reject_sign_up(sign_up, by=officer, reason="名称与执照不一致")
        page = client.get(reverse("sign_up_state", args=[sign_up.public_id])).content.decode()
        assert ("审核通过" in page, "名称与执照不一致" in page) == (decided == "approved", decided == "rejected")
        assert officer.name not in page

    def test_an_unknown_address_is_not_found(self, client):
        assert client.get(reverse("sign_up_state", args=["23456789ab"])).status_code == 404
