"""Protection against requests that another site makes a visitor's browser send.

Public pages are one answer for all visitors and hold no token. Their forms post to views with `accept_same_origin`:
there the browser's own word (Origin) that the request comes from a page of this site is enough. Without it the token is
asked for as everywhere.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware


def accept_same_origin[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Decorate a view to which forms of public pages post."""
    view.accepts_same_origin = True  # type: ignore[attr-defined]
    return view


class SameOriginCsrfMiddleware(CsrfViewMiddleware):
    _origin_verified: Callable[[HttpRequest], bool]
    """Django's comparison of Origin with the host and CSRF_TRUSTED_ORIGINS; the stubs do not know it."""

    def process_view(
        self, request: HttpRequest, callback: Callable, callback_args: tuple, callback_kwargs: dict[str, Any]
    ) -> HttpResponseForbidden | None:
        if (
            getattr(callback, "accepts_same_origin", False)
            and "Origin" in request.headers
            and self._origin_verified(request)
        ):
            return None
        return super().process_view(request, callback, callback_args, callback_kwargs)
