"""The unsubscribe link of a mail. It works without signing in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from notices import services
from notices.unsubscribe_tokens import user_from_token


@csrf_exempt  # one-click unsubscribe (RFC 8058): mail programs post without loading a page; the token is the permission
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the confirmation page and changes nothing; POST stops the mail of the token's user."""
    user = user_from_token(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        services.unsubscribe(user)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(status=204)
    return render(request, "notices/public/unsubscribe.html", {"is_done": request.method == "POST", "token": token})
