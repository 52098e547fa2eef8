"""Attacks on sign-in with a government account, against a real provider on 127.0.0.1."""

import base64
import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client
from django.urls import reverse
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from accounts.models import Membership, User
from authentication import oidc
from authentication.models import GovernmentAccount
from tests import factories
from tests.authentication.provider import change_claims, run_provider
from tests.authentication.sign_ins import answer, code_of, give_totp, is_signed_in, prove_again, sign_in
from tests.members.services.test_sign_ups import code as credit_code

pytestmark = pytest.mark.django_db
START, LINK = "/accounts/login/government/", "/accounts/login/government/link/"
CLAIMS = {
    "credit_code": "uscc",
    "roles": {"claim": "duty", "map": {"经办人": "firm_officer", "区县": "district_officer"}},
}


@pytest.fixture(scope="module")
def running():
    with run_provider() as provider:
        yield provider


@pytest.fixture
def provider(running, settings):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = running.issuer, "platform", "s3cret"
    settings.OIDC_CLAIMS = CLAIMS
    running.forge, running.with_token = None, True
    running.requests.clear()
    return running


def at_provider(location: str, subject: str = "gov-1", **claims) -> str:
    """The person agrees at the provider. Returns the path with which the provider sends them back."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(location))
    requests.put(f"{origin}/users/{subject}", json={"name": "张三"} | claims, timeout=10).raise_for_status()
    agreed = requests.post(location, data={"sub": subject}, allow_redirects=False, timeout=10)
    return agreed.headers["Location"].removeprefix("http://127.0.0.1:8000")


def go(client, subject="gov-1", **claims):
    return client.get(at_provider(client.get(START)["Location"], subject, **claims))


@pytest.fixture
def someone():
    return factories.firm_officer(username="someone")


@pytest.fixture
def linked(someone, provider):
    GovernmentAccount.objects.create(user=someone, issuer=provider.issuer, subject="gov-1")
    return someone


def test_the_request_carries_state_nonce_and_pkce(client, provider):
    location = client.get(START)["Location"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
    assert query["code_challenge_method"] == "S256" and query["response_type"] == "code"
    assert min(len(query[name]) for name in ("state", "nonce", "code_challenge")) >= 20
    assert query["redirect_uri"] == "http://127.0.0.1:8000/accounts/login/government/callback/"


def test_a_linked_account_signs_in(client, linked):
    assert go(client)["Location"] == reverse("workbench")
    assert is_signed_in(client)
    assert GovernmentAccount.objects.get().last_used_at


def test_a_second_factor_is_asked_for_here_too(client, linked):
    totp = give_totp(linked)
    assert go(client)["Location"] == reverse("mfa_authenticate") and not is_signed_in(client)
    answer(client, code_of(totp))
    assert is_signed_in(client)


def test_an_unknown_person_reads_how_to_apply_and_nothing_is_made(client, provider):
    factories.user(username="zhang", name="张三", email="zhang@example.cn")  # the same name and address
    page = client.get(go(client, email="zhang@example.cn", email_verified=True)["Location"])
    text = page.content.decode()
    assert "还没有绑定" in text and "企业注册" in text and "张三" in text
    assert not is_signed_in(client) and User.objects.count() == 1 and not GovernmentAccount.objects.exists()


def test_linking_needs_the_password_and_a_button(client, provider, someone):
    go(client)
    assert sign_in(client, "someone").status_code == 302
    page = client.get(LINK)
    assert page["Location"].startswith(reverse("account_reauthenticate"))
    assert not GovernmentAccount.objects.exists()
    prove_again(client)
    assert "张三" in client.get(LINK).content.decode()
    assert not GovernmentAccount.objects.exists()
    client.post(LINK)
    assert GovernmentAccount.objects.get().user == someone
    other = Client()
    assert go(other)["Location"] == reverse("workbench") and is_signed_in(other)
    client.post(reverse("government_unlink"))
    assert not GovernmentAccount.objects.exists()


def test_an_account_is_linked_with_one_user_only(client, linked):
    other = factories.user(username="other")
    client.force_login(other)
    go(client)
    prove_again(client)
    assert "已经绑定过" in client.post(LINK, follow=True).content.decode()
    assert GovernmentAccount.objects.get().user == linked


def unsigned(header, claims, key) -> str:
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none'})}.{part(claims)}."


FORGED = {
    "nonce of another request": change_claims(nonce="x" * 20),
    "no nonce": change_claims(nonce=None),
    "another audience": change_claims(aud=["another"]),
    "no audience": change_claims(aud=None),
    "audience among others without azp": change_claims(aud=["platform", "another"], azp="another"),
    "another issuer": change_claims(iss="https://evil.example"),
    "no issuer": change_claims(iss=None),
    "no subject": change_claims(sub=None),
    "empty subject": change_claims(sub=" "),
    "subject of another type": change_claims(sub=["gov-1"]),
    "expired": change_claims(exp=int(time.time()) - 3600),
    "no expiry": change_claims(exp=None),
    "issued in the future": change_claims(iat=int(time.time()) + 3600),
    "alg none": unsigned,
    "signed by a stranger": lambda header, claims, key: jwt.encode(header, claims, RSAKey.generate_key()),
    "public key as the secret": lambda header, claims, key: jwt.encode(
        {"alg": "HS256"}, claims, OctKey.import_key(key.as_pem(private=False)), algorithms=["HS256"]
    ),
    "client secret as the key": lambda header, claims, key: jwt.encode(
        {"alg": "HS256"}, claims, OctKey.import_key(b"s3cret" * 8), algorithms=["HS256"]
    ),
    "no token at all": lambda header, claims, key: "",
    "rubbish": lambda header, claims, key: "a.b.c",
}


def test_a_token_that_is_signed_anew_unchanged_signs_in(client, linked, provider):
    """Otherwise the refusals below would prove nothing."""
    provider.forge = change_claims()
    go(client)
    assert is_signed_in(client)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_forged_token_signs_nobody_in(linked, provider):
    for how, forge in FORGED.items():
        client, provider.forge = Client(), forge
        page = go(client)
        assert page.status_code == 502 and "没有登录" in page.content.decode(), how
        assert not is_signed_in(client), how


def test_an_answer_without_an_id_token_signs_nobody_in(client, linked, provider):
    provider.with_token = False
    assert go(client).status_code == 502 and not is_signed_in(client)


def test_an_answer_works_once_and_only_in_its_own_browser(client, linked):
    path = at_provider(client.get(START)["Location"])
    victim = Client()  # attack: sign the victim in as the attacker
    assert victim.get(path).status_code == 502 and not is_signed_in(victim)
    assert client.get(path).status_code == 302
    client.post(reverse("logout"))
    assert client.get(path).status_code == 502 and not is_signed_in(client)


@pytest.mark.parametrize("change", ["state=", "code="])
def test_a_changed_answer_is_refused(client, linked, change):
    path = at_provider(client.get(START)["Location"])
    assert client.get(path.replace(change, change + "x")).status_code == 502
    assert client.get(reverse("government_callback")).status_code == 502
    assert client.get(reverse("government_callback") + "?error=access_denied&error_description=<b>").status_code == 502
    assert not is_signed_in(client)


def test_a_suspended_user_is_not_signed_in(client, linked):
    User.objects.update(is_active=False)
    go(client)
    assert not is_signed_in(client)


def test_the_provider_is_away_and_the_password_still_works(client, someone, settings, closed_port):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = f"http://127.0.0.1:{closed_port}", "platform"
    page = client.get(START)
    assert page.status_code == 502 and "用户名和密码" in page.content.decode()
    assert sign_in(client, "someone").status_code == 302


def test_metadata_of_another_issuer_are_refused(client, provider, settings):
    settings.OIDC_ISSUER = provider.issuer.replace("127.0.0.1", "localhost")
    oidc._client_for.cache_clear()
    client.get(START)
    metadata = oidc._client_for(settings.OIDC_ISSUER, "platform", "s3cret", settings.OIDC_SCOPE).load_server_metadata()
    metadata["issuer"] = "https://evil.example"
    assert client.get(START).status_code == 502


def test_without_settings_the_pages_do_not_exist(client):
    for path in (START, START + "callback/", LINK):
        assert client.get(path).status_code == 404
    assert "政务" not in client.get(reverse("login")).content.decode()


@pytest.fixture
def firm():
    return factories.organisation("firm", stat_region=factories.region(), credit_code=credit_code())


def signed_in_with(claims: dict, user, provider) -> Client:
    GovernmentAccount.objects.get_or_create(user=user, issuer=provider.issuer, subject="gov-1")
    client = Client()
    go(client, **claims)
    assert is_signed_in(client)
    return client


def test_claims_join_a_firm_for_which_nobody_speaks_yet(provider, firm):
    user = factories.user()
    signed_in_with({"uscc": firm.credit_code, "duty": "经办人"}, user, provider)
    assert list(user.memberships.values_list("organisation", "role")) == [(firm.pk, "firm_officer")]


def test_claims_that_say_too_little_or_too_much_give_nothing(provider, firm):
    for claims in (
        {"duty": "经办人"},
        {"uscc": "not a code", "duty": "经办人"},
        {"uscc": ["CODE"], "duty": "经办人"},
        {"uscc": "CODE"},
        {"uscc": "CODE", "duty": "市级"},  # not in the map
        {"uscc": "CODE", "duty": "city_officer"},
        {"uscc": "CODE", "duty": {"经办人": True}},
        {"uscc": "CODE", "duty": "区县"},  # mapped, but a firm has no district officers
        {"organisation": "CODE", "role": "sysadmin", "is_superuser": True},
    ):
        user = factories.user()
        texts = {name: firm.credit_code if value == "CODE" else value for name, value in claims.items()}
        signed_in_with(texts, user, provider)
        user.refresh_from_db()
        assert not user.memberships.exists() and not user.is_staff and not user.is_superuser, claims
        GovernmentAccount.objects.all().delete()


def test_a_firm_that_has_members_decides_itself(provider, firm):
    factories.firm_officer(firm)
    user = factories.user()
    signed_in_with({"uscc": firm.credit_code, "duty": "经办人"}, user, provider)
    assert not user.memberships.exists()


def test_changed_claims_neither_take_nor_move(provider, firm, someone):
    own = someone.memberships.get()
    signed_in_with({"uscc": own.organisation.credit_code, "duty": "另一职务"}, someone, provider)
    assert list(someone.memberships.all()) == [own]
    assert Membership.objects.count() == 1
