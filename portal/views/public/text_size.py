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
    """Back to the page of the form, which the browser names: no page, error pages included, holds its address."""
    response = redirect(path_on_this_site(_page_of_the_form(request)))
    keep_choice(response, request.POST.get("size", ""))
    return response


def _page_of_the_form(request: HttpRequest) -> str:
    """Path and query of the Referer; empty if it is another site's, or missing."""
    site, page = f"{request.scheme}://{request.get_host()}", request.headers.get("Referer", "")
    return page.removeprefix(site) if page.startswith(f"{site}/") else ""
