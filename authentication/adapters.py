"""What allauth asks of the platform: texts, client address, what happens at sign-in, encryption, names of passkeys."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.models import User
from authentication import devices, encryption
from authentication.attempt_handler import forgive_attempt
from authentication.services.second_factors import FACTORS, needs_second_factor
from authentication.services.sessions import remember_sign_in
from core.client_address import client_address

MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"
PASSWORD_AT_FIRST_STEP = "password_at_first_step"  # noqa: S105 key of the session
MESSAGES = {
    "mfa/messages/totp_activated.txt": "手机验证器已启用。",
    "mfa/messages/totp_deactivated.txt": "手机验证器已停用。",
    "mfa/messages/webauthn_added.txt": "通行密钥已添加。",
    "mfa/messages/webauthn_removed.txt": "通行密钥已删除。",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "这个账号已停用，请联系所在单位或系统管理员。",
        "incorrect_code": "验证码不对或已经用过，请等验证器显示新的 6 位数字后再输入。",
        "incorrect_password": "密码不对，请检查大小写和输入法。",
        "too_many_login_attempts": "输错次数太多，请 15 分钟后再试，或改用通行密钥。",
        "rate_limited": "尝试太频繁，请 15 分钟后再试。",
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104 no address to bind

    def add_message(self, request, level, message_template=None, message_context=None, extra_tags="", message=None):
        text = message or MESSAGES.get(message_template or "")
        if text:
            messages.add_message(request, level, text, extra_tags=extra_tags)

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        messages.error(request, self.error_messages["account_inactive"])
        return HttpResponseRedirect(reverse("login"))

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Counted like a sign-in, so that an open session is no place to try passwords."""
        request = context.request
        accepted = authenticate(request, username=user.username, password=password)
        if accepted is None or accepted.pk != user.pk:
            return False
        forgive_attempt(request)
        return True

    def login(self, request: HttpRequest, user: Any) -> None:
        """Raises nothing: `post_login` asks whether it happened. Refused if the user was suspended or the password
        changed between the first step and the second.
        """
        first_step = request.session.pop(PASSWORD_AT_FIRST_STEP, None)
        changed = first_step and first_step[0] == user.pk and first_step[1] != user.get_session_auth_hash()
        if user.is_active and not changed:
            login(request, user, backend=MODEL_BACKEND)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            messages.error(request, "账号刚有变动，请重新登录。")
            return HttpResponseRedirect(reverse("login"))
        response = super().post_login(request, user, **kwargs)
        token = devices.token_of(request) or devices.new_token()
        remember_sign_in(
            user,
            session_key=request.session.session_key or "",
            token=token,
            device=devices.describe(request),
            address=client_address(request),
        )
        devices.set_cookie(response, token)
        return response


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": "您的角色必须使用二次验证：请先添加另一种方式，再停用这一种。",
        "cannot_generate_recovery_codes": "请先启用手机验证器或通行密钥，再生成恢复码。",
        "incorrect_code": "验证码不对或已经用过，请等验证器显示新的 6 位数字后再输入。",
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)

    def get_totp_label(self, user: Any) -> str:
        return user.username

    def get_totp_issuer(self) -> str:
        return settings.SITE["short_name"]

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        user: User = authenticator.user
        others = Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=authenticator.pk)
        return not needs_second_factor(user) or others.exists()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return f"通行密钥 {number}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": passkey_domain(), "name": settings.SITE["short_name"]}

    def get_public_key_credential_user_entity(self, user: Any) -> dict:
        return super().get_public_key_credential_user_entity(user) | {"display_name": user.name, "name": user.username}


def passkey_domain() -> str:
    """The domain that passkeys are bound to; never taken from the request, whose Host header a client chooses."""
    return settings.WEBAUTHN_DOMAIN or urlsplit(settings.SITE_ADDRESS).hostname or ""


def used_second_factor(request: HttpRequest) -> bool:
    """Whether a second factor was used in this session."""
    return any(entry.get("method") == "mfa" for entry in get_authentication_records(request, request.user))
