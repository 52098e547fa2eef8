"""The star of lists and detail pages. A visitor is led to sign in; what was marked is marked then."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.models import User
from core.client_address import client_address
from core.csrf import accept_same_origin
from core.throttling import exceeds, throttled_response
from favourites.posted_items import MODELS, PENDING, item_of
from favourites.public_facts import Item
from favourites.services import favourites as services

VISITOR_LIMIT, VISITOR_WINDOW = 60, 600
"""So many marks of visitors from one address in so many seconds: each stores a session."""


@accept_same_origin
@require_POST
def add_favourite(request: HttpRequest) -> HttpResponse:
    kind, item = _posted_item(request)
    if not isinstance(request.user, User):
        if exceeds("favourite", client_address(request) or "", VISITOR_LIMIT, VISITOR_WINDOW):
            return throttled_response(request, VISITOR_WINDOW)
        request.session[PENDING] = [kind, item.public_id]
        return redirect_to_login(_next(request, item))
    try:
        services.add_favourite(item, by=request.user)
    except ValidationError as error:
        return _answer(request, item, is_favourite=False, error=error.messages[0])
    return _answer(request, item, is_favourite=True)


@accept_same_origin
@require_POST
def remove_favourite(request: HttpRequest) -> HttpResponse:
    _kind, item = _posted_item(request)
    if not isinstance(request.user, User):
        return redirect_to_login(_next(request, item))
    services.remove_favourite(item, by=request.user)
    return _answer(request, item, is_favourite=False)


def _posted_item(request: HttpRequest) -> tuple[str, Item]:
    """Raises Http404 for what is not public."""
    for kind in MODELS:
        if public_id := request.POST.get(kind, ""):
            item = item_of(kind, public_id)
            if item is not None:
                return kind, item
    raise Http404


def _next(request: HttpRequest, item: Item) -> str:
    """The page the form was on, at the item."""
    path = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(path, allowed_hosts=None) or not path.startswith("/"):
        path = "/"
    return f"{path.partition('#')[0]}#favourite-{item.public_id}"


def _answer(request: HttpRequest, item: Item, *, is_favourite: bool, error: str = "") -> HttpResponse:
    if request.headers.get("Accept") == "application/json":
        status = 409 if error else 200
        return JsonResponse({"is_favourite": is_favourite, "error": error}, status=status)
    if error:
        messages.error(request, error)
    else:
        messages.success(request, "已收藏。" if is_favourite else "已取消收藏。")
    return redirect(_next(request, item))
