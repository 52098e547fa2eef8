"""Attacks on the second factor: going around it, replay, guessing, taking it over."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditRecord
from authentication.encryption import encrypt
from authentication.models import KnownDevice, UserSession
from authentication.services import second_factors
from authentication.services.second_factors import accept_totp
from notices.models import Notice
from tests import factories
from tests.authentication.sign_ins import (
    PASSWORD,
    SECRET,
    answer,
    code_of,
    give_totp,
    is_signed_in,
    prove_again,
    send_mails,
    sign_in,
)
from tests.concurrency import run_both

pytestmark = [pytest.mark.django_db, pytest.mark.long]


@pytest.fixture(autouse=True)
def half_minute(monkeypatch):
    """None ends during a test: the earliest code that is accepted would be too old when it is checked."""
    periods = list(second_factors.yield_hotp_counters_from_time())
    monkeypatch.setattr(second_factors, "yield_hotp_counters_from_time", lambda: iter(periods))


@pytest.fixture
def required(settings):
    """As an installation has it."""
    settings.MFA_REQUIRED_ROLES = ["district_officer", "city_officer", "auditor", "sysadmin"]


@pytest.fixture
def officer():
    return factories.city_officer(username="officer", email="officer@example.cn")


@pytest.fixture
def totp(officer):
    return give_totp(officer)


def test_the_default_requires_it_of_all_staff(monkeypatch):
    from authentication.checks import check_second_factor
    from core.roles import STAFF_ROLES

    assert [warning.id for warning in check_second_factor(None)] == ["authentication.W001"]  # the suite leaves it out
    monkeypatch.setattr("django.conf.settings.MFA_REQUIRED_ROLES", sorted(STAFF_ROLES))
    assert check_second_factor(None) == []


@pytest.mark.parametrize("role", ["city_officer", "district_officer", "auditor", "sysadmin"])
def test_staff_with_a_password_alone_get_only_the_set_up(required, client, role):
    user = getattr(factories, role)(username="officer")
    assert sign_in(client, "officer").status_code == 302
    setup = reverse("second_factor_setup")
    for path in ("/workbench/", "/admin/", reverse("admin:accounts_user_changelist"), "/", reverse("account_security")):
        for method in (client.get, client.post):
            assert method(path)["Location"] == setup, path
    assert client.get(reverse("admin:matching_match_changelist"), HTTP_HX_REQUEST="true")["HX-Redirect"] == setup
    answered = client.get("/api/v1/achievements/")
    assert (answered.status_code, answered["Content-Type"]) == (403, "application/problem+json")
    page = client.get(setup)
    assert page.status_code == 200 and "请先开启二次验证" in page.content.decode()
    assert client.get(reverse("mfa_activate_totp")).status_code == 302  # asks for the password again
    assert client.get(reverse("mfa_view_recovery_codes"))["Location"] == setup
    assert not Authenticator.objects.filter(user=user).exists()
    assert client.post(reverse("logout")).status_code == 302


def set_up(client) -> tuple[Authenticator, list[str]]:
    """Go through the set-up pages. Returns the authenticator and the recovery codes that are shown."""
    page = client.get(reverse("mfa_activate_totp"), follow=True)
    assert "请再次输入密码" in page.content.decode()
    assert prove_again(client).status_code == 302
    page = client.get(reverse("mfa_activate_totp"))
    secret = page.context["form"].secret
    draft = Authenticator(data={"secret": encrypt(secret)})
    assert client.post(reverse("mfa_activate_totp"), {"code": code_of(draft)}).status_code == 302
    page = client.get(reverse("mfa_view_recovery_codes"))
    return Authenticator.objects.get(type="totp"), page.context["unused_codes"]


@pytest.mark.django_db(transaction=True)  # allauth reports the new factor when the transaction ends
def test_set_up_shows_codes_once_and_opens_everything(required, client, officer):
    elsewhere = Client()
    sign_in(elsewhere, "officer")
    sign_in(client, "officer")
    totp, codes = set_up(client)
    assert len(codes) == 10 and len(set(codes)) == 10
    assert client.get("/workbench/").status_code == 200
    assert not is_signed_in(elsewhere)  # a session that has not proved it
    again = client.get(reverse("mfa_view_recovery_codes")).content.decode()
    assert not any(code in again for code in codes) and "还有 10 个没有用过" in again
    stored = str(list(Authenticator.objects.values()))
    assert SECRET not in stored and not any(code in stored for code in codes)
    assert not answer_with(client, officer, code_of(totp))  # the code of the set-up is used up
    assert Notice.objects.filter(recipient=officer, text__contains="启用了手机验证器").exists()
    assert any("启用了手机验证器" in message.body for message in send_mails())


def answer_with(client, officer, code, **extra) -> bool:
    browser = Client()
    sign_in(browser, officer.username, **extra)
    answer(browser, code, **extra)
    return is_signed_in(browser)


def test_password_alone_opens_nothing(client, officer, totp):
    page = sign_in(client, "officer")
    assert page["Location"] == reverse("mfa_authenticate") and not is_signed_in(client)
    for path in ("/workbench/", "/admin/", reverse("account_security"), reverse("mfa_view_recovery_codes")):
        assert reverse("login") in client.get(path, follow=True).redirect_chain[-1][0] or not is_signed_in(client)
    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302
    assert Authenticator.objects.filter(user=officer).exists()
    assert answer(client, code_of(totp))["Location"] == reverse("workbench")
    assert client.get("/workbench/").status_code == 200


def test_second_step_keeps_where_the_user_was_going(client, officer, totp):
    wanted = reverse("password_change")
    client.post(reverse("login"), {"username": "officer", "password": PASSWORD, "next": wanted})
    assert answer(client, code_of(totp))["Location"] == wanted


@pytest.mark.parametrize("periods", [0, 1, -1])
def test_a_code_is_accepted_once_within_its_skew(officer, totp, periods):
    code = code_of(totp, periods=periods)
    assert answer_with(None, officer, code)
    assert not answer_with(None, officer, code)
    assert not answer_with(None, officer, code_of(totp, periods=periods - 1))  # nor an earlier one


@pytest.mark.parametrize("periods", [-3, 3])
def test_codes_of_another_time_are_refused(officer, totp, periods):
    assert not answer_with(None, officer, code_of(totp, periods=periods))


@pytest.mark.django_db(transaction=True)
def test_one_code_sent_twice_at_the_same_moment_is_accepted_once():
    totp = give_totp(factories.user())
    code = code_of(totp)
    assert sorted(run_both(*[lambda: accept_totp(totp, code)] * 4)) == [False, False, False, True]


def test_guessing_codes_is_locked_for_strangers_not_for_the_owner(officer, totp):
    owner = Client()
    sign_in(owner, "officer")
    answer(owner, code_of(totp, periods=-1))
    owner.post(reverse("logout"))
    for number in range(11):
        assert not answer_with(None, officer, f"{number:06}", REMOTE_ADDR="203.0.113.7")
    stranger = Client()
    sign_in(stranger, "officer", REMOTE_ADDR="203.0.113.7")
    page = answer(stranger, code_of(totp), REMOTE_ADDR="203.0.113.7")
    assert "输错次数太多" in page.content.decode() and not is_signed_in(stranger)
    sign_in(owner, "officer")
    answer(owner, code_of(totp))
    assert is_signed_in(owner)
    assert AuditRecord.objects.filter(action="二次验证失败").count() >= 10


def test_recovery_code_works_once_and_few_are_warned_of(officer, totp):
    codes = RecoveryCodes.activate(officer).generate_codes()
    for code in codes[:8]:
        assert answer_with(None, officer, code, REMOTE_ADDR="198.51.100.9")
    assert not answer_with(None, officer, codes[0], REMOTE_ADDR="198.51.100.9")
    assert Notice.objects.filter(recipient=officer, text__contains="还剩 2 个。请尽快重新生成").exists()


def test_the_second_step_ends_with_a_new_password_or_a_suspension(client, officer, totp):
    """Between the two steps the owner changes the password that the attacker knows."""
    sign_in(client, "officer")
    officer.set_password("Other-pass-2027")
    officer.save()
    answer(client, code_of(totp))
    assert not is_signed_in(client)
    other = Client()
    sign_in(other, "officer", "Other-pass-2027")
    User.objects.update(is_active=False)
    answer(other, code_of(totp, periods=1))
    assert not is_signed_in(other)


def test_a_session_older_than_the_factor_signs_in_anew(required, client, officer):
    client.force_login(officer)
    give_totp(officer)
    assert client.get("/admin/")["Location"] == reverse("login")
    assert not is_signed_in(client)


def test_an_open_session_cannot_change_anything_without_the_password(client, officer, totp):
    client.force_login(officer)
    for name in (
        "mfa_deactivate_totp",
        "mfa_generate_recovery_codes",
        "mfa_add_webauthn",
        "address_change",
        "mfa_view_recovery_codes",
    ):
        for method in (client.get, client.post):
            page = method(reverse(name), {"address": "thief@example.cn"})
            assert page.status_code in (302, 404, 405) and not page.get("Location", "").startswith("/workbench"), name
    assert Authenticator.objects.filter(user=officer).count() == 1


def test_required_users_keep_one_factor(required, client, officer, totp):
    sign_in(client, "officer")
    answer(client, code_of(totp))
    prove_again(client)
    page = client.post(reverse("mfa_deactivate_totp"))
    assert "您的角色必须使用二次验证" in page.content.decode()
    assert Authenticator.objects.filter(user=officer, type="totp").exists()


def test_nobody_removes_the_passkey_of_somebody_else(client, officer):
    foreign = Authenticator.objects.create(user=officer, type="webauthn", data={"name": "办公室", "credential": {}})
    thief = factories.user(username="thief")
    client.force_login(thief)
    prove_again(client)
    assert client.post(reverse("mfa_remove_webauthn", args=[foreign.pk])).status_code == 404


def test_reset_by_the_administrator_needs_a_reason_and_tells_the_user(client, officer, totp):
    elsewhere = Client()
    sign_in(elsewhere, "officer")
    answer(elsewhere, code_of(totp))
    admin = factories.sysadmin()
    client.force_login(admin)
    page = reverse("admin:accounts_user_reset_factor", args=[officer.pk])
    client.post(page, {"_form_submitted": "1", "reason": ""})
    assert Authenticator.objects.exists()
    client.post(page, {"_form_submitted": "1", "reason": "本人持工作证到场，手机遗失"})
    assert not Authenticator.objects.filter(user=officer).exists()
    assert not is_signed_in(elsewhere) or elsewhere.get("/workbench/").status_code == 302
    assert AuditRecord.objects.get(action="重置二次验证").changes["reason"][1] == "本人持工作证到场，手机遗失"
    assert "手机遗失" in send_mails()[-1].body
    give_totp(admin)
    client.post(
        reverse("admin:accounts_user_reset_factor", args=[admin.pk]), {"_form_submitted": "1", "reason": "自己"}
    )
    assert Authenticator.objects.filter(user=admin).exists()  # not one's own


@pytest.mark.parametrize("make", [factories.city_officer, factories.auditor, factories.district_officer])
def test_other_staff_cannot_reset_it(client, officer, totp, make):
    client.force_login(make())
    client.post(
        reverse("admin:accounts_user_reset_factor", args=[officer.pk]), {"_form_submitted": "1", "reason": "我要"}
    )
    assert Authenticator.objects.filter(user=officer).exists()


def test_secrets_are_bound_to_the_key(officer, totp, settings):
    assert SECRET not in totp.data["secret"]
    settings.MFA_ENCRYPTION_KEYS = ["another secret of the installation"]
    with pytest.raises(ValueError, match="no key"):
        accept_totp(totp, code_of(totp))


def test_allauths_own_pages_do_not_exist(client):
    for path in ("signup", "email", "password/set", "inactive", "confirm-email", "2fa", "login/code", "password/reset"):
        assert client.get(f"/accounts/{path}/").status_code == 404
    assert client.get("/admin/mfa/authenticator/").status_code in (302, 404)
    assert client.get("/admin/account/emailaddress/").status_code in (302, 404)


def test_sessions_are_listed_and_ended(client, officer):
    """Attack: a stranger's session is seen and ended; nobody ends the session of somebody else."""
    stranger, other = Client(), Client()
    sign_in(client, "officer", HTTP_USER_AGENT="Mozilla/5.0 (Windows NT 10.0) Chrome/120", REMOTE_ADDR="198.51.100.9")
    sign_in(stranger, "officer", HTTP_USER_AGENT="Mozilla/5.0 (iPhone) Safari", REMOTE_ADDR="203.0.113.7")
    assert Notice.objects.filter(recipient=officer, text__contains="新设备上登录：iPhone，Safari").exists()
    page = client.get(reverse("account_security")).content.decode()
    assert "Windows 电脑，Chrome" in page and "203.0.113.*" in page and "203.0.113.7" not in page
    row = UserSession.objects.get(device="iPhone，Safari")
    other.force_login(factories.user())
    assert other.post(reverse("session_end", args=[row.public_id])).status_code == 404
    assert client.get(reverse("session_end", args=[row.public_id])).status_code == 405
    client.post(reverse("session_end", args=[row.public_id]))
    assert stranger.get("/workbench/").status_code == 302 and client.get("/workbench/").status_code == 200
    sign_in(stranger, "officer")
    assert Notice.objects.filter(recipient=officer, text__contains="新设备上登录").count() == 2  # told again
    client.post(reverse("sessions_end"))
    assert stranger.get("/workbench/").status_code == 302 and client.get("/workbench/").status_code == 200
    assert KnownDevice.objects.get().sessions.get().device == "Windows 电脑，Chrome"


RESPONSE = '{"id":"AA","rawId":"AA","type":"public-key","response":%s}'
RUBBISH = [
    *("", "1", "null", "[]", '"x"', "{}", "{", '{"id": 1}', '{"response": []}', "x" * 9000),
    '{"response": {"userHandle": "AA"}}',
    *(RESPONSE % part for part in ("{}", "1", '{"userHandle": 5}')),
    *(
        RESPONSE % f'{{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA","userHandle":"{handle}"}}'
        for handle in ("", "////", "eno", "MQ")
    ),
]


def test_credentials_that_are_rubbish_get_a_sentence(signed_in, officer, totp):
    stranger, half, owner = (
        Client(raise_request_exception=False),
        Client(raise_request_exception=False),
        signed_in(officer),
    )
    sign_in(half, "officer")
    prove_again(owner)
    for credential in RUBBISH:
        cache.clear()  # counts of wrong answers
        stranger.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"})
        assert stranger.post(reverse("mfa_login_webauthn"), {"credential": credential}).status_code == 302, credential
        assert half.post(reverse("mfa_authenticate"), {"credential": credential}).status_code == 200, credential
        assert not is_signed_in(stranger) and not is_signed_in(half), credential
        assert owner.post(reverse("mfa_add_webauthn"), {"credential": credential}).status_code == 200, credential
    assert Authenticator.objects.count() == 1


@pytest.mark.parametrize(
    "write", [lambda c: c, lambda c: f" {c[:3]} {c[3:]} ", lambda c: "".join(chr(ord(d) + 0xFEE0) for d in c)]
)
def test_codes_as_people_type_them_are_accepted(officer, totp, write):
    assert answer_with(None, officer, write(code_of(totp)))


def test_codes_that_are_none_get_a_sentence(client, officer, totp):
    sign_in(client, "officer")
    for code in ("", "一二三四五六", "12345", "1234567", "٤٤٤٤٤٤", "-1", "1e5", "\x00", "9" * 500):
        cache.clear()  # counts of wrong answers
        page = answer(client, code)
        assert page.status_code == 200 and "有 1 处需要修改" in page.content.decode(), code


def test_the_owner_hears_that_somebody_knows_the_password(officer, totp):
    for number in range(12):
        answer_with(None, officer, f"{number:06}")
    assert Notice.objects.filter(recipient=officer, text__contains="输对了您的密码").count() == 1


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_no_step_leads_to_another_site(client, officer, totp, away):
    client.force_login(officer)
    page = client.post(reverse("account_reauthenticate") + f"?next={away}", {"password": PASSWORD, "next": away})
    assert page["Location"].startswith("/")


def test_a_key_that_is_lost_is_an_error_that_people_understand(client, officer, totp, settings):
    settings.MFA_ENCRYPTION_KEYS = ["another secret of the installation"]
    RecoveryCodes.activate(officer)
    settings.MFA_ENCRYPTION_KEYS = ["a third secret of the installation"]
    sign_in(client, "officer")
    assert "请联系系统管理员" in answer(client, "123456").content.decode()
    client.force_login(officer)
    assert client.get(reverse("account_security")).status_code == 200


def test_old_keys_still_decrypt(officer, totp, settings):
    settings.MFA_ENCRYPTION_KEYS = ["a new secret of the installation", settings.SECRET_KEY]
    assert answer_with(None, officer, code_of(totp))


def test_the_command_resets_it_for_the_last_administrator(officer, totp, capsys):
    with pytest.raises(CommandError, match="没有用户名"):
        call_command("reset_second_factor", "nobody", reason="手机遗失")
    with pytest.raises(CommandError, match="理由"):
        call_command("reset_second_factor", "officer", reason=" ")
    call_command("reset_second_factor", "officer", reason="手机遗失")
    assert not Authenticator.objects.exists() and AuditRecord.objects.filter(action="重置二次验证").exists()
    with pytest.raises(CommandError, match="没有开启"):
        call_command("reset_second_factor", "officer", reason="手机遗失")


def test_the_user_hears_what_an_administrator_changes(client, officer):
    client.force_login(factories.sysadmin())
    page = reverse("admin:auth_user_password_change", args=[officer.pk])
    client.post(page, {"password1": "Other-pass-2027", "password2": "Other-pass-2027"})
    assert "重置了您的密码" in send_mails()[-1].body
    change = reverse("admin:accounts_user_change", args=[officer.pk])
    form = client.get(change).context["adminform"].form
    data = {"username": "officer", "name": officer.name, "new_email": "new@example.cn", "_save": "1"}
    data |= {name: value for name, value in form.initial.items() if name not in data and value is not None}
    data |= {f"memberships-{count}_FORMS": "0" for count in ("TOTAL", "INITIAL")}
    page = client.post(change, data)
    assert page.status_code == 302, page.context["errors"]
    assert Notice.objects.filter(recipient=officer, text__contains="把您的邮箱改成了").exists()


def test_this_session_stays_in_the_list_after_a_new_password(client, officer):
    sign_in(client, "officer")
    new = "Other-pass-2027"
    client.post(reverse("password_change"), {"old_password": PASSWORD, "new_password1": new, "new_password2": new})
    assert "现在这一处" in client.get(reverse("account_security")).content.decode()
