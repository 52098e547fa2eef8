"""Passkeys with the virtual authenticator of Chromium: required set-up, second step, sign-in without a password."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from core.roles import STAFF_ROLES
from tests import factories
from tests.authentication.sign_ins import PASSWORD
from tests.browser.conftest import PHONE

pytestmark = pytest.mark.long
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def enter_password(page) -> None:
    page.fill("[name=username]", "officer")
    page.fill("[name=password]", PASSWORD)
    page.locator("main").get_by_role("button", name="登录", exact=True).click()


def test_an_officer_adds_a_passkey_and_signs_in_with_it(visit, settings):
    settings.WEBAUTHN_DOMAIN, settings.MFA_REQUIRED_ROLES = "localhost", sorted(STAFF_ROLES)
    factories.city_officer(username="officer")
    someone = visit(PHONE)
    page = someone.go(reverse("login"))
    cdp = someone.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    device = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]

    enter_password(page)
    page.wait_for_url("**" + reverse("second_factor_setup"))
    page.get_by_role("link", name="用通行密钥").click()
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="继续").click()
    page.fill("[name=name]", "我的手机")
    page.get_by_role("button", name="添加通行密钥").click()
    page.wait_for_url("**" + reverse("mfa_view_recovery_codes"))
    page.get_by_role("link", name="已保存，继续").click()
    page.get_by_text("通行密钥：我的手机").wait_for()

    Session.objects.all().delete()
    someone.go(reverse("login"))
    enter_password(page)
    page.wait_for_url("**" + reverse("mfa_authenticate"))
    page.get_by_role("button", name="用通行密钥验证").click()
    page.wait_for_url("**" + reverse("workbench"))

    Session.objects.all().delete()
    someone.go(reverse("login"))
    page.get_by_role("button", name="使用通行密钥").click()
    page.wait_for_url("**" + reverse("workbench"))

    Session.objects.all().delete()
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    someone.go(reverse("login"))
    page.get_by_role("button", name="使用通行密钥").click()
    page.get_by_text("没有完成").wait_for()
