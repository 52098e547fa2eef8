"""Addresses of sign-in and of the page 账号安全."""

from types import SimpleNamespace

from allauth.mfa.models import Authenticator
from django.contrib.auth.tokens import default_token_generator
from django.utils.http import urlsafe_base64_encode

from authentication.links import make_link_token
from authentication.models import AddressChange, UserSession
from tests import factories as make

OWN_PAGE = {"GET": "login 200 200 200 200 200 200 200 200", "POST": "login 405 405 405 405 405 405 405 405"}
ONLY_POST = "login 405 405 405 405 405 405 405 405"
ASKS_AGAIN = {
    "GET": "login away away away away away away away away",  # the password, first
    "POST": "login away away away away away away away away",
}
PAGES = {
    "accounts/login/": {
        "GET": "200 away away away away away away away away",
        "POST": "200 away away away away away away away away",
    },
    "accounts/login/second-step/": {  # nobody is between the two steps
        "GET": "login away away away away away away away away",
        "POST": "login away away away away away away away away",
    },
    "accounts/login/passkey/": {
        "GET": "login away away away away away away away away",
        "POST": "login away away away away away away away away",
    },
    "accounts/login/government/": {"GET": "404", "POST": "405"},  # no provider is configured
    "accounts/login/government/callback/": {"GET": "404", "POST": "405"},
    "accounts/login/government/link/": {"GET": "404", "POST": "404"},
    "accounts/logout/": {"GET": "405", "POST": "away"},
    "accounts/reset/": {"GET": "200", "POST": "422"},
    "accounts/reset/sent/": {"GET": "200", "POST": "405"},
    "accounts/reset/<uidb64>/<token>/": {"about": "reset token", "GET": "away", "POST": "away"},  # whoever has the link
    "accounts/address/<str:token>/confirm/": {"about": "confirm token", "GET": "200", "POST": "200!"},
    "accounts/address/<str:token>/undo/": {"about": "confirm token", "GET": "404", "POST": "404"},  # another purpose
    "accounts/password/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 200 200 200 200 200 200 200 200",
    },
    "accounts/password/done/": OWN_PAGE,
    "accounts/again/": {
        "GET": "login 200 200 200 200 200 200 200 200",
        "POST": "login 200 200 200 200 200 200 200 200",
    },
    "accounts/again/code/": ASKS_AGAIN,  # nobody here has a second factor
    "accounts/again/passkey/": ASKS_AGAIN,
    "workbench/security/": OWN_PAGE,
    "workbench/security/set-up/": OWN_PAGE,
    "workbench/security/address/": ASKS_AGAIN,
    "workbench/security/sessions/end/": {"GET": ONLY_POST, "POST": "login away away away away away away away away"},
    "workbench/security/sessions/<public_id:public_id>/end/": {
        "about": "sign_in_session",
        "GET": ONLY_POST,
        "POST own": "login 404 404 404 404 404 404 404 404",  # of another user, also for colleagues and staff
        "POST foreign": "login 404 404 404 404 404 404 404 404",
    },
    "workbench/security/government/unlink/": {
        "GET": ONLY_POST,
        "POST": "login away away away away away away away away",
    },
    "workbench/security/authenticator/": ASKS_AGAIN,
    "workbench/security/authenticator/remove/": {
        "GET": "login 404 404 404 404 404 404 404 404",
        "POST": "login 404 404 404 404 404 404 404 404",
    },
    "workbench/security/passkeys/add/": ASKS_AGAIN,
    "workbench/security/passkeys/<int:pk>/remove/": ASKS_AGAIN | {"about": "passkey"},
    "workbench/security/codes/": {
        "GET": "login 404 404 404 404 404 404 404 404",
        "POST": "login 405 405 405 405 405 405 405 405",
    },
    "workbench/security/codes/new/": ASKS_AGAIN,
}


def plant(world, side) -> None:
    """Rows of a user of this side, who is none of those that visit."""
    secret = "新地址" + ("甲" if side is world.own else "乙")
    world.secret(secret)  # nobody's business, not even the administrator's
    user = side.somebody = make.user()
    side.address_change = AddressChange.objects.create(user=user, new_address=f"{secret}@example.cn")
    side.sign_in_session = UserSession.objects.create(
        user=user, session_key=secret, device=secret, address="203.0.113.*"
    )
    data = {"name": secret, "credential": {}}
    side.passkey = Authenticator.objects.create(user=user, type="webauthn", data=data)


def reset_token(user) -> SimpleNamespace:
    uid = urlsafe_base64_encode(str(user.pk).encode())
    return SimpleNamespace(public_id=f"{uid}/{default_token_generator.make_token(user)}")


def confirm_token(side) -> SimpleNamespace:
    return SimpleNamespace(public_id=make_link_token(side.address_change, "confirm"))
