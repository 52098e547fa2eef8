"""账号安全: password, address, second factor, sessions and government account of the signed-in user."""

from datetime import timedelta

from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import user_of
from authentication import oidc
from authentication.forms import AddressForm
from authentication.models import AddressChange, GovernmentAccount, UserSession
from authentication.services.addresses import ask_address_change
from authentication.services.government_accounts import unlink_account
from authentication.services.second_factors import (
    FEW_CODES,
    count_recovery_codes,
    has_second_factor,
    needs_second_factor,
)
from authentication.services.sessions import end_other_sessions, end_session
from core.masking import mask_email
from core.throttling import exceeds, throttled_response

ADDRESS_CHANGES_PER_DAY = 5


@never_cache
@login_required
@require_safe
def account_security(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    factors = Authenticator.objects.filter(user=user)
    return render(
        request,
        "authentication/workbench/security.html",
        {
            "address": mask_email(user.email),
            "open_change": AddressChange.objects.filter(user=user, status=AddressChange.Status.ASKED).first(),
            "totp": factors.filter(type=Authenticator.Type.TOTP).first(),
            "passkeys": factors.filter(type=Authenticator.Type.WEBAUTHN).order_by("created_at"),
            "has_factor": has_second_factor(user),
            "must_have_factor": needs_second_factor(user),
            "codes_left": count_recovery_codes(user),
            "few_codes": FEW_CODES,
            "sessions": _sessions(request),
            "government_name": settings.OIDC_NAME if oidc.is_configured() else "",
            "government_account": GovernmentAccount.objects.filter(user=user).first(),
        },
    )


def _sessions(request: HttpRequest) -> list[UserSession]:
    """With the time of the last request, up to a minute early: a session expires so long after it."""
    sessions = list(UserSession.objects.of(user_of(request)))
    for session in sessions:
        session.last_used_at = session.expires_at - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        session.is_this = session.session_key == request.session.session_key
    return sorted(sessions, key=lambda session: (not session.is_this, -session.last_used_at.timestamp()))


@never_cache
@login_required
@require_safe
def second_factor_setup(request: HttpRequest) -> HttpResponse:
    """The page for a user whose role requires a second factor and who has none."""
    user = user_of(request)
    if has_second_factor(user):
        return redirect("account_security")
    return render(request, "authentication/workbench/setup.html", {"is_required": needs_second_factor(user)})


@login_required
@require_POST
def session_end(request: HttpRequest, public_id: str) -> HttpResponse:
    user = user_of(request)
    session = get_object_or_404(UserSession, user=user, public_id=public_id)
    end_session(session, by=user)
    messages.success(request, "已退出那一处登录。")
    return redirect("account_security")


@login_required
@require_POST
def sessions_end(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    ended = end_other_sessions(user, except_key=request.session.session_key, by=user)
    messages.success(request, f"已退出其他 {ended} 处登录。" if ended else "没有其他登录。")
    return redirect("account_security")


@never_cache
@login_required
@reauthentication_required(app="authentication")
def address_change(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    form = AddressForm(request.POST or None)
    if form.is_valid():
        if exceeds("address-change", str(user.pk), ADDRESS_CHANGES_PER_DAY, 86400):
            return throttled_response(request, 86400)
        try:
            ask_address_change(user, form.cleaned_data["address"])
        except ValidationError as error:
            form.add_error("address", error)
        else:
            messages.success(request, "确认邮件已发到新邮箱，请在 24 小时内打开邮件里的链接。确认以前仍用原邮箱。")
            return redirect("account_security")
    context = {"form": form, "current": mask_email(user.email)}
    return render(request, "authentication/workbench/address.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
@reauthentication_required(app="authentication")
def government_unlink(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    try:
        unlink_account(user, by=user)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, "已解除绑定。")
    return redirect("account_security")
