"""The link in a mail that stops one subscription. It works without signing in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from subscriptions.services.saved_searches import pause_search
from subscriptions.stop_tokens import search_from_token


@csrf_exempt  # one-click unsubscribe (RFC 8058): mail programs post without loading a page; the token is the permission
@require_http_methods(["GET", "HEAD", "POST"])
def subscription_stop(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a page with a button and changes nothing; POST pauses the subscription of the token."""
    search = search_from_token(token)
    if search is None:
        raise Http404
    if request.method == "POST":
        pause_search(search, by=None)
        if request.POST.get("List-Unsubscribe") == "One-Click":
            return HttpResponse(status=204)
    context = {"search": search, "is_done": request.method == "POST" or search.is_paused, "token": token}
    response = render(request, "subscriptions/public/stop.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response
