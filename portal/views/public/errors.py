"""Error pages. The pages for 400, 500 and 503 use no context processor, because there may be no database."""

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.unavailable import unavailable


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that was opened too long ago, or before a login or logout in another window."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400. The request may be invalid in a way (an unknown host) that breaks the usual page layout."""
    return HttpResponse(render_to_string("400.html", {"site": settings.SITE}), status=400)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or what `unavailable` says of an error in a middleware before the view."""
    error = sys.exc_info()[1]
    if error is not None and (response := unavailable(request, error)):
        return response
    return HttpResponse(render_to_string("500.html", {"site": settings.SITE}), status=500)
