"""What people read instead of an error: 405, and 503 and 507 for a lost database connection, a full disk, and a
document that cannot be rendered."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve

from core.personal_data import mask_identity_numbers
from core.word_templates import WordTemplateError
from portal.unavailable import unavailable
from rounds.papers.pdf import PdfRenderingError

log = logging.getLogger(__name__)

OWN_PAGES = ("/admin/", "/workbench/", "/static/", "/media/")
"""Pages on which people see and correct what is stored."""


class UnavailableMiddleware:
    """Handles views that lose the database or find the disk full; `errors.server_error` handles middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return unavailable(request, exception)


class OnlyPostedMiddleware:
    """405 for a person at an address that only takes forms: a page that leads to the page of the form.

    People come there who reload a refused form, or who sign in again after they have sent one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not request.path.startswith("/api/"):
            text = render_to_string("405.html", {"site": settings.SITE, "page": _page_above(request.path)})
            return HttpResponse(text, status=405, headers={"Allow": response["Allow"]})
        return response


def _page_above(path: str) -> str:
    """The address of the nearest page above: of the record, else of the list."""
    while path.strip("/"):
        path = path.rstrip("/").rpartition("/")[0] + "/"
        try:
            is_page = bool(resolve(path).url_name)  # what answers everything below an address has no name
        except Resolver404:
            continue
        if is_page:
            return path
    return "/"


class DocumentErrorMiddleware:
    """Handles views that cannot render a PDF or a Word file: the page says what the administrator has to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, PdfRenderingError | WordTemplateError):
            return None
        kind = "PDF" if isinstance(exception, PdfRenderingError) else "Word"
        # The error of a template quotes the document; what is wrong with it is in the log already.
        log.error("no %s at %s: %s", kind, request.path, exception if kind == "PDF" else "faulty template")
        context = {"kind": kind, "problem": str(exception)}
        return render(request, "portal/public/document_unavailable.html", context, status=503)


class IdentityNumberMiddleware:
    """Mask identity numbers in public pages and API answers, also those stored before they were refused."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_text = response.get("Content-Type", "").startswith(("text/", "application/json", "application/xml"))
        if is_text and not response.streaming and not request.path.startswith(OWN_PAGES):
            text = response.content.decode(response.charset, "replace")
            masked = mask_identity_numbers(text)
            if masked != text:
                response.content = masked
        return response
