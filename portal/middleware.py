"""When the database is gone, say so: a plain 503 page that needs neither database nor session. When a PDF cannot be
set, say what is missing."""

import logging

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from rounds.papers.pdf import PdfRenderingError

log = logging.getLogger(__name__)

LOST = ("08", "57P")
"""SQLSTATE classes: connection exception, operator intervention (shutdown, crash, cannot connect now)."""


def is_database_lost(error: BaseException | None) -> bool:
    """Whether an error means that no connection can be had. A deadlock or a cancelled statement does not."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "pgcode", None)  # the driver has none when the connection itself failed
    return state is None or state.startswith(LOST)


def database_lost(request, error: BaseException) -> HttpResponse:
    """The 503 page, and one line in the log."""
    log.error("database lost at %s %s: %s", request.method, request.path, str(error).strip().partition("\n")[0])
    headers = {"Retry-After": "30", "Cache-Control": "no-store"}
    if request.path.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": "服务暂时不可用",
            "status": 503,
            "detail": "数据库暂时连接不上，请稍后再试。",
        }
        return JsonResponse(problem, status=503, headers=headers, content_type="application/problem+json")
    return HttpResponse(render_to_string("503.html", {"site": settings.SITE}), status=503, headers=headers)


class DatabaseLostMiddleware:
    """Answers for views; `portal.views.public.errors.server_error` answers for middleware that could not read the database."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        return database_lost(request, exception) if is_database_lost(exception) else None


class PdfErrorMiddleware:
    """Answers for every door that hands out a PDF: the words say what the administrator installs."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, PdfRenderingError):
            return None
        log.error("no PDF at %s: %s", request.path, exception)
        return render(request, "portal/public/pdf_unavailable.html", {"problem": str(exception)}, status=503)
