"""The response of a public list with facets, as a whole page or as a fragment for htmx."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from core.search_results import SearchResults


def render_results(request: HttpRequest, name: str, results: SearchResults) -> HttpResponse:
    """Render `<name>_list.html`, or for htmx only `<name>_results.html`; history navigation gets the whole page."""
    is_part = request.htmx and not request.htmx.history_restore_request
    template = f"portal/public/{name}_{'results' if is_part else 'list'}.html"
    response = render(request, template, {"results": results, "is_part": bool(is_part)})
    patch_vary_headers(response, ["HX-Request"])
    if is_part:
        response["HX-Push-Url"] = request.path + results.url().removesuffix("?")
    return response
