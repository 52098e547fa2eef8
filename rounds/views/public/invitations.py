"""Answering an invitation with its code, without an account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_http_methods

from core import throttling
from core.public_id import is_public_id
from rounds.forms.invitations import CodeForm
from rounds.services.invitation_answers import party_by_code
from rounds.views.party_pages import invitation_page

UNKNOWN_CODE = "没有找到这个邀请码。请核对邀请函或邮件中的 10 位邀请码；邀请已经撤回的，也会看到这句话。"


@require_http_methods(["GET", "POST"])
def rsvp_code(request: HttpRequest) -> HttpResponse:
    """Where the code of a printed letter is typed in."""
    if throttling.is_throttled(request):
        return throttling.throttled_response(request)
    form = CodeForm(request.POST or None)
    if form.is_valid():
        code = form.cleaned_data["code"]
        if is_public_id(code) and party_by_code(code):
            return redirect("rsvp", code)
        throttling.record_failed_attempt(request)
        form.add_error("code", UNKNOWN_CODE)
    return render(request, "rounds/public/invitation_code.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def rsvp(request: HttpRequest, code: str) -> HttpResponse:
    if throttling.is_throttled(request):
        return throttling.throttled_response(request)
    party = party_by_code(code)
    if party is None:
        throttling.record_failed_attempt(request)
        return render(request, "rounds/public/invitation_unknown.html", {"text": UNKNOWN_CODE}, status=404)
    response = invitation_page(request, party, by=None)
    add_never_cache_headers(response)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
