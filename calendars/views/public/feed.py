"""The calendar that a calendar program reads with the secret link, without signing in."""

import hashlib
import logging

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt

from calendars.services.feeds import calendar_of, user_of
from core.throttling import WINDOW_SECONDS, exceeds, is_throttled, record_failed_attempt

MOST_READINGS = 60
"""Readings of one link in WINDOW_SECONDS; programs read about once an hour."""
log = logging.getLogger(__name__)


@csrf_exempt  # it changes nothing; the refusal of a PROPFIND without a token would log the path with the secret
def calendar_feed(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar; 404 for an unknown or ended link, 429 after too many wrong links or readings of one link."""
    if request.method not in {"GET", "HEAD"}:
        return _refused(405)
    if is_throttled(request):
        return _refused(429)
    user = user_of(secret)
    if user is None:
        record_failed_attempt(request)
        return _refused(404)
    if exceeds("calendar-feed", str(user.pk), MOST_READINGS, WINDOW_SECONDS):
        return _refused(429)
    try:
        content = calendar_of(user, address=f"{request.scheme}://{request.get_host()}")
    except Exception:
        if settings.DEBUG:
            raise
        log.exception("calendar of user %s", user.pk)
        return _refused(503)  # an empty calendar would delete the entries in the program
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == etag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
        response.headers["Content-Disposition"] = f'inline; filename="{settings.CITY.key}.ics"'
    response.headers["ETag"] = etag
    return _private(response)


def _refused(status: int) -> HttpResponse:
    response = HttpResponse(status=status)
    if status == 405:
        response.headers["Allow"] = "GET, HEAD"
    if status == 429:
        response.headers["Retry-After"] = str(WINDOW_SECONDS)
    # Django logs the path of a refused request, and the path holds the secret.
    response._has_been_logged = True  # type: ignore[attr-defined]
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, max_age=0, must_revalidate=True)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
