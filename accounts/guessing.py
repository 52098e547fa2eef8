"""Links that work without signing in hold a code. Whoever tries codes that do not exist has to wait.

Only misses count: a hall full of guests behind one address opens as many true invitations as it likes. While an
address waits, true codes get the same answer as wrong ones, so waiting tells nothing.
"""

from django.conf import settings
from django.core.cache import cache
from django.shortcuts import render

from accounts.audit import client_address

WINDOW = 15 * 60
"""Seconds in which misses are counted, and for which an address then waits at most."""


def must_wait(request) -> bool:
    return cache.get(_key(request), 0) >= settings.GUESSES_ALLOWED


def missed(request) -> None:
    """Somebody at this address has tried a code that does not exist."""
    key = _key(request)
    if not cache.add(key, 1, WINDOW):
        try:
            cache.incr(key)
        except ValueError:  # it expired between the two
            cache.set(key, 1, WINDOW)


def too_many(request):
    """The answer to an address that has to wait."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(WINDOW)
    return response


def _key(request) -> str:
    return f"guessed-{client_address(request)}"
