"""Login, lockout after failed attempts, and change of the password."""

import math

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


class LoginView(auth_views.LoginView):
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        context["site"] = settings.SITE  # replaces Django's `site`, which is a host name
        context["idle_minutes"] = settings.SESSION_COOKIE_AGE // 60 if "idle" in self.request.GET else None
        return context


class PasswordChangeView(auth_views.PasswordChangeView):
    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        response = super().form_valid(form)
        user = user_of(self.request)
        record("修改密码", user, by=user)
        return response


def admin_login(request: HttpRequest) -> HttpResponse:
    """Redirect the login of the admin to the login page, so that there is one login with one lockout."""
    if request.user.is_authenticated:
        raise PermissionDenied("您的账号没有管理后台的权限。")
    return redirect(f"{reverse('login')}?{request.META['QUERY_STRING']}")


def locked_out(
    request: HttpRequest, original_response: HttpResponse | None = None, credentials: dict | None = None
) -> HttpResponse:
    """AXES_LOCKOUT_CALLABLE: the page after too many failed attempts, with the remaining time."""
    last = AccessAttempt.objects.filter(
        username=(credentials or {}).get("username"), ip_address=request.axes_ip_address
    ).aggregate(at=Max("attempt_time"))["at"]
    remaining = get_cool_off(request) - (timezone.now() - (last or timezone.now()))
    seconds = max(60, math.ceil(remaining.total_seconds()))
    context = {"limit": get_failure_limit(request, credentials), "minutes": math.ceil(seconds / 60)}
    status = axes_settings.AXES_HTTP_RESPONSE_CODE
    response = render(request, "accounts/public/locked_out.html", context, status=status)
    response["Retry-After"] = str(seconds)
    return response
