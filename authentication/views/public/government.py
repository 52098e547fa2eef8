"""Sign-in with an account of the government: to the provider, back, and linking with a user of the platform."""

import time

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.requests import user_of
from authentication import oidc
from authentication.claims import map_claims
from authentication.services.government_accounts import link_account, use_account, user_of_account
from core.throttling import throttle_posts

PENDING = "government_account"
PENDING_SECONDS = 15 * 60


@never_cache
@require_GET
def government_start(request: HttpRequest) -> HttpResponse:
    _require_configured()
    try:
        return oidc.redirect_to_provider(request)
    except oidc.ProviderError:
        return _unavailable(request)


@never_cache
@require_GET
def government_callback(request: HttpRequest) -> HttpResponse:
    """Sign the person in who has linked this account; else remember it until an account here is proved as well."""
    _require_configured()
    try:
        claims = oidc.read_answer(request)
    except oidc.ProviderError:
        return _unavailable(request)
    user = user_of_account(claims["iss"], claims["sub"])
    if user is None or request.user.is_authenticated:
        request.session[PENDING] = {
            "issuer": claims["iss"],
            "subject": claims["sub"],
            "claims": _kept(claims),
            "until": time.time() + PENDING_SECONDS,
        }
        return redirect("government_link")
    record_authentication(request, user, method="government")
    use_account(user, claims)
    return perform_login(request, Login(user=user, redirect_url=reverse("workbench")))


@never_cache
@throttle_posts("government-link", 20, 600)
@require_http_methods(["GET", "POST"])
def government_link(request: HttpRequest) -> HttpResponse:
    """Who is signed in confirms the link; who is not reads how to get an account or to sign in first."""
    _require_configured()
    pending = request.session.get(PENDING)
    if not pending or pending["until"] < time.time():
        request.session.pop(PENDING, None)
        return redirect("account_security" if request.user.is_authenticated else "login")
    if not request.user.is_authenticated:
        return render(request, "authentication/public/government_unknown.html", _context(pending))
    return _confirm_link(request)


@reauthentication_required(app="authentication")
def _confirm_link(request: HttpRequest) -> HttpResponse:
    pending = request.session[PENDING]
    if request.method == "POST":
        del request.session[PENDING]
        try:
            link_account(
                user_of(request), issuer=pending["issuer"], subject=pending["subject"], claims=pending["claims"]
            )
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, "已绑定政务账号，以后可以用它登录。")
        return redirect("account_security")
    return render(request, "authentication/workbench/government_link.html", _context(pending))


def _require_configured() -> None:
    if not oidc.is_configured():
        raise Http404


def _kept(claims: dict) -> dict:
    """Of all claims only those that are used: the session is no place for a person's file."""
    mapping = settings.OIDC_CLAIMS
    names = {mapping.get("name", "name"), mapping.get("credit_code"), (mapping.get("roles") or {}).get("claim")}
    return {name: claims[name] for name in names if name and name in claims}


def _context(pending: dict) -> dict:
    return {"government_name": settings.OIDC_NAME, "mapped": map_claims(pending["claims"])}


def _unavailable(request: HttpRequest) -> HttpResponse:
    return render(
        request, "authentication/public/government_failed.html", {"government_name": settings.OIDC_NAME}, status=502
    )
