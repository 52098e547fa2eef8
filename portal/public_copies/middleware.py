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
from portal.public_copies.registry import DAY_PAGES, PUBLIC_PAGES
from portal.public_copies.shared import SHARED
from portfolio.services.view_counts import count_anonymous_view

log = logging.getLogger(__name__)
LONGEST_ADDRESS = 500
MEGABYTE = 1024 * 1024
MESSAGES_COOKIE = "messages"
API = "/api/"
LONGER = 12
"""So many times longer than others are kept what does not change within the day (`DAY_PAGES`)."""
HIT, SHARED_HIT, MISS, STALE = "hit", "hit; detail=shared", "fwd=uri-miss", "fwd=stale"
"""Of a cache in the field Cache-Status."""


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
        copy, status = _current_copy(key)
        if copy:
            if copy.visited and request.method == "GET":
                count_anonymous_view(request, copy.visited)
            return copy.answer(request, cache_status=status)
        counts_end.set(math.inf)
        with observe() as reads:
            response = _with_cache_headers(request, self.get_response(request))
        return _keep(request, response, key, reads, cache_status=status)

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


def _current_copy(key: tuple) -> tuple[PublicCopy | None, str]:
    """The copy of this process, else that of another one; and what to say of it."""
    try:
        own = COPIES.get(key)
        if own and is_current(*own.since):
            return own, HIT
        shared = SHARED.get(key)
        is_other = shared and shared.ends_at > time.monotonic() and not (own and own.since == shared.since)
        if shared and is_other and is_current(*shared.since):
            COPIES.keep(key, shared, most_bytes=settings.PUBLIC_COPY_MEGABYTES * MEGABYTE)
            return shared, SHARED_HIT
    except DatabaseFailure:  # the page may need no rows; else its view answers for the same error
        log.warning("copies of public pages cannot be checked")
        return None, MISS
    if own:
        COPIES.remove(key)
    if shared:
        SHARED.remove(key)
    return None, STALE if own or shared else MISS


def _keep(
    request: HttpRequest, response: HttpResponseBase, key: tuple, reads: ReadTables, *, cache_status: str
) -> HttpResponseBase:
    is_page = request.method == "GET" and isinstance(response, HttpResponse) and response.status_code == 200
    if not is_page or response.cookies or response.has_header("Content-Encoding"):
        return response
    since = reads.since(request.copy_snapshot)
    if not since:
        return response
    is_of_the_day = request.resolver_match.url_name in DAY_PAGES and not reads.asked_for_a_moment
    seconds = settings.PUBLIC_COPY_SECONDS * (LONGER if is_of_the_day else 1)
    copy = PublicCopy.of(response, since, ends_at=min(time.monotonic() + seconds, counts_end.get()))
    COPIES.keep(key, copy, most_bytes=settings.PUBLIC_COPY_MEGABYTES * MEGABYTE)
    SHARED.keep(key, copy, most_bytes=settings.PUBLIC_COPY_SHARED_MEGABYTES * MEGABYTE)
    return copy.answer(request, cache_status=f"{cache_status}; stored")


def _with_cache_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Public pages may be kept and asked for again; no cache keeps any other page, unless its view allows it."""
    if request.is_for_everybody and response.status_code == 200 and not response.cookies:
        patch_vary_headers(response, ("Cookie",))
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, public=True, max_age=settings.PUBLIC_MAX_AGE, must_revalidate=True)
    elif not response.has_header("Cache-Control"):
        response.headers["Cache-Control"] = "private, no-store"
    return response
