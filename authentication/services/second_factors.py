"""Who needs a second factor, who has one, and what a system administrator does when it is lost."""

from collections.abc import Iterator

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from audit.services import record
from authentication.encryption import decrypt
from authentication.models import AccountMail
from authentication.services.account_mails import tell_user
from authentication.services.sessions import end_other_sessions
from core.throttling import exceeds

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
FEW_CODES = 2


def needs_second_factor(user: User) -> bool:
    required = set(settings.MFA_REQUIRED_ROLES)
    return bool(required and (user.is_superuser or user.scope.roles & required))


def has_second_factor(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def count_recovery_codes(user: User) -> int | None:
    """How many recovery codes are left; None if the user has none yet, 0 if they cannot be read any more."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    if row is None:
        return None
    try:
        return len(RecoveryCodes(row).get_unused_codes())
    except ValueError:
        return 0


def period_of(secret: str, code: str) -> int | None:
    """The period of half a minute in which the code is shown, if that is now or the one before or after."""
    periods: Iterator[int] = yield_hotp_counters_from_time()
    for period in periods:
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, period))):
            return period
    return None


@transaction.atomic
def accept_totp(authenticator: Authenticator, code: str) -> bool:
    """Whether the code is right and later than the last one that was accepted.

    A code stays right for a minute and a half (clock skew), so allauth's own memory of half a minute would accept it
    twice. The period of the last accepted code is kept in the row, which is locked meanwhile.
    """
    row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    period = period_of(decrypt(row.data["secret"]), code)
    if period is None or period <= row.data.get("last_period", -1):
        return False
    accept_no_earlier_code(row, period)
    return True


def accept_no_earlier_code(authenticator: Authenticator, period: int) -> None:
    authenticator.data["last_period"] = period
    authenticator.save(update_fields=["data"])


def warn_of_known_password(user: User) -> None:
    """Tell the user, once a day, that somebody who knows the password fails at the second step."""
    if not exceeds("second-factor-warning", str(user.pk), 1, 86400):
        sentence = "有人输对了您的密码，但多次没有通过二次验证。不是您本人的话，请立即修改密码。"
        tell_user(user, AccountMail.Kind.FACTOR, sentence, key="factor failed")


@transaction.atomic
def reset_second_factor(user: User, *, by: User | None, reason: str) -> None:
    """Delete all second factors of a user who has lost them, and end the user's sessions.

    `by` is None for who works on the server itself. Raises PermissionDenied unless a system administrator does it for
    somebody else, ValidationError without a reason or a second factor.
    """
    if by and not by.scope.is_sysadmin:
        raise PermissionDenied("只有系统管理员可以重置二次验证。")
    if by and user.pk == by.pk:
        raise PermissionDenied("不能重置自己的二次验证，请由另一位系统管理员办理。")
    if not reason.strip():
        raise ValidationError("请写明重置的理由，例如：本人持工作证到场，手机遗失。")
    deleted, _by_model = Authenticator.objects.filter(user=user).delete()
    if not deleted:
        raise ValidationError("“%(name)s”没有开启二次验证。", params={"name": user})
    end_other_sessions(user, except_key=None, by=by)
    record("重置二次验证", user, by=by, changes={"reason": [None, reason.strip()]})
    tell_user(
        user,
        AccountMail.Kind.FACTOR,
        f"系统管理员重置了您的二次验证，理由：{reason.strip()[:80]}。不是您本人提出的话，请立即联系系统管理员。",
        key="factor reset",
    )
