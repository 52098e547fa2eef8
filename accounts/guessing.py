"""Pages that a code opens without signing in: whoever tries many codes that are none is asked to wait.

A code has 49 bits and cannot be found by trying; this keeps machines from trying. Counted by address and process.
"""

from functools import wraps

from django.core.cache import cache
from django.http import Http404
from django.shortcuts import render

from accounts.audit import client_address

MOST, WITHIN = 20, 600
"""So many wrong codes in so many seconds."""


def against_guessing(view):
    """For a view that raises Http404 for an unknown code. An address with too many of them gets the 429 page."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        key = f"wrong-codes-{client_address(request)}"
        if cache.get(key, 0) >= MOST:
            response = render(request, "429.html", status=429)
            response.headers["Retry-After"] = str(WITHIN)
            return response
        try:
            return view(request, *args, **kwargs)
        except Http404:
            if not cache.add(key, 1, WITHIN):
                cache.incr(key)
            raise

    return guarded
