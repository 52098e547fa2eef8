"""Login, its lockout, and change of the password."""

import math

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from axes.conf import settings as axes_settings
from axes.helpers import get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.forms import SignInForm
from accounts.requests import user_of
from audit.services import record
from authentication.adapters import PASSWORD_AT_FIRST_STEP
from authentication.attempt_handler import forgive_attempt
from authentication.oidc import is_configured
from authentication.services.sessions import end_other_sessions, keep_session
from core.kept_pages import forget_kept_pages


class LoginView(auth_views.LoginView):
    """The first step: name and password. allauth asks for the second factor of users who have one."""

    form_class = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form) -> HttpResponse:
        user = form.get_user()
        forgive_attempt(self.request)
        self.request.session[PASSWORD_AT_FIRST_STEP] = [user.pk, user.get_session_auth_hash()]
        login = Login(user=user, redirect_url=self.get_success_url())
        return perform_password_login(self.request, {"username": user.username}, login)

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        context["site"] = settings.SITE  # replaces Django's `site`, which is a host name
        context["idle_minutes"] = settings.SESSION_COOKIE_AGE // 60 if "idle" in self.request.GET else None
        context["government_name"] = settings.OIDC_NAME if is_configured() else ""
        return context


class LogoutView(auth_views.LogoutView):
    """Signing out also ends what this browser keeps for use without a network."""

    def post(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        response = super().post(request, *args, **kwargs)
        forget_kept_pages(response)
        return response


class PasswordChangeView(auth_views.PasswordChangeView):
    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        old_key = self.request.session.session_key
        response = super().form_valid(form)
        user = user_of(self.request)
        keep_session(old_key, self.request.session.session_key)
        record("修改密码", user, by=user)
        end_other_sessions(user, except_key=self.request.session.session_key, by=user)
        return response


def admin_login(request: HttpRequest) -> HttpResponse:
    """Redirect the login of the admin to the login page, so that there is one login with one lockout."""
    if request.user.is_authenticated:
        raise PermissionDenied("您的账号没有管理后台的权限。")
    return redirect(f"{reverse('login')}?{request.META['QUERY_STRING']}")


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: dict | None = None
) -> HttpResponse:
    """AXES_LOCKOUT_CALLABLE: the page after too many failed attempts, with the remaining time.

    The same for names that exist and that do not.
    """
    seconds = getattr(request, "sign_in_wait", 0) or _remaining_of_axes(request, credentials)
    context = {
        "limit": get_failure_limit(request, credentials),
        "minutes": math.ceil(seconds / 60),
        "is_wide": bool(getattr(request, "sign_in_wait", 0)),
    }
    status = axes_settings.AXES_HTTP_RESPONSE_CODE
    response = render(request, "accounts/public/locked_out.html", context, status=status)
    response["Retry-After"] = str(seconds)
    return response


def _remaining_of_axes(request: HttpRequest, credentials: dict | None) -> int:
    last = AccessAttempt.objects.filter(
        username=(credentials or {}).get("username"), ip_address=request.axes_ip_address
    ).aggregate(at=Max("attempt_time"))["at"]
    remaining = get_cool_off(request) - (timezone.now() - (last or timezone.now()))
    return max(60, math.ceil(remaining.total_seconds()))
