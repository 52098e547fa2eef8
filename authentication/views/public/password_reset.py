"""Reset of a forgotten password: ask for the link, choose a new password."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.views.decorators.http import require_safe

from authentication.forms import NewPasswordForm, ResetRequestForm
from authentication.services.passwords import ask_password_reset, finish_password_reset
from core.throttling import exceeds, throttle_posts


@throttle_posts("password-reset", 10, 3600)
def password_reset(request: HttpRequest) -> HttpResponse:
    """The answer is the same for names that exist and that do not, also if a name was asked for too often."""
    form = ResetRequestForm(request.POST or None)
    if form.is_valid():
        text = form.cleaned_data["name_or_address"]
        if not exceeds("password-reset-name", text.strip().casefold(), 3, 3600):
            ask_password_reset(text)
        return redirect("password_reset_done")
    status = 422 if form.errors else 200
    return render(request, "authentication/public/password_reset.html", {"form": form}, status=status)


@require_safe
def password_reset_done(request: HttpRequest) -> HttpResponse:
    return render(request, "authentication/public/password_reset_done.html")


class PasswordResetConfirmView(auth_views.PasswordResetConfirmView):
    """Django keeps the token in the session and takes it out of the address. A GET, such as that of a scanner of
    mails, uses nothing up.
    """

    form_class = NewPasswordForm
    template_name = "authentication/public/password_reset_confirm.html"
    success_url = reverse_lazy("login")

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(**kwargs) | {"site": settings.SITE}

    def form_valid(self, form) -> HttpResponse:
        response = super().form_valid(form)
        finish_password_reset(form.user)
        messages.success(self.request, "密码已重置，请用新密码登录。")
        return response
