"""The response of a public list with facets, as a whole page or as a fragment for htmx."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from core.client_address import client_address
from core.search_results import SearchResults
from core.throttling import exceeds
from portal.search.fields import nearest_fields

MOST_SEARCHES, SEARCH_SECONDS = 900, 60
"""Queries of one address in a minute. A university or a park may share an address; a person types five a minute."""


def limit_searches[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Decorate a list: an address with more than MOST_SEARCHES queries in a minute gets a page that says so."""

    @wraps(view)
    def limited_view(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.GET.get("q") and exceeds("searches", client_address(request) or "", MOST_SEARCHES, SEARCH_SECONDS):
            response = render(request, "portal/public/too_many_searches.html", status=429)
            response.headers["Retry-After"] = str(SEARCH_SECONDS)
            return response
        return view(request, *args, **kwargs)

    return limited_view


def render_results(request: HttpRequest, name: str, results: SearchResults) -> HttpResponse:
    """Render `<name>_list.html`, or for htmx only `<name>_results.html`; history navigation gets the whole page."""
    is_part = request.htmx and not request.htmx.history_restore_request
    template = f"portal/public/{name}_{'results' if is_part else 'list'}.html"
    fields = nearest_fields(results.q, request.user) if results.ranked and not results.total else []
    response = render(request, template, {"results": results, "is_part": bool(is_part), "fields": fields})
    patch_vary_headers(response, ["HX-Request"])
    if is_part:
        response["HX-Push-Url"] = request.path + results.url().removesuffix("?")
    return response
