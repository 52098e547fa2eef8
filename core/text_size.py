"""大字版: all pages in larger letters. The browser keeps the choice in a cookie; no account, no script, no row."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "text_size"
LARGE = "large"
SECONDS = 365 * 24 * 60 * 60


def is_large(request: HttpRequest) -> bool:
    return request.COOKIES.get(COOKIE) == LARGE


def keep_choice(response: HttpResponse, size: str) -> None:
    """Remember `size`; anything but LARGE is the usual size, for which no cookie is needed."""
    if size != LARGE:
        response.delete_cookie(COOKIE, samesite="Lax")
        return
    response.set_cookie(
        COOKIE, LARGE, max_age=SECONDS, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )
