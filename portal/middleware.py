"""503 responses for a lost database connection and for a document that cannot be rendered."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from core.personal_data import mask_identity_numbers
from core.request_ids import current_request_id
from core.word_templates import WordTemplateError
from rounds.papers.pdf import PdfRenderingError

log = logging.getLogger(__name__)

OWN_PAGES = ("/admin/", "/workbench/", "/static/", "/media/")
"""Pages on which people see and correct what is stored."""
CONNECTION_LOST = ("08", "57P")
"""SQLSTATE classes: connection exception, operator intervention (shutdown, crash, cannot connect now)."""


def is_database_lost(error: BaseException | None) -> bool:
    """Whether the error means that there is no connection, unlike a deadlock or a cancelled statement."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "pgcode", None)  # missing if the connection itself failed
    return state is None or state.startswith(CONNECTION_LOST)


def database_lost(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Log the error and return the 503 page, which needs neither database nor session."""
    log.error("database lost at %s %s: %s", request.method, request.path, str(error).strip().partition("\n")[0])
    headers = {"Retry-After": "30", "Cache-Control": "no-store"}
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": "服务暂时不可用",
            "status": 503,
            "detail": "数据库暂时连接不上，请稍后再试。",
            "request_id": current_request_id(),
        }
        return JsonResponse(problem, status=503, headers=headers, content_type="application/problem+json")
    context = {"site": settings.SITE, "request_id": current_request_id()}
    return HttpResponse(render_to_string("503.html", context), status=503, headers=headers)


class DatabaseLostMiddleware:
    """Handles views that lose the database; `errors.server_error` handles middleware that loses it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return database_lost(request, exception) if is_database_lost(exception) else None


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
