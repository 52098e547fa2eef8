"""The star of lists and detail pages: in the account of a user, in the browser of a visitor."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts.models import User
from core.csrf import accept_same_origin
from core.way_back import path_on_this_site
from favourites.kept_list import MOST, keep_marks, read_marks
from favourites.posted_items import MODELS, item_of
from favourites.public_facts import Item
from favourites.services import favourites as services

FULL = f"没有登录时最多收藏 {MOST} 项。请先在“收藏夹”里移出不再需要的，或登录后收藏。"


@accept_same_origin
@require_POST
def add_favourite(request: HttpRequest) -> HttpResponse:
    kind, item = _posted_item(request)
    if not isinstance(request.user, User):
        marks = [mark for mark in read_marks(request) if mark != (kind, item.public_id)]
        if len(marks) >= MOST:
            return _answer(request, item, is_favourite=False, error=FULL)
        response = _answer(request, item, is_favourite=True)
        keep_marks(response, [(kind, item.public_id), *marks])
        return response
    try:
        services.add_favourite(item, by=request.user)
    except ValidationError as error:
        return _answer(request, item, is_favourite=False, error=error.messages[0])
    return _answer(request, item, is_favourite=True)


@accept_same_origin
@require_POST
def remove_favourite(request: HttpRequest) -> HttpResponse:
    kind, item = _posted_item(request)
    response = _answer(request, item, is_favourite=False)
    if isinstance(request.user, User):
        services.remove_favourite(item, by=request.user)
    else:
        keep_marks(response, [mark for mark in read_marks(request) if mark != (kind, item.public_id)])
    return response


def _posted_item(request: HttpRequest) -> tuple[str, Item]:
    """Raises Http404 for what is not public."""
    for kind in MODELS:
        if public_id := request.POST.get(kind, ""):
            item = item_of(kind, public_id)
            if item is not None:
                return kind, item
    raise Http404


def _answer(request: HttpRequest, item: Item, *, is_favourite: bool, error: str = "") -> HttpResponse:
    if request.headers.get("Accept") == "application/json":
        status = 409 if error else 200
        return JsonResponse({"is_favourite": is_favourite, "error": error}, status=status)
    if error:
        messages.error(request, error)
    elif is_favourite and not isinstance(request.user, User):
        messages.success(request, "已收藏在本浏览器，在页首的“收藏夹”里查看；登录后会移入账号。")
    else:
        messages.success(request, "已收藏。" if is_favourite else "已取消收藏。")
    # Back to the page the form was on, at the item.
    return redirect(f"{path_on_this_site(request.POST.get('next', ''))}#favourite-{item.public_id}")
