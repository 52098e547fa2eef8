import math

from axes.conf import settings as axes_settings
from axes.helpers import get_cool_off, get_failure_limit
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth import views as auth_views
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from accounts.forms import SignInForm, SignUpForm
from accounts.models import SignUp
from accounts.services.sign_ups import submit_sign_up
from audit.services import record


class LoginView(auth_views.LoginView):
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["site"] = settings.SITE  # the view's own `site` is a host name
        context["idle_minutes"] = settings.SESSION_COOKIE_AGE // 60 if "idle" in self.request.GET else None
        return context


class PasswordChangeView(auth_views.PasswordChangeView):
    def form_valid(self, form):
        response = super().form_valid(form)
        record(_("修改密码"), self.request.user, by=self.request.user)
        return response


def admin_login(request):
    """The admin has no door of its own: one login page, one lock."""
    if request.user.is_authenticated:
        raise PermissionDenied(_("您的账号没有管理后台的权限。"))
    return redirect(f"{reverse('login')}?{request.META['QUERY_STRING']}")


def locked_out(request, original_response=None, credentials=None):
    """Axes asks for this page when somebody failed too often: how long to wait, and what else to do."""
    last = AccessAttempt.objects.filter(
        username=(credentials or {}).get("username"), ip_address=request.axes_ip_address
    ).aggregate(at=Max("attempt_time"))["at"]
    left = get_cool_off(request) - (timezone.now() - (last or timezone.now()))
    seconds = max(60, math.ceil(left.total_seconds()))
    context = {"limit": get_failure_limit(request, credentials), "minutes": math.ceil(seconds / 60)}
    response = render(request, "accounts/locked_out.html", context, status=axes_settings.AXES_HTTP_RESPONSE_CODE)
    response["Retry-After"] = str(seconds)
    return response


@sensitive_post_parameters("password", "password_again")
def sign_up(request):
    form = SignUpForm(request.POST or None)
    if form.is_valid():
        try:
            asked = submit_sign_up(**form.asked)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("sign_up_state", asked.public_id)
    return render(request, "accounts/sign_up.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
def sign_up_state(request, public_id):
    """What became of an application; whoever has the link may ask, so nothing of a person is on it."""
    asked = get_object_or_404(SignUp.objects.select_related("stat_region"), public_id=public_id)
    return render(request, "accounts/sign_up_state.html", {"sign_up": asked})
