from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse

from authentication.adapters import used_second_factor
from authentication.services.second_factors import has_second_factor, needs_second_factor

OPEN = {
    "healthz",
    "livez",
    "readyz",
    "logout",
    "second_factor_setup",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
}
"""Names of the pages that a user who still needs a second factor may open."""


class SecondFactorMiddleware:
    """Nothing else for a user who needs a second factor and has not used one in this session.

    Who has none is led to its set-up; who has one but came without it (a session older than the factor) signs in anew.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict) -> HttpResponse | None:
        if not settings.MFA_REQUIRED_ROLES or not request.user.is_authenticated or used_second_factor(request):
            return None
        match = request.resolver_match
        name = match.url_name if match and not match.namespaces else None
        if not needs_second_factor(request.user):
            return None
        if has_second_factor(request.user):
            logout(request)
            request.was_signed_out = True
            messages.info(request, "您已开启二次验证，请重新登录并完成验证。")
            return self._refuse(request, reverse("login"))
        return None if name in OPEN else self._refuse(request, reverse("second_factor_setup"))

    def _refuse(self, request: HttpRequest, page: str) -> HttpResponse:
        if request.path.startswith("/api/"):
            problem = {"status": 403, "title": "请先完成二次验证，再使用接口。"}
            return JsonResponse(problem, status=403, content_type="application/problem+json")
        if getattr(request, "htmx", False):
            response = HttpResponse(status=403)
            response["HX-Redirect"] = page
            return response
        return redirect(page)
