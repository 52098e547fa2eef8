"""Pages for what went wrong. Those that may have no database use no context processor."""

import sys

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from portal.middleware import database_lost, is_database_lost


def csrf_failure(request, reason=""):
    """A form whose page is too old, or was opened before signing in or out elsewhere."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request, exception):
    """400. The request may be so wrong (a foreign Host) that no page of ours could be built from it."""
    return HttpResponse(render_to_string("400.html", {"site": settings.SITE}), status=400)


def server_error(request):
    """500; or 503 where the error is a lost database that a middleware met before any view."""
    error = sys.exc_info()[1]
    if is_database_lost(error):
        return database_lost(request, error)
    return HttpResponse(render_to_string("500.html", {"site": settings.SITE}), status=500)
