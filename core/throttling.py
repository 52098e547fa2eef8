"""Pages that a code opens without signing in: whoever tries many codes that are none is asked to wait.

A code has 49 bits and cannot be found by trying; this keeps machines from trying. Counted by address and process. Only
misses count: a hall full of guests behind one address opens as many true invitations as it likes. While an address
waits, true codes get the same answer as wrong ones, so that waiting tells nothing.
"""

from functools import wraps

from django.core.cache import cache
from django.http import Http404
from django.shortcuts import render

from core.client_address import client_address

MOST, WITHIN = 20, 600
"""So many wrong codes in so many seconds."""


def against_guessing(view):
    """For a view that raises Http404 for an unknown code. An address with too many of them gets the 429 page."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if must_wait(request):
            return too_many(request)
        try:
            return view(request, *args, **kwargs)
        except Http404:
            missed(request)
            raise

    return guarded


def must_wait(request) -> bool:
    return cache.get(_key(request), 0) >= MOST


def missed(request) -> None:
    """Somebody at this address has tried a code that does not exist."""
    key = _key(request)
    if not cache.add(key, 1, WITHIN):
        try:
            cache.incr(key)
        except ValueError:  # it expired between the two
            cache.set(key, 1, WITHIN)


def too_many(request):
    """The answer to an address that has to wait."""
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = str(WITHIN)
    return response


def _key(request) -> str:
    return f"wrong-codes-{client_address(request)}"
