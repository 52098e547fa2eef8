"""Answers anonymous visitors of public pages with copies, and says of all other pages that nobody may keep them."""

import logging
import math
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import Error as DatabaseFailure
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers

from core.facets import counts_end
from core.text_size import is_large
from portal.public_copies.changes import is_current, read_snapshot
from portal.public_copies.copies import COPIES, PublicCopy
from portal.public_copies.reading import ReadTables, observe
from portal.public_copies.registry import PUBLIC_PAGES

log = logging.getLogger(__name__)
LONGEST_ADDRESS = 500
MESSAGES_COOKIE = "messages"
API = "/api/"


class PublicCopiesMiddleware:
    """Below GZip, which leaves compressed copies as they are; above everything that a copy need not do again.

    `request.is_for_everybody` says to the view and the templates that the answer is one for all visitors.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.is_for_everybody, request.copy_snapshot = False, ""
        request.copy_key = key = _key_of(request) if settings.PUBLIC_COPY_SECONDS else None
        if key is None:
            return _with_cache_headers(request, self.get_response(request))
        if copy := _current_copy(key):
            if copy.on_visit and request.method == "GET":
                copy.on_visit(request)
            return copy.answer(request)
        counts_end.set(math.inf)
        with observe() as reads:
            response = _with_cache_headers(request, self.get_response(request))
        return _keep(request, response, key, reads)

    def process_view(self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict[str, Any]) -> None:
        """Known here: which page is asked for. The snapshot is older than everything that the page reads."""
        match = request.resolver_match
        if match and match.url_name in PUBLIC_PAGES and is_anonymous(request):
            request.is_for_everybody = True
            if request.copy_key:
                with suppress(DatabaseFailure):
                    request.copy_snapshot = read_snapshot()


def is_anonymous(request: HttpRequest) -> bool:
    """Whether nothing in the request says who asks. Whoever has a session gets pages of their own."""
    cookies = request.COOKIES
    return (
        request.method in ("GET", "HEAD")
        and settings.SESSION_COOKIE_NAME not in cookies
        and MESSAGES_COOKIE not in cookies
        and "Authorization" not in request.headers
    )


def _key_of(request: HttpRequest) -> tuple | None:
    """What the answer depends on beside rows; None if the answer is for this visitor alone."""
    path = request.get_full_path()
    if not is_anonymous(request) or len(path) > LONGEST_ADDRESS:
        return None
    try:
        host = request.get_host()
    except DisallowedHost:
        return None
    headers = request.headers
    parts = (headers.get("HX-Request"), headers.get("HX-History-Restore-Request"))
    accepted = headers.get("Accept") if path.startswith(API) else None
    day = timezone.localdate()  # what is public may end with the day
    name = connection.settings_dict["NAME"]
    return (name, request.scheme, host, path, is_large(request), parts, accepted, day)


def _current_copy(key: tuple) -> PublicCopy | None:
    copy = COPIES.get(key)
    if copy is None:
        return None
    try:
        if is_current(copy.since.snapshot, copy.since.tables):
            return copy
    except DatabaseFailure:  # the page may need no rows; else its view answers for the same error
        log.warning("copies of public pages cannot be checked")
        return None
    COPIES.remove(key)
    return None


def _keep(request: HttpRequest, response: HttpResponseBase, key: tuple, reads: ReadTables) -> HttpResponseBase:
    is_page = request.method == "GET" and isinstance(response, HttpResponse) and response.status_code == 200
    if not is_page or response.cookies or response.has_header("Content-Encoding"):
        return response
    since = reads.since(request.copy_snapshot)
    if since is None:
        return response
    ends_at = min(time.monotonic() + settings.PUBLIC_COPY_SECONDS, counts_end.get())
    copy = PublicCopy.of(response, since, ends_at=ends_at)
    COPIES.keep(key, copy, most_bytes=settings.PUBLIC_COPY_MEGABYTES * 1024 * 1024)
    return copy.answer(request)


def _with_cache_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Public pages may be kept and asked for again; no cache keeps any other page, unless its view allows it."""
    if request.is_for_everybody and response.status_code == 200 and not response.cookies:
        patch_vary_headers(response, ("Cookie",))
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, public=True, max_age=settings.PUBLIC_MAX_AGE, must_revalidate=True)
    elif not response.has_header("Cache-Control"):
        response.headers["Cache-Control"] = "private, no-store"
    return response
