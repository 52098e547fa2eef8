"""Forms of sign-in: second step, repeated password, set-up of a factor, reset, address."""

import logging
import unicodedata

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.forms import ReauthenticateForm
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as FactorReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.password_validation import password_validators_help_text_html
from django.core.exceptions import ValidationError
from django.utils.functional import lazy

from authentication.devices import hash_token, token_of
from authentication.models import KnownDevice
from authentication.services.second_factors import accept_totp, period_of, warn_of_known_password
from core.throttling import exceeds, forget

log = logging.getLogger(__name__)
UNREADABLE = "平台暂时不能核对您的二次验证，请联系系统管理员。"
CODES_PER_USER, CODES_PER_DEVICE, WINDOW = 10, 6, 15 * 60
CODES_PER_USER_AND_DAY = 50
"""From places that are not known: three codes in a million are right at a time."""


def _code_field(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=20,
        help_text=help_text,
        error_messages={"required": "请输入验证码。"},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )


class FactorCodeMixin:
    """Codes of the authenticator are accepted once; wrong ones are counted before they are checked.

    A known device of the user has a counter of its own, so that somebody else who knows the password cannot use up
    the attempts of the user.
    """

    def clean_code(self) -> str:
        code = unicodedata.normalize("NFKC", self.cleaned_data["code"])  # １２３ of a Chinese input method
        token = hash_token(token_of(context.request))
        is_known = bool(token) and KnownDevice.objects.current().filter(user=self.user, token_hash=token).exists()
        place, limit = (token, CODES_PER_DEVICE) if is_known else ("", CODES_PER_USER)
        counted = f"{self.user.pk} {place}"
        is_over = exceeds("second-factor", counted, limit, WINDOW)
        if not is_known and exceeds("second-factor-of-a-day", str(self.user.pk), CODES_PER_USER_AND_DAY, 86400):
            is_over = True
        if is_over:
            warn_of_known_password(self.user)
            raise account_adapter().validation_error("too_many_login_attempts")
        rows = Authenticator.objects.filter(user=self.user).exclude(type=Authenticator.Type.WEBAUTHN)
        for row in rows.order_by("-type"):  # totp before recovery_codes
            if self._is_right(row, code):
                row.refresh_from_db()
                row.user = self.user
                self.authenticator = row
                forget("second-factor", counted)
                return code
        if row := rows.first():
            self._emit_authentication_failed(row)
        raise get_adapter().validation_error("incorrect_code")

    @staticmethod
    def _is_right(row: Authenticator, code: str) -> bool:
        try:
            return accept_totp(row, code) if row.type == Authenticator.Type.TOTP else row.wrap().validate_code(code)
        except ValueError:
            log.exception("a second factor cannot be decrypted")
            raise ValidationError(UNREADABLE) from None


class SecondFactorForm(FactorCodeMixin, AuthenticateForm):
    code = _code_field("验证码", "验证器上的 6 位数字，或者一个恢复码")


class RepeatedSecondFactorForm(FactorCodeMixin, FactorReauthenticateForm):
    code = _code_field("验证码", "验证器上的 6 位数字，或者一个恢复码")


class RepeatedPasswordForm(ReauthenticateForm):
    password = forms.CharField(
        label="密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


class TotpSetUpForm(ActivateTOTPForm):
    code = _code_field("验证器显示的 6 位数字", "约每 30 秒换一次；输错可以再试")

    def clean_code(self) -> str:
        code = super().clean_code()
        context.request.totp_period = period_of(self.secret, code)  # this code is not accepted again
        return code


class PasskeyAnswerMixin:
    """What is no answer of a passkey gets a sentence: allauth parses it without expecting any JSON there is."""

    def clean_credential(self):
        clean = getattr(super(), "clean_credential", lambda: self.cleaned_data["credential"])
        return self._checked(clean)

    def clean(self):
        return self._checked(super().clean)

    @staticmethod
    def _checked(clean):
        try:
            return clean()
        except (ValidationError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            if getattr(error, "code", None) == "too_many_login_attempts":
                raise
            raise ValidationError("通行密钥没有通过验证，请再试一次，或改用其他方式。") from error


class SecondStepPasskeyForm(PasskeyAnswerMixin, AuthenticateWebAuthnForm):
    pass


class SignInPasskeyForm(PasskeyAnswerMixin, LoginWebAuthnForm):
    pass


class RepeatedPasskeyForm(PasskeyAnswerMixin, ReauthenticateWebAuthnForm):
    pass


class PasskeyForm(PasskeyAnswerMixin, AddWebAuthnForm):
    passwordless = None
    name = forms.CharField(
        label="名称", required=False, max_length=30, help_text="便于您自己辨认，例如：办公室电脑、我的手机"
    )


class ResetRequestForm(forms.Form):
    name_or_address = forms.CharField(
        label="用户名或邮箱",
        max_length=254,
        error_messages={"required": "请填写用户名或登记的邮箱。"},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


class NewPasswordForm(SetPasswordForm):
    error_messages = {"password_mismatch": "两次输入的密码不一样，请重新输入。"}
    new_password1 = forms.CharField(
        label="新密码",
        strip=False,
        help_text=lazy(password_validators_help_text_html, str)(),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    new_password2 = forms.CharField(
        label="再次输入新密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )


class AddressForm(forms.Form):
    address = forms.EmailField(
        label="新邮箱",
        max_length=254,
        error_messages={"required": "请填写新邮箱。", "invalid": "邮箱格式不对，例如 name@example.cn。"},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
