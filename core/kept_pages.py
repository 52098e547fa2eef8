"""Pages that a browser keeps for use without a network: those of staff bound to one sign-in.

The mark is a cookie that scripts can read: a kept page shows nothing unless the browser still has the mark that the
page was made with. Signing out deletes it. It opens nothing at the server.
"""

from datetime import datetime

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

COOKIE = "day_desk"
KEEP_UNTIL = "X-Keep-Until"
"""Seconds since 1970; `static/js/event_day/worker.js` keeps only pages that have it."""


def kept_page_mark(request: HttpRequest) -> str:
    """The same for all pages of one sign-in."""
    return salted_hmac("core.kept_pages", request.session.session_key or "").hexdigest()[:32]


def allow_keeping_by_all(response: HttpResponse, until: datetime | None) -> None:
    """Let any browser keep a page that needs no sign-in until then; None: it may not."""
    if until is not None:
        response[KEEP_UNTIL] = str(int(until.timestamp()))


def allow_keeping(request: HttpRequest, response: HttpResponse, until: datetime | None) -> None:
    """Let the browser keep the page until then, as long as this sign-in lasts; None: it may not."""
    allow_keeping_by_all(response, until)
    if until is None:
        return
    response.set_cookie(COOKIE, kept_page_mark(request), secure=settings.SESSION_COOKIE_SECURE, samesite="Strict")


def forget_kept_pages(response: HttpResponseBase) -> None:
    response.delete_cookie(COOKIE, samesite="Strict")
