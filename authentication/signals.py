"""Audit records and messages to the user on what allauth reports about second factors."""

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from audit.services import record
from authentication.models import AccountMail
from authentication.services.account_mails import tell_user
from authentication.services.second_factors import FACTORS, FEW_CODES, accept_no_earlier_code, count_recovery_codes
from authentication.services.sessions import end_other_sessions

LABELS = {
    Authenticator.Type.TOTP: "手机验证器",
    Authenticator.Type.WEBAUTHN: "通行密钥",
    Authenticator.Type.RECOVERY_CODES: "恢复码",
}
WARNING = "不是您本人操作的话，请立即修改密码并联系系统管理员。"


@receiver(signals.authenticator_added)
def record_added(sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs) -> None:
    """The session that set it up has proved it. Sessions that have not are ended with the first factor."""
    label = LABELS[authenticator.type]
    record("启用二次验证", user, by=user, changes={"type": [None, label]})
    if authenticator.type not in FACTORS:
        return
    record_authentication(request, user, method="mfa", id=authenticator.pk, type=authenticator.type)
    if authenticator.type == Authenticator.Type.TOTP and (period := getattr(request, "totp_period", None)):
        accept_no_earlier_code(authenticator, period)
    if not Authenticator.objects.filter(user=user, type__in=FACTORS).exclude(pk=authenticator.pk).exists():
        end_other_sessions(user, except_key=request.session.session_key, by=user)
    tell_user(user, AccountMail.Kind.FACTOR, f"您的账号启用了{label}。{WARNING}", key="factor")


@receiver(signals.authenticator_removed)
def record_removed(sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs) -> None:
    label = LABELS[authenticator.type]
    record("停用二次验证", user, by=user, changes={"type": [label, None]})
    if authenticator.type in FACTORS:
        tell_user(user, AccountMail.Kind.FACTOR, f"您的账号停用了{label}。{WARNING}", key="factor")


@receiver(signals.authenticator_reset)
def record_new_codes(sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs) -> None:
    record("重新生成恢复码", user, by=user)
    tell_user(user, AccountMail.Kind.FACTOR, f"您的账号重新生成了恢复码，原来的都已作废。{WARNING}", key="codes")


@receiver(signals.authenticator_used)
def record_use(sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs) -> None:
    label = LABELS[authenticator.type]
    record("通过二次验证", user, by=user, changes={"type": [None, label]})
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        left = count_recovery_codes(user) or 0
        advice = "请尽快重新生成。" if left <= FEW_CODES else ""
        sentence = f"刚用一个恢复码通过了二次验证，还剩 {left} 个。{advice}{WARNING}"
        tell_user(user, AccountMail.Kind.FACTOR, sentence, key="code used")


@receiver(signals.authentication_failed)
def record_failure(sender: object, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs) -> None:
    record("二次验证失败", user, by=None)
