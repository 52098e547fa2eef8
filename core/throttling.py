"""Throttling by counters in the cache, each with a window that begins with the first count.

`throttle_guessing` is for pages that a code opens without login. A code has 49 random bits, so it cannot be guessed;
the throttle stops clients that try many. Failed attempts are counted by address. Valid codes are not counted, because
many guests may share one address. A throttled address gets 429 for valid and invalid codes alike, so that the response
does not reveal which codes exist.

`throttle_posts` is for forms that anyone may send. `exceeds` counts anything else, such as applications of one firm.
"""

import hashlib
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


def throttle_posts[**P](
    name: str, limit: int, seconds: int
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """Decorate a view: an address that posts more than `limit` times in `seconds` gets the 429 page.

    `name` identifies the counter; views with the same name share it.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @wraps(view)
        def throttled_view(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method == "POST" and exceeds(f"{name}-address", client_address(request) or "", limit, seconds):
                return throttled_response(request, seconds)
            return view(request, *args, **kwargs)

        return throttled_view

    return decorate


def exceeds(name: str, value: str, limit: int, seconds: int) -> bool:
    """Count one event of `value` (an address, a code, a user name). Whether it is one too many in `seconds`.

    The cache key holds a hash, because a value may be personal data or have characters that keys must not have.
    """
    key = f"throttle-{name}-{hashlib.sha256(value.encode()).hexdigest()[:32]}"
    return _increment(key, seconds) > limit


def is_throttled(request: HttpRequest) -> bool:
    return cache.get(_key(request), 0) >= MAX_FAILED_ATTEMPTS


def record_failed_attempt(request: HttpRequest) -> None:
    _increment(_key(request), WINDOW_SECONDS)


def throttled_response(request: HttpRequest, seconds: int = WINDOW_SECONDS) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = str(seconds)
    return response


def _increment(key: str, seconds: int) -> int:
    if cache.add(key, 1, seconds):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # the key expired between `add` and `incr`
        cache.set(key, 1, seconds)
        return 1


def _key(request: HttpRequest) -> str:
    return f"wrong-codes-{client_address(request)}"
