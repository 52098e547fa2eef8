"""The switch 大字版 / 标准字 in head and foot of each page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from core.csrf import accept_same_origin
from core.text_size import keep_choice
from core.way_back import path_on_this_site


@accept_same_origin
@require_POST
def text_size(request: HttpRequest) -> HttpResponse:
    """Posted, so that the address of a page behind a secret link is written to no log."""
    response = redirect(path_on_this_site(request.POST.get("next", "")))
    keep_choice(response, request.POST.get("size", ""))
    return response
