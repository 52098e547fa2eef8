"""Accepting an invitation to an organisation by its link."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.models import User
from core.throttling import is_throttled, record_failed_attempt, throttle_posts, throttled_response
from members.forms import AcceptInvitationForm
from members.models import Invitation
from members.services.invitations import UNKNOWN, accept_with_account, open_invitation


@sensitive_post_parameters("password", "password_again")
@throttle_posts("invitation", limit=20, seconds=3600)
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """GET shows who invites to which organisation; only POST uses the link."""
    if is_throttled(request):
        return throttled_response(request)
    row = open_invitation(secret)
    if row is None:
        record_failed_attempt(request)
        unknown = render(request, "members/public/invitation_unknown.html", {"text": UNKNOWN}, status=404)
        return _private(unknown)
    if isinstance(request.user, User):
        return _with_account(request, row, request.user)
    form = AcceptInvitationForm(row, request.POST or None)
    if form.is_valid() and form.save() and form.user:
        messages.success(request, f"您已加入{row.organisation.name}。您的用户名是“{form.user.username}”，请登录。")
        return redirect("login")
    if "email" in form.errors:
        record_failed_attempt(request)
    context = {"invitation": row, "form": form}
    return _private(render(request, "members/public/invitation.html", context, status=422 if form.errors else 200))


def _with_account(request: HttpRequest, row: Invitation, user: User) -> HttpResponse:
    if request.method == "POST":
        try:
            accept_with_account(row, by=user)
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, f"您已加入{row.organisation.name}。")
        return redirect("workbench")
    return _private(render(request, "members/public/invitation.html", {"invitation": row, "form": None}))


def _private(response: HttpResponse) -> HttpResponse:
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
