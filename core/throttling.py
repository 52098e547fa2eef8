"""Throttling of pages that a code opens without login.

A code has 49 random bits, so it cannot be guessed; the throttle stops clients that try many. Failed attempts are
counted by address and process. Valid codes are not counted, because many guests may share one address. A throttled
address gets 429 for valid and invalid codes alike, so that the response does not reveal which codes exist.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from core.client_address import client_address

MAX_FAILED_ATTEMPTS, WINDOW_SECONDS = 20, 600


def throttle_guessing[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Decorate a view that raises Http404 for an unknown code: an address with too many of them gets the 429 page."""

    @wraps(view)
    def throttled_view(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if is_throttled(request):
            return throttled_response(request)
        try:
            return view(request, *args, **kwargs)
        except Http404:
            record_failed_attempt(request)
            raise

    return throttled_view


def is_throttled(request: HttpRequest) -> bool:
    return cache.get(_key(request), 0) >= MAX_FAILED_ATTEMPTS


def record_failed_attempt(request: HttpRequest) -> None:
    key = _key(request)
    if not cache.add(key, 1, WINDOW_SECONDS):
        try:
            cache.incr(key)
        except ValueError:  # the key expired between `add` and `incr`
            cache.set(key, 1, WINDOW_SECONDS)


def throttled_response(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = str(WINDOW_SECONDS)
    return response


def _key(request: HttpRequest) -> str:
    return f"wrong-codes-{client_address(request)}"
